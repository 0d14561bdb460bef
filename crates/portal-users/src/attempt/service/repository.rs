//! SQL of attempts.

use chrono::{DateTime, Utc};
use elder_access::{DbError, TenantConn};
use elder_kernel::{Id, Secret, TenantId, User};
use sea_orm::Value;

use crate::account::{Account, columns};

const LOCK: &str = concat!(
    "select ",
    columns!(),
    ", password_hash, failed_login_attempts, failed_since, locked_until,
        (select t.is_active from tenants t where t.id = portal_users.tenant_id) as tenant_is_active
    from portal_users where tenant_id = $1 and id = $2 for no key update"
);
const FAIL: &str = "
    update portal_users set failed_login_attempts = $3, failed_since = $4, locked_until = $5
    where tenant_id = $1 and id = $2";
const SUCCEED: &str = "
    update portal_users set failed_login_attempts = 0, failed_since = null, locked_until = null,
        last_login_at = $3, password_hash = coalesce($4, password_hash)
    where tenant_id = $1 and id = $2";

/// What an attempt is judged by.
pub(super) struct Attempted {
    pub(super) account: Account,
    pub(super) password_hash: Option<String>,
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
        account: Account::read(&row)?,
        password_hash: row.get("password_hash")?,
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
