//! SQL on `scim_role_mappings`.

use elder_access::{DbError, Found, Role, Row, Scope, Source, Stored, TenantConn};
use elder_kernel::{Id, TenantId, collection::Selection, fold};
use sea_orm::Value;
use uuid::Uuid;

use crate::{
    directory::DirectoryId,
    mapping::{MappingSource, RoleMapping, RoleMappingId},
};

macro_rules! columns {
    () => {
        "id, configuration_id, source, value, organization_id, role, role_id, created_at, created_by"
    };
}

const MAPPINGS: Source = Source {
    table: "scim_role_mappings",
    joins: &[],
    columns: columns!(),
    stored: &[("value", Stored::As("value_folded"))],
};

const ALL: &str = concat!(
    "select ",
    columns!(),
    " from scim_role_mappings where tenant_id = $1 and configuration_id = $2 order by id"
);

const LOCK: &str = concat!(
    "select ",
    columns!(),
    " from scim_role_mappings where tenant_id = $1 and configuration_id = $2 and id = $3 for update"
);

const INSERT: &str = "
    insert into scim_role_mappings (tenant_id, configuration_id, id, source, value, value_folded, organization_id, role,
        role_id, created_at, created_by)
    values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)";

const DELETE: &str = "
    delete from scim_role_mappings where tenant_id = $1 and configuration_id = $2 and id = $3";

/// A directory of a tenant.
type Of = (TenantId, DirectoryId);

pub(super) async fn list(
    conn: &TenantConn,
    (tenant, directory): Of,
    selection: &Selection,
) -> Result<Found<RoleMapping>, DbError> {
    let scope = Scope::of("tenant_id = $1 and configuration_id = $2", [tenant.into(), directory.into()]);
    conn.list(&MAPPINGS, &scope, selection, read).await
}

pub(super) async fn all(conn: &TenantConn, (tenant, directory): Of) -> Result<Vec<RoleMapping>, DbError> {
    conn.raw_rows(ALL, [tenant.into(), directory.into()]).await?.iter().map(read).collect()
}

pub(super) async fn lock(
    conn: &TenantConn,
    (tenant, directory): Of,
    id: RoleMappingId,
) -> Result<Option<RoleMapping>, DbError> {
    let row = conn.raw_row(LOCK, [tenant.into(), directory.into(), id.into()]).await?;
    row.as_ref().map(read).transpose()
}

pub(super) async fn insert(
    conn: &TenantConn,
    tenant: TenantId,
    mapping: &RoleMapping,
) -> Result<u64, DbError> {
    let values: [Value; 11] = [
        tenant.into(),
        mapping.directory_id.into(),
        mapping.id.into(),
        mapping.source.name().into(),
        mapping.value.as_str().into(),
        fold(&mapping.value).into(),
        Value::Uuid(mapping.organization_id.map(Id::uuid)),
        mapping.role.map(|role| role.name().to_owned()).into(),
        Value::Uuid(mapping.role_id.map(Id::uuid)),
        mapping.created_at.into(),
        Value::Uuid(mapping.created_by.map(Id::uuid)),
    ];
    conn.run(INSERT, values).await
}

pub(super) async fn delete(
    conn: &TenantConn,
    (tenant, directory): Of,
    id: RoleMappingId,
) -> Result<u64, DbError> {
    conn.run(DELETE, [tenant.into(), directory.into(), id.into()]).await
}

fn read(row: &Row) -> Result<RoleMapping, DbError> {
    Ok(RoleMapping {
        id: Id::from_uuid(row.get("id")?),
        directory_id: Id::from_uuid(row.get("configuration_id")?),
        // The database takes no other word.
        source: MappingSource::named(row.get("source")?).unwrap_or(MappingSource::Group),
        value: row.get("value")?,
        organization_id: row.get::<Option<Uuid>>("organization_id")?.map(Id::from_uuid),
        role: row.get::<Option<&str>>("role")?.and_then(Role::named),
        role_id: row.get::<Option<Uuid>>("role_id")?.map(Id::from_uuid),
        created_at: row.get("created_at")?,
        created_by: row.get::<Option<Uuid>>("created_by")?.map(Id::from_uuid),
    })
}
