//! Sessions: started, renewed and ended here, because their tokens are the keys to every other door.

mod browser;
mod ending;
mod impersonation;
mod refresh;
mod step_up;

use std::time::Duration;

use chrono::{DateTime, Utc};
use elder_api_types::role::{GlobalRole, Role};
use elder_crypto::{OpaqueToken, TokenKind};
use elder_kernel::{Coded, Device, ErrorCode, Id, Secret, Session, SsoSession, User};
use sea_orm::Value;

use crate::{
    TenantTx,
    authority::{Authority, Write, flows},
    database::DbError,
    gatekeeper::{Act, Claims, TOKEN_TYPE},
};

pub use browser::{Signed, in_browser, keep_in_browser, start_from};
pub use ending::{EndReason, end, end_of_all, end_of_device, end_of_sign_ins, end_of_tenant, end_of_user};
pub use impersonation::{Impersonates, LentToken, NewImpersonation, impersonate};
pub use refresh::{Presented, presented};
pub use step_up::{RaisedToken, step_up};

/// Whom the tokens are for.
pub(crate) const AUDIENCE: &str = "elder";

/// Flows at whose end a session may start.
pub trait StartsSession: Authority<Mode = Write> {}
impl StartsSession for flows::SignIn {}
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
    /// With which device.
    pub device: Option<Id<Device>>,
    /// The role on the platform, for the token's claims.
    pub global_role: Option<GlobalRole>,
    /// The role in the tenant, for the token's claims.
    pub tenant_role: Option<Role>,
    /// How the user proved who they are (RFC 8176).
    pub amr: Vec<String>,
    /// How long it lasts.
    pub lifetime: SessionLifetime,
    /// The sign-in by an identity provider that it rests on, and ends with.
    pub rests_on: Option<Id<SsoSession>>,
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
        created_at, last_seen_at, idle_expires_at, expires_at, device_id, sso_id)
    values ($1, $2, $3, $4, $5, $6, $12, $7, $8, $5, $5, $9, $10, $11, $13)";

/// Starts a session and issues its tokens. For the policy of second factors alone, which has cleared the sign-in:
/// `cargo xtask arch` sees to it.
///
/// # Errors
/// [`RefreshFault::Database`] or [`RefreshFault::Sign`].
pub async fn start_cleared<A: StartsSession>(
    tx: &TenantTx<A>,
    new: NewSession,
) -> Result<IssuedTokens, RefreshFault> {
    let (row, issued) = issue(tx, &new, tx.seam().now())?;
    tx.run_last(INSERT, row).await?;
    Ok(issued)
}

/// The row of a session of somebody who proved at `auth_time` who they are, and its tokens.
fn issue<A: StartsSession>(
    tx: &TenantTx<A>,
    new: &NewSession,
    auth_time: DateTime<Utc>,
) -> Result<([Value; 13], IssuedTokens), RefreshFault> {
    let now = tx.seam().now();
    let session = tx.seam().id::<Session>();
    let (refresh, hash) =
        OpaqueToken::mint(TokenKind::RefreshToken, tx.tenant(), session.uuid(), &tx.seam().random);
    let expires_at = now + new.lifetime.absolute;
    let row: [Value; 13] = [
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
        Value::Uuid(new.device.map(Id::uuid)),
        auth_time.into(),
        Value::Uuid(new.rests_on.map(Id::uuid)),
    ];
    let (access, expires_in) = sign(tx, session, new, Issue::at(tx, auth_time))?;
    Ok((row, IssuedTokens { session, access, expires_in, refresh }))
}

/// What an access token says beside whose it is.
#[derive(Debug, Clone, Copy)]
struct Issue {
    auth_time: DateTime<Utc>,
    lasts: Duration,
    act: Option<Act>,
}

impl Issue {
    /// A token of the usual kind, of somebody who signed in then.
    fn at<A: Authority>(tx: &TenantTx<A>, auth_time: DateTime<Utc>) -> Self {
        Self { auth_time, lasts: tx.keeper().policy().access_token, act: None }
    }
}

fn sign<A: Authority>(
    tx: &TenantTx<A>,
    session: Id<Session>,
    new: &NewSession,
    Issue { auth_time, lasts, act }: Issue,
) -> Result<(Secret<String>, u64), SigningFault> {
    let keeper = tx.keeper();
    let now = keeper.seam().now();
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
        act,
    };
    let keys = keeper.keys().ok_or(SigningFault::NoKeys)?;
    Ok((Secret::new(keys.sign(TOKEN_TYPE, &claims, now)?), lasts.as_secs()))
}
