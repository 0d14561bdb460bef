//! SQL of attempts.

use chrono::{DateTime, Utc};
use elder_access::{DbError, Row, TenantConn};
use elder_kernel::{Id, Secret, TenantId, User};
use sea_orm::Value;

use crate::{
    account::{self, Account, columns},
    attempt::{Attempted, KnownDevice, Tallies, Tally},
    device::DeviceId,
};

const LOCK: &str = concat!(
    "select ",
    columns!(),
    ", password_hash, password_changed_at, failed_login_attempts, failed_since, failed_in_a_row, locked_until,
        (select t.is_active from tenants t where t.id = portal_users.tenant_id) as tenant_is_active
    from portal_users where tenant_id = $1 and id = $2 for no key update"
);
/// After the lock on the account, as a statement of its own: what others have counted meanwhile is seen by it alone.
const DEVICE: &str = "
    select failed_login_attempts, failed_since, failed_in_a_row, locked_until, remembered_until from devices
    where tenant_id = $1 and user_id = $2 and id = $3 and secret_hash = coalesce($4, secret_hash)";
const KEEP: &str = "
    with device as (
        update devices set failed_login_attempts = $8, failed_since = $9, failed_in_a_row = $10, locked_until = $11
        where tenant_id = $1 and id = $7
    )
    update portal_users set failed_login_attempts = $3, failed_since = $4, failed_in_a_row = $5, locked_until = $6
    where tenant_id = $1 and id = $2";
const SUCCEED: &str = "
    with device as (
        update devices set failed_login_attempts = 0, failed_since = null, failed_in_a_row = 0, locked_until = null
        where tenant_id = $1 and id = $4 and failed_in_a_row > 0
    )
    update portal_users set failed_login_attempts = 0, failed_since = null, failed_in_a_row = 0, last_login_at = $3
    where tenant_id = $1 and id = $2";
const NOTE: &str = "update portal_users set last_login_at = $3 where tenant_id = $1 and id = $2";
const REHASH: &str = "update portal_users set password_hash = $3 where tenant_id = $1 and id = $2";

pub(super) async fn lock(
    conn: &TenantConn,
    tenant: TenantId,
    user: Id<User>,
) -> Result<Option<(Account, Attempted)>, DbError> {
    let Some(row) = conn.raw_row(LOCK, [tenant.into(), user.into()]).await? else { return Ok(None) };
    let attempted = Attempted {
        password_hash: row.get("password_hash")?,
        password_changed_at: row.get("password_changed_at")?,
        is_active: row.get("is_active")?,
        tenant_is_active: row.get("tenant_is_active")?,
        tallies: Tallies { account: tally(&row)?, device: None },
        remembered_until: None,
    };
    Ok(Some((account::read(&row)?, attempted)))
}

/// A device of the account, if its token has this hash; any, if it was known before.
pub(super) async fn device(
    conn: &TenantConn,
    tenant: TenantId,
    user: Id<User>,
    id: DeviceId,
    hash: Option<Vec<u8>>,
) -> Result<Option<KnownDevice>, DbError> {
    let values: [Value; 4] = [tenant.into(), user.into(), id.into(), hash.into()];
    let known = |row: Row| {
        Ok(KnownDevice { id, tally: tally(&row)?, remembered_until: row.get("remembered_until")? })
    };
    conn.raw_row(DEVICE, values).await?.map(known).transpose()
}

fn tally(row: &Row) -> Result<Tally, DbError> {
    Ok(Tally {
        recent: row.get("failed_login_attempts")?,
        since: row.get("failed_since")?,
        in_a_row: row.get("failed_in_a_row")?,
        locked_until: row.get("locked_until")?,
    })
}

pub(super) async fn keep(
    conn: &TenantConn,
    tenant: TenantId,
    user: Id<User>,
    Tallies { account, device }: &Tallies,
) -> Result<(), DbError> {
    let (id, device) = device.unzip();
    let device = device.unwrap_or_default();
    let values: [Value; 11] = [
        tenant.into(),
        user.into(),
        account.recent.into(),
        account.since.into(),
        account.in_a_row.into(),
        account.locked_until.into(),
        Value::Uuid(id.map(Id::uuid)),
        device.recent.into(),
        device.since.into(),
        device.in_a_row.into(),
        device.locked_until.into(),
    ];
    conn.run(KEEP, values).await.map(drop)
}

pub(super) async fn succeed(
    conn: &TenantConn,
    tenant: TenantId,
    user: Id<User>,
    device: DeviceId,
    now: DateTime<Utc>,
) -> Result<(), DbError> {
    conn.run(SUCCEED, [tenant.into(), user.into(), now.into(), device.into()]).await.map(drop)
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
