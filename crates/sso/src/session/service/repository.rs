//! SQL on `sso_sessions` and `sso_shown`.

use chrono::{DateTime, TimeDelta, Utc};
use elder_access::{DbError, PlatformTx, Row, TenantConn, work::Housekeeping};
use elder_api_types::IdentityProviderId;
use elder_kernel::{Id, Session, SsoSession, TenantId, User};
use sea_orm::Value;
use uuid::Uuid;

use crate::session::{Ended, NewSsoSession};

const KEEP: &str = "
    insert into sso_sessions (tenant_id, id, idp_id, user_id, issuer, subject, idp_session, sealed, created_at)
    values ($1, $2, $3, $4, $5, $6, $7, $8, $9)";
/// What a session rests on; of another provider's nothing is found.
const OF_SESSION: &str = "
    select x.id, x.idp_id, x.sealed from sessions s
    join sso_sessions x on x.tenant_id = s.tenant_id and x.id = s.sso_id
    where s.tenant_id = $1 and s.id = $2 and x.idp_id = coalesce($3, x.idp_id)";
const RENEW: &str = "
    update sso_sessions set sealed = $4 where tenant_id = $1 and id = $2 and sealed = $3";
/// A sign-in of which the provider has told no session of its own is none that it could name: whoever is named ends by it,
/// rather than to stay signed in (SAML Core §3.7.3.1).
const ENDED: &str = "
    select id from sso_sessions
    where tenant_id = $1 and idp_id = $2 and issuer = $3 and subject = coalesce($4, subject)
      and (cardinality($5::text[]) = 0 or idp_session = any($5) or (idp_session is null and subject = $4))
    for update";
const OF_IDENTITY: &str = "
    select id from sso_sessions where tenant_id = $1 and idp_id = $2 and user_id = $3 for update";
const REMOVE: &str = "delete from sso_sessions where tenant_id = $1 and id = any($2)";
const SHOW: &str = "
    insert into sso_shown (tenant_id, idp_id, id_hash, expires_at) values ($1, $2, $3, $4)
    on conflict on constraint sso_shown_pkey do nothing";
/// A logout that a provider was asked for waits among the sign-ins that are there; it belongs to no browser, since a form of the
/// provider's page brings the answer without a cookie.
const AWAIT_ANSWER: &str = "
    insert into sso_requests (tenant_id, id, idp_id, secret_hash, sealed, created_at, expires_at)
    values ($1, $2, $3, '', $4, $5, $6)";
const ANSWERED: &str = "
    update sso_requests set used_at = $4
    where tenant_id = $1 and id = $2 and idp_id = $3 and secret_hash = '' and used_at is null and expires_at > $4
    returning sealed";
/// What no session rests on any more, once a sign-in of several steps cannot be under way; and what cannot be shown again.
const FORGET: &str = "
    with shown as (delete from sso_shown where expires_at <= $1)
    delete from sso_sessions x
    where x.created_at <= $2
      and not exists (
        select from sessions s where s.tenant_id = x.tenant_id and s.sso_id = x.id and s.ended_at is null
          and least(s.idle_expires_at, s.expires_at) > $1)";

/// How long an answer to a logout is waited for.
const LASTS: TimeDelta = TimeDelta::minutes(10);

/// What somebody's session rests on.
pub(super) struct Rest {
    pub(super) id: Id<SsoSession>,
    pub(super) idp: IdentityProviderId,
    pub(super) sealed: Vec<u8>,
}

pub(super) async fn keep(
    conn: &TenantConn,
    tenant: TenantId,
    new: &NewSsoSession<'_>,
    sealed: Vec<u8>,
    now: DateTime<Utc>,
) -> Result<u64, DbError> {
    let values: [Value; 9] = [
        tenant.into(),
        new.id.into(),
        new.meant.idp.into(),
        new.user.into(),
        new.meant.issuer.into(),
        new.meant.subject.into(),
        new.idp_session.map(str::to_owned).into(),
        sealed.into(),
        now.into(),
    ];
    conn.run(KEEP, values).await
}

pub(super) async fn of_session(
    conn: &TenantConn,
    tenant: TenantId,
    session: Id<Session>,
    idp: Option<IdentityProviderId>,
) -> Result<Option<Rest>, DbError> {
    let values: [Value; 3] = [tenant.into(), session.into(), Value::Uuid(idp.map(Id::uuid))];
    let read = |row: Row| {
        Ok(Rest {
            id: Id::from_uuid(row.get("id")?),
            idp: Id::from_uuid(row.get("idp_id")?),
            sealed: row.get("sealed")?,
        })
    };
    conn.raw_row(OF_SESSION, values).await?.map(read).transpose()
}

/// Whether nobody was there before.
pub(super) async fn renew(
    conn: &TenantConn,
    tenant: TenantId,
    rest: &Rest,
    sealed: Vec<u8>,
) -> Result<bool, DbError> {
    let values: [Value; 4] = [tenant.into(), rest.id.into(), rest.sealed.clone().into(), sealed.into()];
    Ok(conn.run(RENEW, values).await? > 0)
}

/// The sign-ins that a provider means, locked.
pub(super) async fn ended(
    conn: &TenantConn,
    tenant: TenantId,
    (idp, issuer): (IdentityProviderId, &str),
    ended: &Ended<'_>,
) -> Result<Vec<Id<SsoSession>>, DbError> {
    let values: [Value; 5] = [
        tenant.into(),
        idp.into(),
        issuer.into(),
        ended.subject.map(str::to_owned).into(),
        ended.idp_sessions.clone().into(),
    ];
    let rows = conn.raw_rows(ENDED, values).await?;
    rows.iter().map(|row| row.get::<Uuid>("id").map(Id::from_uuid)).collect()
}

/// The sign-ins of somebody by a provider, locked.
pub(super) async fn of_identity(
    conn: &TenantConn,
    tenant: TenantId,
    (idp, user): (IdentityProviderId, Id<User>),
) -> Result<Vec<Id<SsoSession>>, DbError> {
    let rows = conn.raw_rows(OF_IDENTITY, [tenant.into(), idp.into(), user.into()]).await?;
    rows.iter().map(|row| row.get::<Uuid>("id").map(Id::from_uuid)).collect()
}

pub(super) async fn remove(
    conn: &TenantConn,
    tenant: TenantId,
    sign_ins: &[Id<SsoSession>],
) -> Result<u64, DbError> {
    let sign_ins: Vec<_> = sign_ins.iter().map(|id| id.uuid()).collect();
    conn.run(REMOVE, [tenant.into(), sign_ins.into()]).await
}

/// Whether it is shown for the first time.
pub(super) async fn show(
    conn: &TenantConn,
    tenant: TenantId,
    (idp, hash): (IdentityProviderId, Vec<u8>),
    until: DateTime<Utc>,
) -> Result<bool, DbError> {
    Ok(conn.run(SHOW, [tenant.into(), idp.into(), hash.into(), until.into()]).await? > 0)
}

pub(super) async fn await_answer(
    conn: &TenantConn,
    tenant: TenantId,
    (id, idp): (Uuid, IdentityProviderId),
    sealed: Vec<u8>,
    now: DateTime<Utc>,
) -> Result<u64, DbError> {
    let values: [Value; 6] =
        [tenant.into(), id.into(), idp.into(), sealed.into(), now.into(), (now + LASTS).into()];
    conn.run(AWAIT_ANSWER, values).await
}

/// What was waited for, which is answered now.
pub(super) async fn answered(
    conn: &TenantConn,
    tenant: TenantId,
    (id, idp): (Uuid, IdentityProviderId),
    now: DateTime<Utc>,
) -> Result<Option<Vec<u8>>, DbError> {
    let row = conn.raw_row(ANSWERED, [tenant.into(), id.into(), idp.into(), now.into()]).await?;
    row.map(|row| row.get("sealed")).transpose()
}

pub(super) async fn forget(
    tx: PlatformTx<Housekeeping>,
    now: DateTime<Utc>,
    before: DateTime<Utc>,
) -> Result<(), DbError> {
    tx.settle(FORGET, [now.into(), before.into()]).await
}

#[cfg(test)]
mod tests;
