//! Sessions in which somebody acts in another's name (RFC 8693): short, never renewed, bound to the session of who acts.

use std::time::Duration;

use chrono::{DateTime, Utc};
use elder_api_types::name::Name;
use elder_kernel::{Id, Secret, Session, User};
use sea_orm::Value;

use super::{Issue, NewSession, RefreshFault, SessionLifetime, sign};
use crate::{
    TenantTx,
    authority::{Authority, Write},
    gatekeeper::Act,
    permissions::markers,
    principal::Impersonator,
};

/// Rights by which somebody acts in another's name.
pub trait Impersonates: Authority<Mode = Write> {}
impl Impersonates for markers::UsersImpersonate {}
impl Impersonates for markers::PlatformUsersImpersonate {}

/// Acting in somebody's name, about to begin.
#[derive(Debug)]
pub struct NewImpersonation<'a> {
    /// In whose.
    pub user: Id<User>,
    /// Who acts.
    pub by: Impersonator,
    /// What for.
    pub reason: &'a Name<200>,
    /// Where that is written down.
    pub ticket: Option<&'a Name<100>>,
    /// For how long.
    pub lasts: Duration,
}

/// The one token of such a session. It works once the transaction that made it is committed.
#[derive(Debug)]
pub struct LentToken {
    /// The session.
    pub session: Id<Session>,
    /// The access token: a JWT (RFC 9068) with `act` (RFC 8693 §4.1).
    pub access: Secret<String>,
    /// After how many seconds it ends.
    pub expires_in: u64,
    /// When it ends.
    pub ends_at: DateTime<Utc>,
}

const INSERT: &str = "
    insert into sessions (tenant_id, id, user_id, rotated_at, amr, auth_time, ip, user_agent, created_at, last_seen_at,
        idle_expires_at, expires_at, actor_tenant_id, actor_user_id, actor_session_id, actor_reason, actor_ticket)
    values ($1, $2, $3, $4, '{}', $4, $5, $6, $4, $4, $7, $7, $8, $9, $10, $11, $12)";

/// Starts such a session. Who acts has proven themselves to their own; in this one nobody has proven anything (`amr` is
/// empty), so it satisfies no demand for a fresh proof.
///
/// # Errors
/// [`RefreshFault::Database`] or [`RefreshFault::Sign`].
pub async fn impersonate<A: Impersonates>(
    tx: &TenantTx<A>,
    new: NewImpersonation<'_>,
) -> Result<LentToken, RefreshFault> {
    let now = tx.seam().now();
    let session = tx.seam().id::<Session>();
    let ends_at = now + new.lasts;
    let values: [Value; 12] = [
        tx.tenant().into(),
        session.into(),
        new.user.into(),
        now.into(),
        Value::String(tx.meta().ip.map(|ip| ip.to_string())),
        Value::String(tx.meta().user_agent.clone()),
        ends_at.into(),
        new.by.tenant.into(),
        new.by.user.into(),
        new.by.session.into(),
        String::from(new.reason.clone()).into(),
        Value::String(new.ticket.cloned().map(String::from)),
    ];
    tx.run(INSERT, values).await?;
    let (access, expires_in) = sign(tx, session, &claims(&new), issue(&new, now))?;
    Ok(LentToken { session, access, expires_in, ends_at })
}

/// No role is lent, so the token claims none.
fn claims(new: &NewImpersonation<'_>) -> NewSession {
    let lifetime = SessionLifetime { idle: new.lasts, absolute: new.lasts };
    NewSession {
        user: new.user,
        device: None,
        global_role: None,
        tenant_role: None,
        amr: Vec::new(),
        lifetime,
        rests_on: None,
    }
}

fn issue(new: &NewImpersonation<'_>, now: DateTime<Utc>) -> Issue {
    let act = Act { sub: new.by.user, tenant_id: new.by.tenant };
    Issue { auth_time: now, lasts: new.lasts, act: Some(act) }
}
