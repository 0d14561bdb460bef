//! Raises a session: its owner has proven anew who they are.

use std::time::Duration;

use elder_api_types::role::{GlobalRole, Role};
use elder_kernel::{Id, Secret, Session, User};
use sea_orm::Value;

use super::{Issue, NewSession, RefreshFault, SessionLifetime, sign};
use crate::{OwnWrite, TenantTx};

const RAISE: &str = "
    update sessions s set auth_time = $4, amr = array(select distinct unnest(s.amr || $5::text[]) order by 1)
    from portal_users u
    where s.tenant_id = $1 and s.id = $2 and s.user_id = $3 and s.ended_at is null
      and u.tenant_id = s.tenant_id and u.id = s.user_id
    returning s.amr, u.global_role, u.tenant_role";

/// An access token that tells of the newer proof. The refresh token stays as it is.
#[derive(Debug)]
pub struct RaisedToken {
    /// The access token.
    pub access: Secret<String>,
    /// After how many seconds it ends.
    pub expires_in: u64,
}

/// Writes down that the owner of a session has just given these further proofs (RFC 8176).
///
/// # Errors
/// [`RefreshFault::Invalid`] if the session has ended, [`RefreshFault::Database`], [`RefreshFault::Sign`].
pub async fn step_up(
    tx: &TenantTx<OwnWrite>,
    user: Id<User>,
    session: Id<Session>,
    amr: Vec<String>,
) -> Result<RaisedToken, RefreshFault> {
    let now = tx.seam().now();
    let values: [Value; 5] = [tx.tenant().into(), session.into(), user.into(), now.into(), amr.into()];
    let row = tx.raw_row(RAISE, values).await?.ok_or(RefreshFault::Invalid)?;
    let raised = NewSession {
        user,
        device: None,
        global_role: row.get::<Option<&str>>("global_role")?.and_then(GlobalRole::named),
        tenant_role: row.get::<Option<&str>>("tenant_role")?.and_then(Role::named),
        amr: row.get("amr")?,
        lifetime: SessionLifetime { idle: Duration::ZERO, absolute: Duration::ZERO },
        rests_on: None,
    };
    let (access, expires_in) = sign(tx, session, &raised, Issue::at(tx, now))?;
    Ok(RaisedToken { access, expires_in })
}
