//! Sessions in the care of a browser: its cookie takes the place of a refresh token, and other sessions come of them.

use chrono::{DateTime, Utc};
use elder_api_types::role::{GlobalRole, Role};
use elder_crypto::{OpaqueToken, Parsed, TokenKind};
use elder_kernel::{Device, Id, Secret, Session, SsoSession, User};
use sea_orm::Value;
use uuid::Uuid;

use super::{INSERT, IssuedTokens, NewSession, RefreshFault, SessionLifetime, issue};
use crate::{TenantTx, authority::flows, database::DbError};

const KEEP: &str = "
    update sessions set refresh_hash = null, previous_refresh_hash = null, browser_hash = $4
    where tenant_id = $1 and id = $2 and refresh_hash = $3 and ended_at is null";

/// The account is locked: whoever deactivates it, or counts its sessions, waits.
const SIGNED: &str = "
    select s.user_id, s.device_id, s.amr, s.auth_time, s.sso_id, u.global_role, u.tenant_role
    from sessions s
    join portal_users u on u.tenant_id = s.tenant_id and u.id = s.user_id
    join tenants t on t.id = s.tenant_id
    where s.tenant_id = $1 and s.id = $2 and s.browser_hash is not null and s.ended_at is null
      and $3 < least(s.expires_at, s.idle_expires_at) and u.is_active and t.is_active
    for update of u";

/// Somebody who is signed in at a browser.
#[derive(Debug, Clone)]
pub struct Signed {
    /// Who.
    pub user: Id<User>,
    /// The role on the platform.
    pub global_role: Option<GlobalRole>,
    device: Option<Id<Device>>,
    tenant_role: Option<Role>,
    amr: Vec<String>,
    auth_time: DateTime<Utc>,
    rests_on: Option<Id<SsoSession>>,
}

/// Gives a session that has just started into the care of a browser: its refresh token is good no more, and what comes
/// back is the value of the browser's cookie, which nobody had before (P-27).
///
/// # Errors
/// [`RefreshFault::Invalid`] if the refresh token is not good, [`RefreshFault::Database`].
pub async fn keep_in_browser(
    tx: &TenantTx<flows::SignIn>,
    refresh: &Parsed,
) -> Result<Secret<String>, RefreshFault> {
    let (cookie, hash) =
        OpaqueToken::mint(TokenKind::BrowserSession, tx.tenant(), refresh.id, &tx.seam().random);
    let values: [Value; 4] = [
        tx.tenant().into(),
        refresh.id.into(),
        refresh.secret_hash.as_bytes().to_vec().into(),
        hash.as_bytes().to_vec().into(),
    ];
    if refresh.kind != TokenKind::RefreshToken || tx.run(KEEP, values).await? == 0 {
        return Err(RefreshFault::Invalid);
    }
    Ok(cookie)
}

/// Who is signed in by a browser's session; none if it has ended. Nobody else changes the account until the end.
///
/// # Errors
/// [`DbError`].
pub async fn in_browser(
    tx: &TenantTx<flows::CodeExchange>,
    session: Id<Session>,
) -> Result<Option<Signed>, DbError> {
    let values: [Value; 3] = [tx.tenant().into(), session.into(), tx.seam().now().into()];
    let Some(row) = tx.raw_row(SIGNED, values).await? else { return Ok(None) };
    Ok(Some(Signed {
        user: Id::from_uuid(row.get("user_id")?),
        device: row.get::<Option<Uuid>>("device_id")?.map(Id::from_uuid),
        global_role: row.get::<Option<&str>>("global_role")?.and_then(GlobalRole::named),
        tenant_role: row.get::<Option<&str>>("tenant_role")?.and_then(Role::named),
        amr: row.get("amr")?,
        auth_time: row.get("auth_time")?,
        rests_on: row.get::<Option<Uuid>>("sso_id")?.map(Id::from_uuid),
    }))
}

/// Starts a session for an application, of somebody who is signed in at a browser. It is as good as that sign-in was:
/// the ways in which they proved who they are, and the time, are that one's.
///
/// # Errors
/// [`RefreshFault::Database`] or [`RefreshFault::Sign`].
pub async fn start_from(
    tx: &TenantTx<flows::CodeExchange>,
    signed: Signed,
    lifetime: SessionLifetime,
) -> Result<IssuedTokens, RefreshFault> {
    let Signed { user, device, global_role, tenant_role, amr, auth_time, rests_on } = signed;
    let new = NewSession { user, device, global_role, tenant_role, amr, lifetime, rests_on };
    let (row, issued) = issue(tx, &new, auth_time)?;
    // What it came of will name it.
    tx.run(INSERT, row).await?;
    Ok(issued)
}
