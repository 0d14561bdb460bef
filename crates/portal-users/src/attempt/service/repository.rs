//! SQL of attempts.

use chrono::{DateTime, Utc};
use elder_access::{DbError, TenantConn};
use elder_kernel::{Id, Secret, TenantId, User};
use sea_orm::Value;

const LOCK: &str = "
    select u.password_hash, u.is_active, t.is_active as tenant_is_active, u.failed_login_attempts, u.failed_since,
           u.locked_until
    from portal_users u join tenants t on t.id = u.tenant_id
    where u.tenant_id = $1 and u.id = $2
    for no key update of u";
const FAIL: &str = "
    update portal_users set failed_login_attempts = $3, failed_since = $4, locked_until = $5
    where tenant_id = $1 and id = $2";
const SUCCEED: &str = "
    update portal_users set failed_login_attempts = 0, failed_since = null, locked_until = null,
        last_login_at = $3, password_hash = coalesce($4, password_hash)
    where tenant_id = $1 and id = $2";

/// What an attempt is judged by.
pub(super) struct Attempted {
    pub(super) password_hash: Option<String>,
    pub(super) is_active: bool,
    pub(super) tenant_is_active: bool,
    pub(super) failures: i32,
    pub(super) failed_since: Option<DateTime<Utc>>,
    pub(super) locked_until: Option<DateTime<Utc>>,
}

pub(super) async fn lock(
    conn: &TenantConn,
    tenant: TenantId,
    user: Id<User>,
) -> Result<Option<Attempted>, DbError> {
    let Some(row) = conn.raw_row(LOCK, [tenant.into(), user.into()]).await? else { return Ok(None) };
    Ok(Some(Attempted {
        password_hash: row.get("password_hash")?,
        is_active: row.get("is_active")?,
        tenant_is_active: row.get("tenant_is_active")?,
        failures: row.get("failed_login_attempts")?,
        failed_since: row.get("failed_since")?,
        locked_until: row.get("locked_until")?,
    }))
}

pub(super) async fn fail(
    conn: &TenantConn,
    tenant: TenantId,
    user: Id<User>,
    failures: i32,
    since: Option<DateTime<Utc>>,
    locked_until: Option<DateTime<Utc>>,
) -> Result<(), DbError> {
    let values: [Value; 5] = [tenant.into(), user.into(), failures.into(), since.into(), locked_until.into()];
    conn.run(FAIL, values).await.map(drop)
}

pub(super) async fn succeed(
    conn: &TenantConn,
    tenant: TenantId,
    user: Id<User>,
    now: DateTime<Utc>,
    rehash: Option<&Secret<String>>,
) -> Result<(), DbError> {
    let rehash = rehash.map(|hash| hash.expose().clone());
    conn.run(SUCCEED, [tenant.into(), user.into(), now.into(), rehash.into()]).await.map(drop)
}
