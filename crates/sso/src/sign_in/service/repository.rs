//! SQL of sign-ins that are at a provider.

use chrono::{DateTime, TimeDelta, Utc};
use elder_access::{DbError, PlatformTx, Row, TenantConn, work::Housekeeping};
use elder_api_types::IdentityProviderId;
use elder_crypto::{Parsed, TokenHash};
use elder_kernel::{Id, TenantId};
use sea_orm::Value;
use uuid::Uuid;

const OPEN: &str = "
    insert into sso_requests (tenant_id, id, idp_id, secret_hash, sealed, created_at, expires_at)
    values ($1, $2, $3, $4, $5, $6, $7)";
const WAITING: &str = "
    select r.idp_id, r.sealed, c.name from sso_requests r
    join idp_configurations c on c.tenant_id = r.tenant_id and c.id = r.idp_id
    where r.tenant_id = $1 and r.id = $2 and r.secret_hash = $3 and r.used_at is null and r.expires_at > $4";
/// A sign-in that waits for the answer of a provider, whichever browser it belongs to.
const AWAITING: &str = "
    select sealed from sso_requests
    where tenant_id = $1 and id = $2 and idp_id = $3 and used_at is null and expires_at > $4";
/// Of two answers one comes in.
const COME_IN: &str = "
    update sso_requests set sealed = $5
    where tenant_id = $1 and id = $2 and idp_id = $3 and used_at is null and expires_at > $4 and sealed = $6";
/// Of many who bring the same answer at once, one takes it: the others find it used, or find that another thing is waited
/// for by now.
const TAKE: &str = "
    update sso_requests set used_at = $4
    where tenant_id = $1 and id = $2 and secret_hash = $3 and used_at is null and expires_at > $4 and sealed = $5";
const AWAIT_OWNER: &str = "
    update sso_requests set used_at = null, sealed = $4, expires_at = $5
    where tenant_id = $1 and id = $2 and secret_hash = $3";
/// Whether sign-ins go on as they were begun. The row is written once a minute, so that they do not queue up for it. Whoever
/// changes the provider waits for this transaction, and sees what it has left (`LOCK_OUT`).
const NOTE_SIGN_IN: &str = "
    with good as (
        select id from idp_configurations where tenant_id = $1 and id = $2 and version = $3 and is_active
        for key share
    ), noted as (
        update idp_configurations c set last_login_at = $4, last_error = null from good
        where c.tenant_id = $1 and c.id = good.id
          and (c.last_login_at is null or c.last_login_at < $5 or c.last_error is not null)
    )
    select id from good";
const NOTE_ERROR: &str = "
    update idp_configurations set last_error = $3
    where tenant_id = $1 and id = $2 and last_error is distinct from $3";
const FORGET: &str = "delete from sso_requests where expires_at <= $1";

/// How often a provider's row says that somebody signed in.
const NOTED_EVERY: TimeDelta = TimeDelta::minutes(1);

/// A sign-in that a browser waits for.
pub(super) struct Waiting {
    pub(super) idp: IdentityProviderId,
    /// What people know the provider by.
    pub(super) provider: String,
    pub(super) sealed: Vec<u8>,
}

pub(super) async fn open(
    conn: &TenantConn,
    tenant: TenantId,
    (id, idp): (Uuid, IdentityProviderId),
    hash: &TokenHash,
    sealed: Vec<u8>,
    (now, end): (DateTime<Utc>, DateTime<Utc>),
) -> Result<u64, DbError> {
    let values: [Value; 7] = [
        tenant.into(),
        id.into(),
        idp.into(),
        hash.as_bytes().to_vec().into(),
        sealed.into(),
        now.into(),
        end.into(),
    ];
    conn.run(OPEN, values).await
}

pub(super) async fn waiting(
    conn: &TenantConn,
    tenant: TenantId,
    token: &Parsed,
    now: DateTime<Utc>,
) -> Result<Option<Waiting>, DbError> {
    let read = |row: Row| {
        Ok(Waiting {
            idp: Id::from_uuid(row.get("idp_id")?),
            provider: row.get("name")?,
            sealed: row.get("sealed")?,
        })
    };
    conn.raw_row(WAITING, named(tenant, token, now)).await?.map(read).transpose()
}

/// What a sign-in at a provider waits with.
pub(super) async fn awaiting(
    conn: &TenantConn,
    tenant: TenantId,
    (id, idp): (Uuid, IdentityProviderId),
    now: DateTime<Utc>,
) -> Result<Option<Vec<u8>>, DbError> {
    let row = conn.raw_row(AWAITING, [tenant.into(), id.into(), idp.into(), now.into()]).await?;
    row.map(|row| row.get("sealed")).transpose()
}

/// Whether nobody was there before with an answer to it.
pub(super) async fn come_in(
    conn: &TenantConn,
    tenant: TenantId,
    (id, idp): (Uuid, IdentityProviderId),
    (before, after): (Vec<u8>, Vec<u8>),
    now: DateTime<Utc>,
) -> Result<bool, DbError> {
    let values: [Value; 6] = [tenant.into(), id.into(), idp.into(), now.into(), after.into(), before.into()];
    Ok(conn.run(COME_IN, values).await? > 0)
}

/// Whether what is waited for was not used yet; it is from now on.
pub(super) async fn take(
    conn: &TenantConn,
    tenant: TenantId,
    (token, waiting): (&Parsed, &Waiting),
    now: DateTime<Utc>,
) -> Result<bool, DbError> {
    let values = named(tenant, token, now).into_iter().chain([waiting.sealed.clone().into()]);
    Ok(conn.run(TAKE, values).await? > 0)
}

/// Lets the browser wait for the account's owner from now on.
pub(super) async fn await_owner(
    conn: &TenantConn,
    tenant: TenantId,
    token: &Parsed,
    sealed: Vec<u8>,
    end: DateTime<Utc>,
) -> Result<u64, DbError> {
    let hash = token.secret_hash.as_bytes().to_vec();
    conn.run(AWAIT_OWNER, [tenant.into(), token.id.into(), hash.into(), sealed.into(), end.into()]).await
}

fn named(tenant: TenantId, token: &Parsed, now: DateTime<Utc>) -> [Value; 4] {
    [tenant.into(), token.id.into(), token.secret_hash.as_bytes().to_vec().into(), now.into()]
}

/// Whether the provider is active, and as it was when its answer was judged.
pub(super) async fn note_sign_in(
    conn: &TenantConn,
    tenant: TenantId,
    (idp, version): (IdentityProviderId, i64),
    now: DateTime<Utc>,
) -> Result<bool, DbError> {
    let values: [Value; 5] =
        [tenant.into(), idp.into(), version.into(), now.into(), (now - NOTED_EVERY).into()];
    Ok(conn.raw_row(NOTE_SIGN_IN, values).await?.is_some())
}

pub(super) async fn note_error(
    conn: &TenantConn,
    tenant: TenantId,
    idp: IdentityProviderId,
    reason: &str,
) -> Result<u64, DbError> {
    conn.run(NOTE_ERROR, [tenant.into(), idp.into(), reason.into()]).await
}

pub(super) async fn forget(tx: PlatformTx<Housekeeping>, now: DateTime<Utc>) -> Result<(), DbError> {
    tx.settle(FORGET, [now.into()]).await
}

#[cfg(test)]
mod tests;
