//! SQL of what a new password is compared with.

use chrono::{DateTime, Utc};
use elder_access::{DbError, TenantConn};
use elder_kernel::{Id, TenantId, User};
use sea_orm::Value;
use uuid::Uuid;

const TENANT_NAME: &str = "select name from tenants where id = $1";
const LAST: &str = "
    (select password_hash from portal_users where tenant_id = $1 and id = $2 and password_hash is not null)
    union all
    (select password_hash from password_history where tenant_id = $1 and user_id = $2
        order by replaced_at desc limit $3)";
const REMEMBER: &str = "
    insert into password_history (tenant_id, id, user_id, password_hash, replaced_at)
    select tenant_id, $3, id, password_hash, $4
    from portal_users where tenant_id = $1 and id = $2 and password_hash is not null";
const FORGET: &str = "
    delete from password_history
    where tenant_id = $1 and id in (
        select id from password_history where tenant_id = $1 and user_id = $2
        order by replaced_at desc offset $3)";

pub(super) async fn tenant_name(conn: &TenantConn, tenant: TenantId) -> Result<String, DbError> {
    let row = conn.raw_row(TENANT_NAME, [tenant.into()]).await?;
    row.map_or_else(|| Ok(String::new()), |row| row.get("name"))
}

/// The hashes of the last passwords of an account, the present one first.
pub(super) async fn last(
    conn: &TenantConn,
    tenant: TenantId,
    user: Id<User>,
    most: u32,
) -> Result<Vec<String>, DbError> {
    let former = i64::from(most.saturating_sub(1));
    let rows = conn.raw_rows(LAST, [tenant.into(), user.into(), former.into()]).await?;
    rows.iter().map(|row| row.get("password_hash")).collect()
}

pub(super) async fn remember(
    conn: &TenantConn,
    tenant: TenantId,
    user: Id<User>,
    id: Uuid,
    now: DateTime<Utc>,
) -> Result<(), DbError> {
    let values: [Value; 4] = [tenant.into(), user.into(), id.into(), now.into()];
    conn.run(REMEMBER, values).await.map(drop)
}

/// Removes all but the newest.
pub(super) async fn forget(
    conn: &TenantConn,
    tenant: TenantId,
    user: Id<User>,
    staying: u32,
) -> Result<(), DbError> {
    conn.run(FORGET, [tenant.into(), user.into(), i64::from(staying).into()]).await.map(drop)
}
