//! Finds out where somebody belongs, and makes the account there.

mod repository;

use elder_access::{Action, Change, Event, TenantTx};
use elder_tenancy::{
    domain::DomainName,
    offer::{self, Offer},
    settings,
};

use super::{Domain, InvitationId, Newcomer, Place, Provisions, Situation};
use crate::{
    Error,
    account::{self, Account, Email, NewAccount, ReadsAccounts},
    invitation,
};

/// What is known of an address in the transaction's tenant.
///
/// # Errors
/// [`Error::Database`].
pub async fn situation<A: ReadsAccounts>(
    tx: &TenantTx<A>,
    email: &Email,
    platform_is_empty: bool,
) -> Result<Situation, Error> {
    // A domain that no tenant could own has no ASCII form to be found by.
    let name = email.domain().parse::<DomainName>().ok();
    let known = repository::known(tx, tx.tenant(), email, name.as_ref(), tx.seam().now()).await?;
    let allowed = settings::of(tx).await?.allowed_email_domains;
    let is_taken = allowed.is_empty() || name.is_some_and(|name| allowed.contains(&name));
    let domain = match (is_taken, known.owns_domain) {
        (false, _) => Domain::Refused,
        (true, false) => Domain::Foreign,
        (true, true) => Domain::Own,
    };
    Ok(Situation {
        tenant_is_active: known.tenant_is_active,
        registration: settings::registration(tx).await?,
        invitation: known.invitation,
        domain,
        platform_is_empty,
    })
}

/// Makes the account of somebody who has proven their address, with the roles that belong to the place: all of it in this
/// transaction, which is to be committed with the event.
///
/// # Errors
/// [`Error::InvalidLink`] where nobody is taken, or an invitation is good no more; [`Error::EmailTaken`].
pub async fn settle<A: Provisions>(
    tx: &TenantTx<A>,
    newcomer: Newcomer,
    place: Place,
) -> Result<Change<Account>, Error> {
    let (invitation, offer) = match place {
        Place::Invited(id) => (Some(id), invitation::service::take(tx, id).await?),
        Place::Member => (None, Offer::default()),
        // An address does not make an owner: the setup link does, which only the operator has seen.
        Place::Owner | Place::Nowhere => return Err(Error::InvalidLink),
    };
    let new = NewAccount {
        tenant_role: offer.tenant_role,
        email_verified: true,
        locale: newcomer.locale,
        password_hash: newcomer.password_hash,
        ..NewAccount::of(newcomer.email, newcomer.full_name)
    };
    let (account, changes) = account::service::create(tx, new).await?;
    offer::give(tx, account.id, &offer).await.map_err(|error| match error {
        elder_tenancy::grant::Error::Database(error) => Error::Database(error),
        _ => Error::InvalidLink,
    })?;
    let event = match invitation {
        Some(id) => accepted(tx, id, &account, &offer).await?,
        None => Event::on(Action::Registered, account.id),
    };
    Ok((account, event.changed(changes)))
}

async fn accepted<A: Provisions>(
    tx: &TenantTx<A>,
    id: InvitationId,
    account: &Account,
    offer: &Offer,
) -> Result<Event, Error> {
    invitation::service::accepted(tx, id, account.id).await?;
    let event = Event::on(Action::InvitationAccepted, id).with("user", account.id);
    Ok(event.with("roles", &offer.roles).with("organizations", &offer.organizations))
}
