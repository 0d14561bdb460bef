//! SQL of attempts.

use chrono::{DateTime, Utc};
use elder_access::{DbError, Row, TenantConn};
use elder_kernel::{Id, Secret, Session, TenantId, User};
use elder_tenancy::settings::TenantSettings;
use sea_orm::Value;

use crate::{
    account::{self, Account, columns},
    attempt::{Attempted, KnownDevice, Tallies, Tally},
    device::DeviceId,
    risk::{Circumstances, Seen},
};

const LOCK: &str = concat!(
    "select ",
    columns!(),
    ", password_hash, password_changed_at, failed_login_attempts, failed_since, failed_in_a_row, locked_until,
        (select t.is_active from tenants t where t.id = portal_users.tenant_id) as tenant_is_active,
        exists (select from mfa_factors f
            where f.tenant_id = $1 and f.user_id = $2 and f.confirmed_at is not null and f.kind = any ($3)) as has_factor,
        array(select v.ip from devices v where v.tenant_id = $1 and v.user_id = $2 and v.ip is not null
            order by v.id desc limit 20) as seen_from,
        array(select v.last_seen_at from devices v where v.tenant_id = $1 and v.user_id = $2 and v.ip is not null
            order by v.id desc limit 20) as seen_at
    from portal_users where tenant_id = $1 and id = $2 for no key update"
);
/// After the lock on the account, as a statement of its own: what others have counted meanwhile is seen by it alone.
const DEVICE: &str = "
    select id, failed_login_attempts, failed_since, failed_in_a_row, locked_until, remembered_until from devices
    where tenant_id = $1 and user_id = $2 and id = $3 and secret_hash = coalesce($4, secret_hash)";
const DEVICE_OF_SESSION: &str = "
    select v.id, v.failed_login_attempts, v.failed_since, v.failed_in_a_row, v.locked_until, v.remembered_until
    from sessions s
    join devices v on v.tenant_id = s.tenant_id and v.id = s.device_id
    where s.tenant_id = $1 and s.user_id = $2 and s.id = $3";
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
    settings: &TenantSettings,
) -> Result<Option<(Account, Attempted)>, DbError> {
    let taken: Vec<_> = settings.mfa.taken().iter().map(|kind| kind.name().to_owned()).collect();
    let values: [Value; 3] = [tenant.into(), user.into(), taken.into()];
    let Some(row) = conn.raw_row(LOCK, values).await? else { return Ok(None) };
    let (account, tally) = (account::read(&row)?, tally(&row)?);
    let circumstances = Circumstances {
        is_known_device: false,
        failures: tally.in_a_row,
        last_login_at: account.last_login_at,
        seen: seen(&row)?,
    };
    let attempted = Attempted {
        password_hash: row.get("password_hash")?,
        password_changed_at: row.get("password_changed_at")?,
        is_active: row.get("is_active")?,
        tenant_is_active: row.get("tenant_is_active")?,
        tallies: Tallies { account: tally, device: None },
        has_factor: row.get("has_factor")?,
        circumstances,
        remembered_until: None,
    };
    Ok(Some((account, attempted)))
}

/// Where the newest devices of the account were. What is no address was no client's.
fn seen(row: &Row) -> Result<Vec<Seen>, DbError> {
    let (from, at) = (row.get::<Vec<&str>>("seen_from")?, row.get::<Vec<DateTime<Utc>>>("seen_at")?);
    let seen = from.into_iter().zip(at);
    Ok(seen.filter_map(|(from, at)| Some(Seen { from: from.parse().ok()?, at })).collect())
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
    conn.raw_row(DEVICE, values).await?.as_ref().map(known).transpose()
}

/// The device with which a session of the account was started.
pub(super) async fn device_of_session(
    conn: &TenantConn,
    tenant: TenantId,
    user: Id<User>,
    session: Id<Session>,
) -> Result<Option<KnownDevice>, DbError> {
    let values: [Value; 3] = [tenant.into(), user.into(), session.into()];
    conn.raw_row(DEVICE_OF_SESSION, values).await?.as_ref().map(known).transpose()
}

fn known(row: &Row) -> Result<KnownDevice, DbError> {
    let id = Id::from_uuid(row.get("id")?);
    Ok(KnownDevice { id, tally: tally(row)?, remembered_until: row.get("remembered_until")? })
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
    conn.run_last(KEEP, values).await
}

pub(super) async fn succeed(
    conn: &TenantConn,
    tenant: TenantId,
    user: Id<User>,
    device: DeviceId,
    now: DateTime<Utc>,
) -> Result<(), DbError> {
    conn.run_last(SUCCEED, [tenant.into(), user.into(), now.into(), device.into()]).await
}

pub(super) async fn note(
    conn: &TenantConn,
    tenant: TenantId,
    user: Id<User>,
    now: DateTime<Utc>,
) -> Result<(), DbError> {
    conn.run_last(NOTE, [tenant.into(), user.into(), now.into()]).await
}

pub(super) async fn rehash(
    conn: &TenantConn,
    tenant: TenantId,
    user: Id<User>,
    hash: &Secret<String>,
) -> Result<(), DbError> {
    conn.run(REHASH, [tenant.into(), user.into(), hash.expose().clone().into()]).await.map(drop)
}
