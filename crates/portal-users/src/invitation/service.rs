//! What may happen to invitations.

mod repository;

use chrono::TimeDelta;
use elder_access::{
    Action, Change, Changes, Event, Found, PermissionSet, Person, TenantTx,
    markers::{InvitationsRead, InvitationsWrite},
};
use elder_http::PublicUrl;
use elder_kernel::{Id, User, collection::Selection};
use elder_mail::{Content, NewMail};
use elder_tenancy::{
    offer::{self, Offer},
    settings::{self, Registration},
};
use serde_json::json;

use super::{Invitation, InvitationId, NewInvitation};
use crate::{
    Error,
    account::{self, Email, ManagesAccounts},
    one_time_token::{self, Draft, Purpose},
};

pub(super) async fn list(
    tx: &TenantTx<InvitationsRead>,
    selection: &Selection,
) -> Result<Found<Invitation>, Error> {
    Ok(repository::list(tx, tx.tenant(), selection).await?)
}

pub(super) async fn get(tx: &TenantTx<InvitationsRead>, id: InvitationId) -> Result<Invitation, Error> {
    repository::find(tx, tx.tenant(), id).await?.ok_or(Error::NotFound)
}

/// Invites somebody.
pub(super) async fn create(
    tx: &TenantTx<InvitationsWrite>,
    public: &PublicUrl,
    new: NewInvitation,
) -> Result<Change<Invitation>, Error> {
    let now = tx.seam().now();
    let invitation = Invitation {
        id: tx.seam().id(),
        email: new.email,
        tenant_role: new.tenant_role,
        roles: new.roles,
        organizations: new.organizations,
        days: new.days,
        invited_by: None,
        expires_at: now,
        accepted_at: None,
        accepted_by: None,
        created_at: now,
        updated_at: now,
    };
    // What the caller may not do comes before what somebody else has.
    let invitation = renewed(tx, invitation).await?;
    account::service::ensure_takes(tx, &invitation.email).await?;
    if account::service::find_by_email(tx, &invitation.email).await?.is_some() {
        return Err(Error::EmailTaken);
    }
    repository::insert(tx, tx.tenant(), &invitation).await.map_err(waiting)?;
    send(tx, public, &invitation).await?;
    let changes = Changes::default()
        .new_personal(&whose(&invitation), "email", &invitation.email)
        .new_field("tenant_role", &invitation.tenant_role)
        .new_field("roles", &invitation.roles)
        .new_field("organizations", &invitation.organizations);
    let event = Event::on(Action::InvitationCreated, invitation.id).changed(changes);
    Ok((invitation, event))
}

/// Sends an invitation again. From now on it is the caller who invites.
pub(super) async fn resend(
    tx: &TenantTx<InvitationsWrite>,
    public: &PublicUrl,
    id: InvitationId,
) -> Result<Change<Invitation>, Error> {
    let before = lock_waiting(tx, id).await?;
    let after = renewed(tx, before.clone()).await?;
    repository::renew(tx, tx.tenant(), &after).await?;
    send(tx, public, &after).await?;
    let changes = Changes::default().field("expires_at", &before.expires_at, &after.expires_at).field(
        "invited_by",
        &before.invited_by,
        &after.invited_by,
    );
    Ok((after, Event::on(Action::InvitationResent, id).changed(changes)))
}

/// Whose address it is: nobody's who has an account.
fn whose(invitation: &Invitation) -> Person {
    Person::at(invitation.email.folded())
}

/// Withdraws an invitation. Its link stays in the mail and leads to nothing.
pub(super) async fn withdraw(tx: &TenantTx<InvitationsWrite>, id: InvitationId) -> Result<Event, Error> {
    let invitation = lock_waiting(tx, id).await?;
    repository::delete(tx, tx.tenant(), id).await?;
    Ok(Event::on(Action::InvitationWithdrawn, id).with_personal(
        whose(&invitation),
        "email",
        &invitation.email,
    ))
}

/// The address that a good link of an invitation is for.
pub(crate) async fn invited<A: ManagesAccounts>(tx: &TenantTx<A>, id: InvitationId) -> Result<Email, Error> {
    let invitation = repository::find(tx, tx.tenant(), id).await?;
    invitation
        .filter(|invitation| invitation.accepted_at.is_none())
        .map(|found| found.email)
        .ok_or(Error::InvalidLink)
}

/// What is offered by an invitation that can be accepted now; it stays locked until the end.
///
/// A person of the tenant who invites must hold now, too, what they offer: who has lost their roles, or is gone, gives
/// nothing to anybody (P-38). What was offered by somebody else was weighed when it was offered.
pub(crate) async fn take<A: ManagesAccounts>(tx: &TenantTx<A>, id: InvitationId) -> Result<Offer, Error> {
    let found = repository::lock(tx, tx.tenant(), id).await?;
    let waits = |found: &Invitation| found.accepted_at.is_none() && tx.seam().now() < found.expires_at;
    let invitation = found.filter(waits).ok_or(Error::InvalidLink)?;
    let offer = super::offer(&invitation);
    let gives = offer::gives(tx, &offer).await.map_err(|error| gone(error, Error::InvalidLink))?;
    if let Some(inviter) = invitation.invited_by {
        let held = account::service::holds_over_tenant(tx, inviter).await?;
        if !may_invite(held) || !gives.within(held) {
            return Err(Error::InvalidLink);
        }
    }
    Ok(offer)
}

/// Notes who came of an invitation.
pub(crate) async fn accepted<A: ManagesAccounts>(
    tx: &TenantTx<A>,
    id: InvitationId,
    user: Id<User>,
) -> Result<(), Error> {
    Ok(repository::accept(tx, tx.tenant(), id, user, tx.seam().now()).await?)
}

async fn lock_waiting(tx: &TenantTx<InvitationsWrite>, id: InvitationId) -> Result<Invitation, Error> {
    let invitation = repository::lock(tx, tx.tenant(), id).await?.ok_or(Error::NotFound)?;
    tx.expect(&invitation)?;
    if invitation.accepted_at.is_some() { Err(Error::InvitationAccepted) } else { Ok(invitation) }
}

/// The invitation as the caller's own from now on: nobody offers what they do not hold over the whole tenant.
async fn renewed(tx: &TenantTx<InvitationsWrite>, invitation: Invitation) -> Result<Invitation, Error> {
    if settings::registration(tx).await? < Registration::Invitation {
        return Err(Error::RegistrationOff);
    }
    let gives = offer::gives(tx, &super::offer(&invitation)).await;
    if !gives.map_err(|error| gone(error, Error::NotFound))?.within(tx.holds()) {
        return Err(Error::ExceedsOwn);
    }
    let now = tx.seam().now();
    let invited_by = repository::person(tx, tx.tenant(), tx.actor().user).await?;
    Ok(Invitation {
        invited_by,
        expires_at: now + TimeDelta::days(invitation.days.into()),
        updated_at: now,
        ..invitation
    })
}

async fn send(
    tx: &TenantTx<InvitationsWrite>,
    public: &PublicUrl,
    invitation: &Invitation,
) -> Result<(), Error> {
    let draft = Draft {
        data: json!({ "invitation": invitation.id }),
        lasts: TimeDelta::days(invitation.days.into()),
        ..Draft::of(Purpose::Invitation, None, &invitation.email)
    };
    let issued = one_time_token::service::issue(tx, &draft, true).await?;
    if !issued.is_good {
        return Err(Error::MailedEnough);
    }
    let inviter = repository::inviter(tx, tx.tenant(), invitation.invited_by).await?;
    let days = u32::try_from(invitation.days).unwrap_or_default();
    let content = Content::Invitation { link: issued.link(public), inviter, days };
    elder_mail::enqueue(tx, &NewMail { to: invitation.email.typed(), locale: None, content: &content })
        .await?;
    Ok(())
}

fn may_invite(held: PermissionSet) -> bool {
    use elder_access::Permission as _;
    held.holds(InvitationsWrite::ROW)
}

/// What an offer that names what is not there any more means here.
fn gone(error: elder_tenancy::grant::Error, here: Error) -> Error {
    match error {
        elder_tenancy::grant::Error::Database(error) => Error::Database(error),
        _ => here,
    }
}

fn waiting(error: elder_access::DbError) -> Error {
    match error.constraint() {
        Some("invitations_waiting_key") => Error::AlreadyInvited,
        _ => Error::Database(error),
    }
}
