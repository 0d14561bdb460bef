//! The SQL of grants.

use elder_access::{DbError, GlobalRole, Role as BuiltIn, Row, TenantConn};
use elder_kernel::TenantId;
use sea_orm::Value;
use uuid::Uuid;

use super::{Post, Stamp, Standing};
use crate::{
    grant::{Grants, UserId},
    role::RoleId,
};

const FIND: &str = "
    select id, is_active, global_role, tenant_role,
        (select coalesce(array_agg(role_id order by role_id), '{}') from portal_user_roles
         where tenant_id = $1 and user_id = $2) as roles
    from portal_users where tenant_id = $1 and id = $2";
const LOCK: &str = "
    select id from portal_users where tenant_id = $1 and id = $2 for update";
const LOCK_ADMINS: &str = "select pg_advisory_xact_lock(hashtext('elder.admins'), $1)";
const OTHER_TENANT_ADMIN: &str = "
    select exists (select from portal_users
        where tenant_id = $1 and id <> $2 and tenant_role = 'admin' and is_active) as is_there";
const OTHER_GLOBAL_ADMIN: &str = "
    select exists (select from portal_users
        where tenant_id = $1 and id <> $2 and global_role = 'admin' and is_active) as is_there";
const SET_TENANT_ROLE: &str = "
    update portal_users set tenant_role = $3, updated_at = $4, updated_by = $5, version = version + 1
    where tenant_id = $1 and id = $2";
const SET_GLOBAL_ROLE: &str = "
    update portal_users set global_role = $3, updated_at = $4, updated_by = $5, version = version + 1
    where tenant_id = $1 and id = $2";
const TAKE_ROLES: &str = "
    delete from portal_user_roles where tenant_id = $1 and user_id = $2 and role_id <> all($3)";
const GIVE_ROLES: &str = "
    insert into portal_user_roles (tenant_id, user_id, role_id) select $1, $2, unnest($3)
    on conflict (tenant_id, user_id, role_id) do nothing";

fn standing(row: &Row) -> Result<Standing, DbError> {
    let grants = Grants {
        user_id: UserId::from_uuid(row.get("id")?),
        global_role: row.get::<Option<&str>>("global_role")?.and_then(GlobalRole::named),
        tenant_role: row.get::<Option<&str>>("tenant_role")?.and_then(BuiltIn::named),
        roles: row.get::<Vec<Uuid>>("roles")?.into_iter().map(RoleId::from_uuid).collect(),
    };
    Ok(Standing { is_active: row.get("is_active")?, grants })
}

pub(super) async fn find(
    conn: &TenantConn,
    tenant: TenantId,
    user: UserId,
) -> Result<Option<Standing>, DbError> {
    conn.raw_row(FIND, [tenant.into(), user.into()]).await?.as_ref().map(standing).transpose()
}

/// Finds a user's roles and keeps others from changing the user until the end.
pub(super) async fn lock(
    conn: &TenantConn,
    tenant: TenantId,
    user: UserId,
) -> Result<Option<Standing>, DbError> {
    // Two statements: a sub-select beside `for update` would still see what was there before the wait.
    match conn.raw_row(LOCK, [tenant.into(), user.into()]).await? {
        Some(_) => find(conn, tenant, user).await,
        None => Ok(None),
    }
}

/// Waits until no other transaction is taking a post from somebody in the tenant.
pub(super) async fn lock_admins(conn: &TenantConn, tenant: TenantId) -> Result<(), DbError> {
    conn.run(LOCK_ADMINS, [tenant.into()]).await.map(drop)
}

/// Whether somebody else who is active has the post.
pub(super) async fn another(
    conn: &TenantConn,
    tenant: TenantId,
    user: UserId,
    post: Post,
) -> Result<bool, DbError> {
    let sql = match post {
        Post::TenantAdmin => OTHER_TENANT_ADMIN,
        Post::GlobalAdmin => OTHER_GLOBAL_ADMIN,
    };
    let row = conn.raw_row(sql, [tenant.into(), user.into()]).await?;
    row.map_or(Ok(false), |row| row.get("is_there"))
}

pub(super) async fn set_tenant_role(
    conn: &TenantConn,
    tenant: TenantId,
    user: UserId,
    role: Option<BuiltIn>,
    stamp: Stamp,
) -> Result<(), DbError> {
    let name = role.map(BuiltIn::name);
    conn.run(SET_TENANT_ROLE, role_values(tenant, user, name, stamp)).await.map(drop)
}

pub(super) async fn set_global_role(
    conn: &TenantConn,
    tenant: TenantId,
    user: UserId,
    role: Option<GlobalRole>,
    stamp: Stamp,
) -> Result<(), DbError> {
    let name = role.map(GlobalRole::name);
    conn.run(SET_GLOBAL_ROLE, role_values(tenant, user, name, stamp)).await.map(drop)
}

fn role_values(tenant: TenantId, user: UserId, role: Option<&'static str>, stamp: Stamp) -> [Value; 5] {
    [tenant.into(), user.into(), role.into(), stamp.at.into(), Value::Uuid(stamp.by.map(UserId::uuid))]
}

/// Leaves the user with these custom roles and no others.
pub(super) async fn replace_roles(
    conn: &TenantConn,
    tenant: TenantId,
    user: UserId,
    roles: &[RoleId],
) -> Result<(), DbError> {
    let roles: Vec<Uuid> = roles.iter().map(|role| role.uuid()).collect();
    let values: [Value; 3] = [tenant.into(), user.into(), roles.into()];
    conn.run(TAKE_ROLES, values.clone()).await?;
    conn.run(GIVE_ROLES, values).await.map(drop)
}
