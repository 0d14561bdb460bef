//! The SQL of custom roles.

use elder_access::{DbError, Row, TenantConn};
use elder_kernel::{TenantId, fold};
use sea_orm::Value;
use uuid::Uuid;

use crate::role::{RoleDefinition, RoleId, RoleTier};

const ALL: &str = "select * from roles where tenant_id = $1 order by id";
const FIND: &str = "select * from roles where tenant_id = $1 and id = $2";
const LOCK: &str = "select * from roles where tenant_id = $1 and id = $2 for update";
const AMONG: &str = "select * from roles where tenant_id = $1 and id = any($2) and tier = $3";
const INSERT: &str = "
    insert into roles (tenant_id, id, name, name_folded, description, tier, permissions, created_at, updated_at,
        requires_mfa)
    values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)";
const UPDATE: &str = "
    update roles set name = $3, name_folded = $4, description = $5, permissions = $6, updated_at = $7,
        requires_mfa = $8, version = version + 1
    where tenant_id = $1 and id = $2";
const DELETE: &str = "delete from roles where tenant_id = $1 and id = $2";
const USES: &str = "
    select (select count(*) from portal_user_roles where tenant_id = $1 and role_id = $2)
         + (select count(*) from portal_user_org_assignments where tenant_id = $1 and role_id = $2)
         + (select count(*) from scim_role_mappings where tenant_id = $1 and role_id = $2) as uses";

fn definition(row: &Row) -> Result<RoleDefinition, DbError> {
    Ok(RoleDefinition {
        id: Some(RoleId::from_uuid(row.get("id")?)),
        built_in: false,
        tier: RoleTier::named(row.get("tier")?),
        name: row.get("name")?,
        description: row.get("description")?,
        permissions: row.get("permissions")?,
        requires_mfa: row.get("requires_mfa")?,
        created_at: Some(row.get("created_at")?),
        updated_at: Some(row.get("updated_at")?),
    })
}

pub(super) async fn all(conn: &TenantConn, tenant: TenantId) -> Result<Vec<RoleDefinition>, DbError> {
    conn.raw_rows(ALL, [tenant.into()]).await?.iter().map(definition).collect()
}

pub(super) async fn find(
    conn: &TenantConn,
    tenant: TenantId,
    id: RoleId,
) -> Result<Option<RoleDefinition>, DbError> {
    conn.raw_row(FIND, [tenant.into(), id.into()]).await?.as_ref().map(definition).transpose()
}

/// Finds a role and keeps others from changing it and from giving it to anybody.
pub(super) async fn lock(
    conn: &TenantConn,
    tenant: TenantId,
    id: RoleId,
) -> Result<Option<RoleDefinition>, DbError> {
    conn.raw_row(LOCK, [tenant.into(), id.into()]).await?.as_ref().map(definition).transpose()
}

pub(super) async fn among(
    conn: &TenantConn,
    tenant: TenantId,
    ids: &[RoleId],
    tier: RoleTier,
) -> Result<Vec<RoleDefinition>, DbError> {
    let ids: Vec<Uuid> = ids.iter().map(|id| id.uuid()).collect();
    let rows = conn.raw_rows(AMONG, [tenant.into(), ids.into(), tier.name().into()]).await?;
    rows.iter().map(definition).collect()
}

pub(super) async fn insert(
    conn: &TenantConn,
    tenant: TenantId,
    id: RoleId,
    new: &RoleDefinition,
) -> Result<(), DbError> {
    let values: [Value; 10] = [
        tenant.into(),
        id.into(),
        new.name.clone().into(),
        fold(&new.name).into(),
        new.description.clone().into(),
        new.tier.name().into(),
        new.permissions.clone().into(),
        new.created_at.into(),
        new.updated_at.into(),
        new.requires_mfa.into(),
    ];
    conn.run(INSERT, values).await.map(drop)
}

pub(super) async fn update(
    conn: &TenantConn,
    tenant: TenantId,
    id: RoleId,
    new: &RoleDefinition,
) -> Result<(), DbError> {
    let values: [Value; 8] = [
        tenant.into(),
        id.into(),
        new.name.clone().into(),
        fold(&new.name).into(),
        new.description.clone().into(),
        new.permissions.clone().into(),
        new.updated_at.into(),
        new.requires_mfa.into(),
    ];
    conn.run(UPDATE, values).await.map(drop)
}

pub(super) async fn delete(conn: &TenantConn, tenant: TenantId, id: RoleId) -> Result<(), DbError> {
    conn.run(DELETE, [tenant.into(), id.into()]).await.map(drop)
}

/// How often a role is given.
pub(super) async fn uses(conn: &TenantConn, tenant: TenantId, id: RoleId) -> Result<i64, DbError> {
    let row = conn.raw_row(USES, [tenant.into(), id.into()]).await?;
    row.map_or(Ok(0), |row| row.get("uses"))
}
