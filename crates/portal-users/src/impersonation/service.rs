//! Who may act in whose name.

use elder_access::{
    Action, Change, Event, Impersonator, TenantTx,
    session::{self, Impersonates},
};
use elder_kernel::{Id, User};
use elder_mail::SendsMail;
use elder_tenancy::settings;

use super::{Impersonation, NewImpersonation, duration};
use crate::{
    Error,
    account::{self, ReadsAccounts},
    notice,
};

/// Begins to act in a user's name, writes down why, and tells the user if the tenant wants that.
pub(super) async fn impersonate<A: Impersonates + ReadsAccounts + SendsMail>(
    tx: &TenantTx<A>,
    by: Impersonator,
    user: Id<User>,
    new: &NewImpersonation,
) -> Result<Change<Impersonation>, Error> {
    let settings = settings::of(tx).await?;
    if by.tenant != tx.tenant() && !settings.support_access {
        return Err(Error::SupportAccessOff);
    }
    let account = account::service::get(tx, user).await?;
    if by.user == user {
        return Err(Error::OwnName);
    }
    if !account.is_active {
        return Err(Error::Inactive);
    }
    let lent = session::NewImpersonation {
        user,
        by,
        reason: &new.reason,
        ticket: new.ticket.as_ref(),
        lasts: duration(new),
    };
    let lent = session::impersonate(tx, lent).await?;
    let (actor, reason) = (name(tx, by).await?, new.reason.clone().into());
    notice::impersonated(tx, &account, &settings, actor, reason, lent.ends_at).await?;
    let event = Event::on(Action::Impersonated, lent.session)
        .with("user", user)
        .with("impersonator", by.user)
        .with("impersonator_tenant", by.tenant)
        .with("reason", &new.reason)
        .with("ticket", &new.ticket)
        .with("until", lent.ends_at);
    let shown = Impersonation {
        access_token: lent.access.expose().clone(),
        token_type: "Bearer".to_owned(),
        expires_in: lent.expires_in,
        session_id: lent.session,
        user: account,
    };
    Ok((shown, event))
}

/// How the user is told who acts. An operator is named by nothing but their id: the tenant does not know them.
async fn name<A: ReadsAccounts>(tx: &TenantTx<A>, by: Impersonator) -> Result<String, Error> {
    if by.tenant != tx.tenant() {
        return Ok(by.user.to_string());
    }
    let actor = account::service::get(tx, by.user).await?;
    Ok(if actor.full_name.is_empty() { actor.email.typed().to_owned() } else { actor.full_name })
}
