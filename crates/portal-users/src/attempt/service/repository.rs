//! SQL of attempts.

use chrono::{DateTime, Utc};
use elder_access::{DbError, TenantConn};
use elder_kernel::{Id, Secret, TenantId, User};
use sea_orm::Value;

use crate::{
    account::{self, Account, columns},
    attempt::{Attempted, Tally},
};

const LOCK: &str = concat!(
    "select ",
    columns!(),
    ", password_hash, password_changed_at, failed_login_attempts, failed_since, failed_in_a_row, locked_until,
        (select t.is_active from tenants t where t.id = portal_users.tenant_id) as tenant_is_active
    from portal_users where tenant_id = $1 and id = $2 for no key update"
);
const KEEP: &str = "
    update portal_users set failed_login_attempts = $3, failed_since = $4, failed_in_a_row = $5, locked_until = $6
    where tenant_id = $1 and id = $2";
const SUCCEED: &str = "
    update portal_users set failed_login_attempts = 0, failed_since = null, failed_in_a_row = 0, locked_until = null,
        last_login_at = $3
    where tenant_id = $1 and id = $2";
const NOTE: &str = "update portal_users set last_login_at = $3 where tenant_id = $1 and id = $2";
const REHASH: &str = "update portal_users set password_hash = $3 where tenant_id = $1 and id = $2";

pub(super) async fn lock(
    conn: &TenantConn,
    tenant: TenantId,
    user: Id<User>,
) -> Result<Option<(Account, Attempted)>, DbError> {
    let Some(row) = conn.raw_row(LOCK, [tenant.into(), user.into()]).await? else { return Ok(None) };
    let tally = Tally {
        recent: row.get("failed_login_attempts")?,
        since: row.get("failed_since")?,
        in_a_row: row.get("failed_in_a_row")?,
        locked_until: row.get("locked_until")?,
    };
    let attempted = Attempted {
        password_hash: row.get("password_hash")?,
        password_changed_at: row.get("password_changed_at")?,
        is_active: row.get("is_active")?,
        tenant_is_active: row.get("tenant_is_active")?,
        tally,
    };
    Ok(Some((account::read(&row)?, attempted)))
}

pub(super) async fn keep(
    conn: &TenantConn,
    tenant: TenantId,
    user: Id<User>,
    tally: &Tally,
) -> Result<(), DbError> {
    let values: [Value; 6] = [
        tenant.into(),
        user.into(),
        tally.recent.into(),
        tally.since.into(),
        tally.in_a_row.into(),
        tally.locked_until.into(),
    ];
    conn.run(KEEP, values).await.map(drop)
}

pub(super) async fn succeed(
    conn: &TenantConn,
    tenant: TenantId,
    user: Id<User>,
    now: DateTime<Utc>,
) -> Result<(), DbError> {
    conn.run(SUCCEED, [tenant.into(), user.into(), now.into()]).await.map(drop)
}

pub(super) async fn note(
    conn: &TenantConn,
    tenant: TenantId,
    user: Id<User>,
    now: DateTime<Utc>,
) -> Result<(), DbError> {
    conn.run(NOTE, [tenant.into(), user.into(), now.into()]).await.map(drop)
}

pub(super) async fn rehash(
    conn: &TenantConn,
    tenant: TenantId,
    user: Id<User>,
    hash: &Secret<String>,
) -> Result<(), DbError> {
    conn.run(REHASH, [tenant.into(), user.into(), hash.expose().clone().into()]).await.map(drop)
}
