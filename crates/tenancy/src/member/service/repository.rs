//! The SQL of members.

use elder_access::{DbError, Found, Join, Role as BuiltIn, Row, Scope, Source, Stored, TenantConn};
use elder_kernel::{TenantId, collection::Selection};
use sea_orm::Value;
use uuid::Uuid;

use crate::{
    member::{GivenRole, Member, Seat},
    organization::OrganizationId,
    role::RoleId,
};

const MEMBERS: Source = Source {
    table: "portal_user_org_assignments",
    joins: &[
        Join {
            table: "portal_users",
            on: "portal_users.tenant_id = portal_user_org_assignments.tenant_id
                and portal_users.id = portal_user_org_assignments.user_id",
            is_optional: false,
        },
        Join {
            table: "roles",
            on: "roles.tenant_id = portal_user_org_assignments.tenant_id
                and roles.id = portal_user_org_assignments.role_id",
            is_optional: true,
        },
    ],
    columns: "portal_user_org_assignments.user_id, portal_users.email, portal_users.full_name as name,
        portal_user_org_assignments.role, portal_user_org_assignments.role_id, roles.name as role_name,
        portal_user_org_assignments.created_at",
    stored: &[
        ("user_id", Stored::As("portal_user_org_assignments.user_id")),
        ("email", Stored::As("portal_users.email_folded")),
        ("name", Stored::As("portal_users.full_name_folded")),
        ("role", Stored::As("portal_user_org_assignments.role")),
        ("role_id", Stored::As("portal_user_org_assignments.role_id")),
        ("role_name", Stored::As("roles.name_folded")),
        ("created_at", Stored::As("portal_user_org_assignments.created_at")),
    ],
};
const IN_ORGANIZATION: &str = "portal_user_org_assignments.tenant_id = $1
    and portal_user_org_assignments.organization_id = $2";
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
    selection: &Selection,
) -> Result<Found<Member>, DbError> {
    let scope = Scope::of(IN_ORGANIZATION, [tenant.into(), organization.into()]);
    conn.list(&MEMBERS, &scope, selection, Row::read).await
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
