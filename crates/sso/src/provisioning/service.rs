//! Finds the account of whom a provider vouches for, links or makes it, and gives what follows: in one transaction.

mod repository;

use elder_access::{Action, Authority, Changes, DbError, Event, Role, TenantTx, Write, flows};
use elder_api_types::{
    IdentityId,
    identity_provider::{IdentityProvider, IdpConflicts, IdpSync},
    provisioning::ProvisioningPreview,
};
use elder_kernel::{Id, Patch, Secret, User};
use elder_mail::{Content, NewMail};
use elder_portal_users::{
    account::{self, Account, AccountChange, Email, Locale},
    provision::{self, Domain, Newcomer, Place, Situation},
};
use elder_tenancy::{domain::DomainName, settings::Registration};

use self::repository::InWords;
use super::{Attributes, Claims, Meant, NewLink, Verdict, is_email_verified, previewed};
use crate::{Error, Refusal, notice, protocol::Said};

type Tx = TenantTx<flows::SingleSignOn>;

/// Who somebody is.
pub(crate) enum Settled {
    /// The owner of this account, with what there is to be written down.
    As(Id<User>, Event),
    /// The owner of this account, if they say so there; and the domain by whose word it may be theirs.
    ToLink(Id<User>, Option<DomainName>),
}

/// The account of somebody, as it is after this sign-in, and what there is to be written down.
///
/// # Errors
/// [`Error::Refused`], and whatever [`Error::is_race`] knows if the same person came twice at once.
pub(crate) async fn settle(tx: &Tx, idp: &IdentityProvider, said: &Said) -> Result<Settled, Error> {
    let attributes = Attributes::of(idp, &said.claims);
    let meant = Meant { idp: idp.id, issuer: &said.issuer, subject: &said.subject };
    if let Some(known) = repository::known(tx, tx.tenant(), &meant, tx.seam().now()).await? {
        // Who came by the word of a domain comes as long as the domain is the tenant's (S-30).
        if known.is_lost {
            return Err(Refusal::DomainUnverified.into());
        }
        let user = known.user;
        let event = Event::on(Action::SsoVouched, idp.id).with("user", user);
        let synced = if idp.sync == IdpSync::Always || known.is_first {
            sync(tx, idp, user, &attributes).await?
        } else {
            Changes::default()
        };
        return Ok(Settled::As(user, event.changed(synced)));
    }
    let email = attributes.email().ok_or(Refusal::NoEmail)?;
    if !is_email_verified(idp, &said.claims, &email) {
        return Err(Refusal::EmailUnverified.into());
    }
    let situation = provision::situation(tx, &email, false).await?;
    let domain = email.domain().parse::<DomainName>().ok();
    if situation.domain != Domain::Own {
        return Err(Refusal::DomainUnverified.into());
    }
    let (user, event) = match account::service::find_by_email(tx, &email).await? {
        Some(account) if idp.conflicts == IdpConflicts::Ask => {
            return Ok(Settled::ToLink(account.id, domain));
        }
        Some(account) => {
            let user = linkable(idp, &account)?;
            notice::linked(tx, user, idp.name.clone()).await?;
            (user, Event::on(Action::SsoLinked, idp.id).with("user", user))
        }
        None => newcomer(tx, idp, email, &attributes, situation).await?,
    };
    let last_login_at = Some(tx.seam().now());
    let new = NewLink { meant, user, domain: domain.as_ref(), linked_by: None, last_login_at };
    link(tx, &new).await.map_err(Error::of_identity)?;
    let given = give(tx, idp, user, &attributes).await?;
    let event = event.with("identity_provider", idp.id).with_personal(user, "subject", &said.subject);
    Ok(Settled::As(
        user,
        event.with("roles_by_provider", given.roles).with("groups_by_provider", given.groups),
    ))
}

/// Ties an account to whom a provider means.
///
/// # Errors
/// [`DbError`], whose constraint says what the caller should be told.
pub(crate) async fn link<A: Authority<Mode = Write>>(
    tx: &TenantTx<A>,
    new: &NewLink<'_>,
) -> Result<IdentityId, DbError> {
    let id = tx.seam().id();
    repository::link(tx, tx.tenant(), id, new, tx.seam().now()).await?;
    Ok(id)
}

/// An account that is there already is linked only where the tenant has said so, and never an admin's: whoever runs the
/// provider would else run the tenant.
fn linkable(idp: &IdentityProvider, account: &Account) -> Result<Id<User>, Refusal> {
    let is_powerful = account.global_role.is_some() || account.tenant_role == Some(Role::Admin);
    if idp.conflicts == IdpConflicts::Link && !is_powerful {
        Ok(account.id)
    } else {
        Err(Refusal::AccountExists)
    }
}

/// Makes the account of somebody at a domain of the tenant's own. Who waits for them decides as at every first sign-in;
/// what a registration is elsewhere, the provider's setting is here.
async fn newcomer(
    tx: &Tx,
    idp: &IdentityProvider,
    email: Email,
    attributes: &Attributes,
    situation: Situation,
) -> Result<(Id<User>, Event), Error> {
    // What an invitation promises is for who opens its link, unless the provider's word is as good.
    if situation.invitation.is_some() && idp.conflicts != IdpConflicts::Link {
        return Err(Refusal::InvitationWaits.into());
    }
    let registration = if idp.jit_provisioning_enabled {
        Registration::Domain
    } else {
        situation.registration.min(Registration::Invitation)
    };
    let place = match provision::decide(&Situation { registration, ..situation }) {
        Place::Owner | Place::Nowhere => return Err(Refusal::NoAccount.into()),
        place => place,
    };
    let full_name = attributes.full_name().unwrap_or_else(|| email.typed().to_owned());
    let newcomer =
        Newcomer { email, full_name, locale: attributes.locale(), password_hash: None::<Secret<String>> };
    let (account, event) = provision::settle(tx, newcomer, place).await?;
    let content = Content::Welcome { provider: idp.name.clone() };
    let locale = account.locale.clone().map(elder_mail::Language::from);
    let mail = NewMail { to: account.email.typed(), locale: locale.as_ref(), content: &content };
    match elder_mail::enqueue(tx, &mail).await {
        // An address that no mail reaches is no reason to refuse who was just let in.
        Ok(_) | Err(elder_mail::Error::NoAddress) => Ok((account.id, event)),
        Err(error) => Err(error.into()),
    }
}

/// Takes over what a provider says of somebody who was here before. What a directory manages is left to it.
async fn sync(
    tx: &Tx,
    idp: &IdentityProvider,
    user: Id<User>,
    attributes: &Attributes,
) -> Result<Changes, Error> {
    let account = account::service::get(tx, user).await?;
    let mut changes = Changes::default();
    if account.managed_by.is_none() {
        let locale = attributes.locale().map_or(Patch::<Locale>::Keep, Patch::Set);
        let change = AccountChange { full_name: attributes.full_name(), locale, ..AccountChange::default() };
        changes = account::service::update(tx, user, change).await?.1;
    }
    let before = repository::given(tx, tx.tenant(), (idp.id, user)).await?;
    let after = give(tx, idp, user, attributes).await?;
    let changes = changes.field("roles_by_provider", &before.roles, &after.roles);
    Ok(changes.field("groups_by_provider", &before.groups, &after.groups))
}

/// Gives somebody what the rules say and nothing else; what a rule names that is gone is not given. Says what it is then.
async fn give(
    tx: &Tx,
    idp: &IdentityProvider,
    user: Id<User>,
    attributes: &Attributes,
) -> Result<InWords, Error> {
    let verdict = Verdict::of(idp, attributes);
    let found = repository::organizations(tx, tx.tenant(), &verdict.paths()).await?;
    repository::give(tx, tx.tenant(), (idp.id, user), &verdict.given(&found)).await?;
    repository::put_into_groups(tx, tx.tenant(), (idp.id, user), &verdict.groups).await?;
    Ok(repository::given(tx, tx.tenant(), (idp.id, user)).await?)
}

/// What would become of somebody of whom a provider says this.
///
/// # Errors
/// [`Error::Database`].
pub(crate) async fn preview<A: Authority>(
    tx: &TenantTx<A>,
    idp: &IdentityProvider,
    claims: &Claims,
) -> Result<ProvisioningPreview, Error> {
    let attributes = Attributes::of(idp, claims);
    let verdict = Verdict::of(idp, &attributes);
    let found = repository::organizations(tx, tx.tenant(), &verdict.paths()).await?;
    Ok(previewed(attributes, verdict, &found))
}
