//! The SQL of members.

use elder_access::{DbError, Role as BuiltIn, Row, TenantConn};
use elder_kernel::TenantId;
use sea_orm::Value;
use uuid::Uuid;

use crate::{
    grant::UserId,
    member::{GivenRole, Member, Seat},
    organization::OrganizationId,
    role::RoleId,
};

const LIST: &str = "
    select a.user_id, u.email, u.full_name as name, a.role, a.role_id, r.name as role_name, a.created_at
    from portal_user_org_assignments a
    join portal_users u on u.tenant_id = $1 and u.id = a.user_id
    left join roles r on r.tenant_id = $1 and r.id = a.role_id
    where a.tenant_id = $1 and a.organization_id = $2 and a.user_id > $3
    order by a.user_id limit $4";
const FIND: &str = "
    select a.user_id, u.email, u.full_name as name, a.role, a.role_id, r.name as role_name, a.created_at
    from portal_user_org_assignments a
    join portal_users u on u.tenant_id = $1 and u.id = a.user_id
    left join roles r on r.tenant_id = $1 and r.id = a.role_id
    where a.tenant_id = $1 and a.organization_id = $2 and a.user_id = $3";
const LOCK: &str = "
    select role, role_id from portal_user_org_assignments
    where tenant_id = $1 and organization_id = $2 and user_id = $3 for update";
const ASSIGN: &str = "
    insert into portal_user_org_assignments (tenant_id, organization_id, user_id, role, role_id, created_at)
    values ($1, $2, $3, $4, $5, $6)
    on conflict (tenant_id, user_id, organization_id) do update
        set role = excluded.role, role_id = excluded.role_id, created_at = excluded.created_at";
const REMOVE: &str = "
    delete from portal_user_org_assignments where tenant_id = $1 and organization_id = $2 and user_id = $3";

pub(super) async fn list(
    conn: &TenantConn,
    tenant: TenantId,
    organization: OrganizationId,
    after: Option<UserId>,
    rows: u64,
) -> Result<Vec<Member>, DbError> {
    let after = after.unwrap_or(UserId::from_uuid(Uuid::nil()));
    let values: [Value; 4] = [tenant.into(), organization.into(), after.into(), rows.cast_signed().into()];
    conn.rows(LIST, values).await
}

pub(super) async fn find(conn: &TenantConn, tenant: TenantId, seat: Seat) -> Result<Option<Member>, DbError> {
    conn.row(FIND, [tenant.into(), seat.organization.into(), seat.user.into()]).await
}

/// The role that a user has right there, if any; nobody else changes it until the end.
pub(super) async fn lock(
    conn: &TenantConn,
    tenant: TenantId,
    seat: Seat,
) -> Result<Option<GivenRole>, DbError> {
    let row = conn.raw_row(LOCK, [tenant.into(), seat.organization.into(), seat.user.into()]).await?;
    Ok(row.as_ref().map(given).transpose()?.flatten())
}

fn given(row: &Row) -> Result<Option<GivenRole>, DbError> {
    let role = row.get::<Option<&str>>("role")?.and_then(BuiltIn::named);
    Ok(GivenRole::of(role, row.get::<Option<Uuid>>("role_id")?.map(RoleId::from_uuid)))
}

pub(super) async fn assign(
    conn: &TenantConn,
    tenant: TenantId,
    seat: Seat,
    given: GivenRole,
    now: chrono::DateTime<chrono::Utc>,
) -> Result<(), DbError> {
    let (role, custom) = match given {
        GivenRole::BuiltIn(role) => (Some(role.name()), None),
        GivenRole::Custom(id) => (None, Some(id)),
    };
    let values: [Value; 6] =
        [tenant.into(), seat.organization.into(), seat.user.into(), role.into(), custom.into(), now.into()];
    conn.run(ASSIGN, values).await.map(drop)
}

pub(super) async fn remove(conn: &TenantConn, tenant: TenantId, seat: Seat) -> Result<(), DbError> {
    conn.run(REMOVE, [tenant.into(), seat.organization.into(), seat.user.into()]).await.map(drop)
}
