//! Sessions: started, renewed and ended here, because their tokens are the keys to every other door.

mod browser;

use std::time::Duration;

use chrono::{DateTime, Utc};
use elder_api_types::role::{GlobalRole, Role};
use elder_crypto::{OpaqueToken, Parsed, TokenHash, TokenKind};
use elder_kernel::{Coded, ErrorCode, Id, Secret, Session, User};
use sea_orm::Value;

use crate::{
    TenantTx,
    authority::{Authority, Write, flows},
    database::DbError,
    gatekeeper::{Claims, TOKEN_TYPE},
};

pub use browser::{Signed, in_browser, keep_in_browser, start_from};

/// Whom the tokens are for.
pub(crate) const AUDIENCE: &str = "elder";

/// Flows at whose end a session may start.
pub trait StartsSession: Authority<Mode = Write> {}
impl StartsSession for flows::SignIn {}
impl StartsSession for flows::Setup {}
impl StartsSession for flows::CodeExchange {}

/// How long a session lasts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SessionLifetime {
    /// Without a renewal.
    pub idle: Duration,
    /// At the most.
    pub absolute: Duration,
}

/// A session about to start.
#[derive(Debug, Clone)]
pub struct NewSession {
    /// Whose.
    pub user: Id<User>,
    /// The role on the platform, for the token's claims.
    pub global_role: Option<GlobalRole>,
    /// The role in the tenant, for the token's claims.
    pub tenant_role: Option<Role>,
    /// How the user proved who they are (RFC 8176).
    pub amr: Vec<String>,
    /// How long it lasts.
    pub lifetime: SessionLifetime,
}

/// The tokens of a session. They work once the transaction that made them is committed.
#[derive(Debug)]
pub struct IssuedTokens {
    /// The session.
    pub session: Id<Session>,
    /// The access token: a JWT (RFC 9068).
    pub access: Secret<String>,
    /// After how many seconds it ends.
    pub expires_in: u64,
    /// The refresh token, good once.
    pub refresh: Secret<String>,
}

/// Why a session ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum EndReason {
    /// The user signed out.
    SignedOut,
    /// The user or an admin ended it.
    Revoked,
    /// The account or the tenant was deactivated, or the password changed.
    AccountChanged,
    /// A refresh token was used twice.
    RefreshReused,
    /// The code that it came of was used twice.
    CodeReused,
    /// There were more sessions than the tenant allows.
    TooMany,
}

impl EndReason {
    /// The name in the database.
    pub const fn name(self) -> &'static str {
        match self {
            Self::SignedOut => "signed_out",
            Self::Revoked => "revoked",
            Self::AccountChanged => "account_changed",
            Self::RefreshReused => "refresh_reused",
            Self::CodeReused => "code_reused",
            Self::TooMany => "too_many",
        }
    }
}

/// Why a refresh token gave no new tokens. One answer for all.
#[derive(Debug, thiserror::Error)]
pub enum RefreshFault {
    /// Unknown, ended, or its account is not active.
    #[error("the refresh token is not valid: sign in again")]
    Invalid,
    /// Used before: the session is ended, which the caller must commit.
    #[error("the refresh token is not valid: sign in again")]
    Reused(Id<Session>),
    /// The database.
    #[error(transparent)]
    Database(#[from] DbError),
    /// No token could be signed.
    #[error("a token could not be signed")]
    Sign(#[from] SigningFault),
}

/// No token could be signed.
#[derive(Debug, thiserror::Error)]
pub enum SigningFault {
    /// The keys are not loaded yet.
    #[error("the signing keys are not loaded yet")]
    NoKeys,
    /// The key refused.
    #[error(transparent)]
    Key(#[from] elder_crypto::SignError),
}

impl Coded for RefreshFault {
    fn code(&self) -> ErrorCode {
        match self {
            Self::Invalid | Self::Reused(_) => ErrorCode::InvalidRefreshToken,
            Self::Database(error) => error.code(),
            Self::Sign(_) => ErrorCode::Unavailable,
        }
    }
}

const INSERT: &str = "
    insert into sessions (tenant_id, id, user_id, refresh_hash, rotated_at, amr, auth_time, ip, user_agent,
        created_at, last_seen_at, idle_expires_at, expires_at)
    values ($1, $2, $3, $4, $5, $6, $11, $7, $8, $5, $5, $9, $10)";

const LOCK: &str = "
    select s.user_id, s.refresh_hash, s.previous_refresh_hash, s.rotated_at, s.amr, s.auth_time,
           s.expires_at, s.idle_expires_at, s.ended_at, u.is_active and t.is_active as is_active,
           u.global_role, u.tenant_role
    from sessions s
    join portal_users u on u.tenant_id = s.tenant_id and u.id = s.user_id
    join tenants t on t.id = s.tenant_id
    where s.tenant_id = $1 and s.id = $2
    for update of s";

const ROTATE: &str = "
    update sessions set refresh_hash = $3, previous_refresh_hash = $4, rotated_at = $5, last_seen_at = $5,
        generation = generation + 1, idle_expires_at = least($6, expires_at), ip = $7, user_agent = $8
    where tenant_id = $1 and id = $2";

const END_ONE: &str = "
    update sessions set ended_at = $3, end_reason = $4 where tenant_id = $1 and id = $2 and ended_at is null";
const END_OF_USER: &str = "
    update sessions set ended_at = $3, end_reason = $4
    where tenant_id = $1 and user_id = $2 and ended_at is null and id is distinct from $5";
const END_OF_TENANT: &str = "
    update sessions set ended_at = $2, end_reason = $3 where tenant_id = $1 and ended_at is null";

/// Starts a session and issues its tokens.
///
/// # Errors
/// [`RefreshFault::Database`] or [`RefreshFault::Sign`].
pub async fn start<A: StartsSession>(
    tx: &TenantTx<A>,
    new: NewSession,
) -> Result<IssuedTokens, RefreshFault> {
    insert(tx, new, tx.seam().now()).await
}

/// Starts a session of somebody who proved at `auth_time` who they are.
async fn insert<A: StartsSession>(
    tx: &TenantTx<A>,
    new: NewSession,
    auth_time: DateTime<Utc>,
) -> Result<IssuedTokens, RefreshFault> {
    let now = tx.seam().now();
    let session = tx.seam().id::<Session>();
    let (refresh, hash) =
        OpaqueToken::mint(TokenKind::RefreshToken, tx.tenant(), session.uuid(), &tx.seam().random);
    let expires_at = now + new.lifetime.absolute;
    let values: [Value; 11] = [
        tx.tenant().into(),
        session.into(),
        new.user.into(),
        hash.as_bytes().to_vec().into(),
        now.into(),
        new.amr.clone().into(),
        Value::String(tx.meta().ip.map(|ip| ip.to_string())),
        Value::String(tx.meta().user_agent.clone()),
        (now + new.lifetime.idle).min(expires_at).into(),
        expires_at.into(),
        auth_time.into(),
    ];
    tx.run(INSERT, values).await?;
    let (access, expires_in) = sign(tx, session, &new, auth_time)?;
    Ok(IssuedTokens { session, access, expires_in, refresh })
}

/// Exchanges a refresh token for new tokens and extends the session's idle time. The token that was just used
/// may be sent again for a short while, because an answer can get lost; any other old one ends the session.
///
/// # Errors
/// [`RefreshFault`]. After [`RefreshFault::Reused`] the caller commits, because the session was ended.
pub async fn renew(
    tx: &TenantTx<flows::Refresh>,
    token: &Parsed,
    idle: Duration,
) -> Result<(IssuedTokens, Id<User>), RefreshFault> {
    let session = Id::from_uuid(token.id);
    let now = tx.seam().now();
    let row = tx.raw_row(LOCK, [tx.tenant().into(), session.into()]).await?.ok_or(RefreshFault::Invalid)?;
    let stored = Stored::read(&row)?;
    if !stored.is_live(now) {
        return Err(RefreshFault::Invalid);
    }
    if !stored.takes(&token.secret_hash, now, tx.keeper().policy().refresh_retry) {
        end(tx, session, EndReason::RefreshReused).await?;
        return Err(RefreshFault::Reused(session));
    }
    let (refresh, hash) =
        OpaqueToken::mint(TokenKind::RefreshToken, tx.tenant(), session.uuid(), &tx.seam().random);
    let values: [Value; 8] = [
        tx.tenant().into(),
        session.into(),
        hash.as_bytes().to_vec().into(),
        token.secret_hash.as_bytes().to_vec().into(),
        now.into(),
        (now + idle).into(),
        Value::String(tx.meta().ip.map(|ip| ip.to_string())),
        Value::String(tx.meta().user_agent.clone()),
    ];
    tx.run(ROTATE, values).await?;
    let new = stored.claims();
    let (access, expires_in) = sign(tx, session, &new, stored.auth_time)?;
    Ok((IssuedTokens { session, access, expires_in, refresh }, new.user))
}

/// Ends one session; false if it had ended before or is none of this tenant's.
///
/// # Errors
/// [`DbError`].
pub async fn end<A: Authority<Mode = Write>>(
    tx: &TenantTx<A>,
    session: Id<Session>,
    reason: EndReason,
) -> Result<bool, DbError> {
    let values: [Value; 4] =
        [tx.tenant().into(), session.into(), tx.seam().now().into(), reason.name().into()];
    Ok(tx.run(END_ONE, values).await? > 0)
}

/// Ends every session of a user but `keep`, and says how many.
///
/// # Errors
/// [`DbError`].
pub async fn end_of_user<A: Authority<Mode = Write>>(
    tx: &TenantTx<A>,
    user: Id<User>,
    keep: Option<Id<Session>>,
    reason: EndReason,
) -> Result<u64, DbError> {
    let keep = Value::Uuid(keep.map(Id::uuid));
    let values: [Value; 5] =
        [tx.tenant().into(), user.into(), tx.seam().now().into(), reason.name().into(), keep];
    tx.run(END_OF_USER, values).await
}

/// Ends every session of the tenant, and says how many.
///
/// # Errors
/// [`DbError`].
pub async fn end_of_tenant<A: Authority<Mode = Write>>(
    tx: &TenantTx<A>,
    reason: EndReason,
) -> Result<u64, DbError> {
    tx.run(END_OF_TENANT, [tx.tenant().into(), tx.seam().now().into(), reason.name().into()]).await
}

/// A session's row, locked.
struct Stored {
    user: Id<User>,
    current: Option<Vec<u8>>,
    previous: Option<Vec<u8>>,
    rotated_at: DateTime<Utc>,
    amr: Vec<String>,
    auth_time: DateTime<Utc>,
    ends: DateTime<Utc>,
    ended: bool,
    active: bool,
    global_role: Option<GlobalRole>,
    tenant_role: Option<Role>,
}

impl Stored {
    fn read(row: &crate::Row) -> Result<Self, DbError> {
        let expires: DateTime<Utc> = row.get("expires_at")?;
        let idle: DateTime<Utc> = row.get("idle_expires_at")?;
        Ok(Self {
            user: Id::from_uuid(row.get("user_id")?),
            current: row.get("refresh_hash")?,
            previous: row.get("previous_refresh_hash")?,
            rotated_at: row.get("rotated_at")?,
            amr: row.get("amr")?,
            auth_time: row.get("auth_time")?,
            ends: expires.min(idle),
            ended: row.get::<Option<DateTime<Utc>>>("ended_at")?.is_some(),
            active: row.get("is_active")?,
            global_role: row.get::<Option<&str>>("global_role")?.and_then(GlobalRole::named),
            tenant_role: row.get::<Option<&str>>("tenant_role")?.and_then(Role::named),
        })
    }

    /// Whether it can be renewed; one in the care of a browser has no refresh token that could have been used.
    fn is_live(&self, now: DateTime<Utc>) -> bool {
        self.active && !self.ended && self.current.is_some() && now < self.ends
    }

    fn takes(&self, hash: &TokenHash, now: DateTime<Utc>, retry: Duration) -> bool {
        let is = |stored: &[u8]| {
            <[u8; 32]>::try_from(stored).is_ok_and(|stored| TokenHash::from_bytes(stored) == *hash)
        };
        let just_used = (now - self.rotated_at).to_std().is_ok_and(|age| age <= retry);
        self.current.as_deref().is_some_and(is) || (just_used && self.previous.as_deref().is_some_and(is))
    }

    fn claims(&self) -> NewSession {
        let lifetime = SessionLifetime { idle: Duration::ZERO, absolute: Duration::ZERO };
        NewSession {
            user: self.user,
            global_role: self.global_role,
            tenant_role: self.tenant_role,
            amr: self.amr.clone(),
            lifetime,
        }
    }
}

fn sign<A: Authority>(
    tx: &TenantTx<A>,
    session: Id<Session>,
    new: &NewSession,
    auth_time: DateTime<Utc>,
) -> Result<(Secret<String>, u64), SigningFault> {
    let keeper = tx.keeper();
    let now = keeper.seam().now();
    let lasts = keeper.policy().access_token;
    let claims = Claims {
        iss: keeper.policy().issuer.clone(),
        aud: AUDIENCE.to_owned(),
        sub: new.user,
        tenant_id: tx.tenant(),
        sid: session,
        jti: keeper.seam().uuid().simple().to_string(),
        iat: now.timestamp(),
        exp: (now + lasts).timestamp(),
        auth_time: auth_time.timestamp(),
        amr: new.amr.clone(),
        global_role: new.global_role,
        tenant_role: new.tenant_role,
    };
    let keys = keeper.keys().ok_or(SigningFault::NoKeys)?;
    Ok((Secret::new(keys.sign(TOKEN_TYPE, &claims)?), lasts.as_secs()))
}
