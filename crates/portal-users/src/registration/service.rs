//! From an address without an account to an account.

mod repository;

use elder_access::{Action, Change, Event, Guest, Outcome, TenantTx, flows};
use elder_crypto::{Parsed, PasswordHasher, TokenKind};
use elder_http::PublicUrl;
use elder_kernel::{Secret, TenantId};
use elder_mail::{Content, NewMail};
use serde_json::json;

use super::{Acceptance, Applicant, NewRegistration};
use crate::{
    Error,
    account::{self, Account, Email},
    invitation::{self, InvitationId},
    one_time_token::{self, Draft, Found, Purpose},
    password::{self, service::Person},
    provision::{self, Newcomer, Place, Situation},
};

/// Mails a link to whoever may have an account; to who has one, that they do; to others nothing. The password is hashed
/// and the statements are made whatever it will be, so that time tells nothing (P-08).
pub(crate) async fn register(
    guest: &Guest<flows::Registration>,
    hasher: &PasswordHasher,
    public: &PublicUrl,
    new: NewRegistration,
) -> Result<(), Error> {
    let lookup = guest.lookup().await?;
    let destination = repository::destination(&lookup, &new.email, new.tenant.as_deref()).await?;
    drop(lookup);
    let tenant = destination.tenant.unwrap_or(TenantId::SYSTEM);
    let rules = guest.begin(tenant).await?;
    let person = Person::new(&new.email, &new.full_name);
    let hash = password::service::hash(rules, hasher, new.password, person).await?;

    let tx = guest.begin(tenant).await?;
    let account = account::service::find_by_email(&tx, &new.email).await?;
    let situation = provision::situation(&tx, &new.email, destination.platform_is_empty).await?;
    let applicant =
        Applicant { email: new.email, full_name: new.full_name, password_hash: hash.expose().clone() };
    let reply = if destination.tenant.is_some() { Reply::of(account, &situation) } else { Reply::Silence };
    let is_mailed = reply.send(&tx, public, &applicant).await?;
    let event = Event::new(Action::RegistrationRequested).with_personal(
        elder_access::Person::at(applicant.email.folded()),
        "email",
        &applicant.email,
    );
    tx.commit(match reply.refusal(is_mailed) {
        Some(reason) => event.ended(Outcome::Failure, reason),
        None => event,
    })
    .await?;
    Ok(())
}

/// What somebody who asked for an account gets.
enum Reply {
    /// The link that makes it.
    Link,
    /// Word that they have one.
    Exists(Box<Account>),
    /// Nothing.
    Silence,
}

impl Reply {
    fn of(account: Option<Account>, situation: &Situation) -> Self {
        match (account, provision::decide(situation)) {
            (Some(account), _) if account.is_active && situation.tenant_is_active => {
                Self::Exists(Box::new(account))
            }
            (None, Place::Invited(_) | Place::Member) => Self::Link,
            _ => Self::Silence,
        }
    }

    /// Whether there was a mail: none for silence, and none past what an address may get.
    async fn send(
        &self,
        tx: &TenantTx<flows::Registration>,
        public: &PublicUrl,
        applicant: &Applicant,
    ) -> Result<bool, Error> {
        let mut draft =
            Draft { data: json!(applicant), ..Draft::of(Purpose::Registration, None, &applicant.email) };
        let (mut to, mut locale) = (&applicant.email, None);
        if let Self::Exists(account) = self {
            // A link that was never good: it counts as a mail, and holds nothing.
            draft = Draft { lasts: chrono::TimeDelta::zero(), data: json!({}), ..draft };
            (to, locale) = (&account.email, one_time_token::language(account.locale.as_ref()));
        }
        let issued = one_time_token::service::issue(tx, &draft, !matches!(self, Self::Silence)).await?;
        let hours = u32::try_from(Purpose::Registration.lasts().num_hours()).unwrap_or_default();
        let content = match self {
            Self::Exists(_) => Content::AccountExists {},
            _ => Content::EmailVerification { link: issued.link(public), hours },
        };
        let mail = NewMail { to: to.typed(), locale: locale.as_ref(), content: &content };
        one_time_token::service::post(tx, &mail, issued.is_good).await?;
        Ok(issued.is_good)
    }

    /// Why there is no link, for the audit log alone.
    const fn refusal(&self, is_mailed: bool) -> Option<&'static str> {
        match (self, is_mailed) {
            (Self::Link, true) => None,
            (Self::Link, false) => Some("mailed_enough"),
            (Self::Exists(_), _) => Some("account_exists"),
            (Self::Silence, _) => Some("not_taken"),
        }
    }
}

/// Makes the account of somebody who opened the link that they asked for. Whether they are taken is asked anew.
pub(crate) async fn complete(
    tx: &TenantTx<flows::EmailProof>,
    token: &Parsed,
) -> Result<Change<Account>, Error> {
    let found = one_time_token::service::redeem(tx, token).await?;
    if found.purpose != Purpose::Registration {
        return Err(Error::InvalidLink);
    }
    let Ok(applicant) = serde_json::from_value::<Applicant>(found.data) else {
        return Err(Error::InvalidLink);
    };
    let situation = provision::situation(tx, &applicant.email, false).await?;
    let newcomer = Newcomer {
        email: applicant.email,
        full_name: applicant.full_name,
        locale: None,
        password_hash: Some(Secret::new(applicant.password_hash)),
    };
    provision::settle(tx, newcomer, provision::decide(&situation)).await
}

/// Makes the account of somebody who was invited.
pub(crate) async fn accept(
    guest: &Guest<flows::Invitation>,
    hasher: &PasswordHasher,
    acceptance: Acceptance,
) -> Result<Account, Error> {
    let token = one_time_token::service::parse(&acceptance.token, TokenKind::Invitation)?;
    // Before the expensive hash, so that nobody without a link makes Elder work; and again below, under the lock.
    let tx = guest.begin(token.tenant).await?;
    let (email, _) = invited(&tx, one_time_token::service::find(&tx, &token).await?).await?;
    let person = Person::new(&email, &acceptance.full_name);
    let hash = password::service::hash(tx, hasher, acceptance.password, person).await?;

    let tx = guest.begin(token.tenant).await?;
    let (email, id) = invited(&tx, one_time_token::service::redeem(&tx, &token).await?).await?;
    let situation = provision::situation(&tx, &email, false).await?;
    let place = match provision::decide(&situation) {
        Place::Invited(waiting) if waiting == id => Place::Invited(id),
        _ => Place::Nowhere,
    };
    let newcomer =
        Newcomer { email, full_name: acceptance.full_name, locale: None, password_hash: Some(hash) };
    let (account, event) = provision::settle(&tx, newcomer, place).await?;
    tx.commit(event).await?;
    Ok(account)
}

/// The invitation of a good link, and the address that it is for.
async fn invited(tx: &TenantTx<flows::Invitation>, found: Found) -> Result<(Email, InvitationId), Error> {
    let id = found.data.get("invitation").and_then(|id| id.as_str()).and_then(|id| id.parse().ok());
    let id: InvitationId = id.ok_or(Error::InvalidLink)?;
    Ok((invitation::service::invited(tx, id).await?, id))
}
