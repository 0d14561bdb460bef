//! SQL on `authorization_codes`.

use chrono::{DateTime, Utc};
use elder_access::{DbError, TenantConn};
use elder_crypto::{Parsed, TokenHash};
use elder_kernel::{Id, Session, TenantId, User};
use sea_orm::Value;
use uuid::Uuid;

use crate::application::ApplicationId;

const FORGET: &str = "
    delete from authorization_codes where tenant_id = $1 and browser_session_id = $2 and expires_at < $3";
const INSERT: &str = "
    insert into authorization_codes (tenant_id, id, application_id, browser_session_id, secret_hash, redirect_uri,
        code_challenge, created_at, expires_at)
    values ($1, $2, $3, $4, $5, $6, $7, $8, $9)";
/// Of many who send a code at once, one takes it: the others wait for its row and find it used.
const TAKE: &str = "
    update authorization_codes c set used_at = $4
    from sessions s
    where c.tenant_id = $1 and c.id = $2 and c.secret_hash = $3 and c.used_at is null
      and s.tenant_id = c.tenant_id and s.id = c.browser_session_id
    returning c.application_id, c.browser_session_id, c.redirect_uri, c.code_challenge, c.expires_at, s.user_id";
const USED: &str = "
    select application_id, session_id from authorization_codes
    where tenant_id = $1 and id = $2 and secret_hash = $3 and used_at is not null";
const NOTE_SESSION: &str = "update authorization_codes set session_id = $3 where tenant_id = $1 and id = $2";

/// A code about to be issued.
pub(super) struct Code {
    pub(super) id: Uuid,
    pub(super) application: ApplicationId,
    pub(super) browser: Id<Session>,
    pub(super) hash: TokenHash,
    pub(super) redirect_uri: String,
    pub(super) challenge: String,
    pub(super) expires_at: DateTime<Utc>,
}

/// A code that is used from now on.
pub(super) struct Taken {
    pub(super) application: ApplicationId,
    pub(super) browser: Id<Session>,
    pub(super) user: Id<User>,
    pub(super) redirect_uri: String,
    pub(super) challenge: String,
    pub(super) expires_at: DateTime<Utc>,
}

/// Forgets what a browser's session had long ago.
pub(super) async fn forget(
    conn: &TenantConn,
    tenant: TenantId,
    browser: Id<Session>,
    before: DateTime<Utc>,
) -> Result<u64, DbError> {
    conn.run(FORGET, [tenant.into(), browser.into(), before.into()]).await
}

pub(super) async fn insert(
    conn: &TenantConn,
    tenant: TenantId,
    code: &Code,
    now: DateTime<Utc>,
) -> Result<u64, DbError> {
    let values: [Value; 9] = [
        tenant.into(),
        code.id.into(),
        code.application.into(),
        code.browser.into(),
        code.hash.as_bytes().to_vec().into(),
        code.redirect_uri.as_str().into(),
        code.challenge.as_str().into(),
        now.into(),
        code.expires_at.into(),
    ];
    conn.run(INSERT, values).await
}

pub(super) async fn take(
    conn: &TenantConn,
    tenant: TenantId,
    token: &Parsed,
    now: DateTime<Utc>,
) -> Result<Option<Taken>, DbError> {
    let values = named(tenant, token).into_iter().chain([now.into()]);
    let Some(row) = conn.raw_row(TAKE, values).await? else { return Ok(None) };
    Ok(Some(Taken {
        application: Id::from_uuid(row.get("application_id")?),
        browser: Id::from_uuid(row.get("browser_session_id")?),
        user: Id::from_uuid(row.get("user_id")?),
        redirect_uri: row.get("redirect_uri")?,
        challenge: row.get("code_challenge")?,
        expires_at: row.get("expires_at")?,
    }))
}

/// The application of a code that was used before, and the session that came of it.
pub(super) async fn used(
    conn: &TenantConn,
    tenant: TenantId,
    token: &Parsed,
) -> Result<Option<(ApplicationId, Option<Id<Session>>)>, DbError> {
    let Some(row) = conn.raw_row(USED, named(tenant, token)).await? else { return Ok(None) };
    let session = row.get::<Option<Uuid>>("session_id")?.map(Id::from_uuid);
    Ok(Some((Id::from_uuid(row.get("application_id")?), session)))
}

pub(super) async fn note_session(
    conn: &TenantConn,
    tenant: TenantId,
    token: &Parsed,
    session: Id<Session>,
) -> Result<u64, DbError> {
    conn.run(NOTE_SESSION, [tenant.into(), token.id.into(), session.into()]).await
}

fn named(tenant: TenantId, token: &Parsed) -> [Value; 3] {
    [tenant.into(), token.id.into(), token.secret_hash.as_bytes().to_vec().into()]
}
