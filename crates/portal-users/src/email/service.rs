//! What may happen to addresses.

use elder_access::{Action, Event, Guest, Myself, OwnWrite, TenantTx, flows};
use elder_crypto::{Parsed, PasswordHasher, TokenKind};
use elder_http::PublicUrl;
use elder_kernel::{Id, Secret, User};
use elder_mail::{Content, NewMail, SendsMail};
use serde_json::json;

use super::{Change, EmailOutcome, OwnEmail, ProvenEmail};
use crate::{
    Error,
    account::{self, Account, AccountChange, ChangesAccounts},
    me,
    one_time_token::{self, Draft, Purpose},
    registration,
};

/// Mails a link that proves the address of a user; no event if it is proven.
pub(crate) async fn ask_verification<A: ChangesAccounts + SendsMail>(
    tx: &TenantTx<A>,
    public: &PublicUrl,
    user: Id<User>,
) -> Result<Option<Event>, Error> {
    let account = account::service::get(tx, user).await?;
    if account.email_verified {
        return Ok(None);
    }
    let draft = Draft::of(Purpose::EmailVerification, Some(user), &account.email);
    send(tx, public, &account, &draft, |link, hours| Content::EmailVerification { link, hours }).await?;
    Ok(Some(Event::on(Action::EmailVerificationSent, user)))
}

/// Mails a link to the present address and one to the new one; both must be opened. Whether another account has the new
/// address is not said here, where a guess would do, but to who reads its mailbox.
pub(crate) async fn ask_change(
    myself: &Myself,
    hasher: &PasswordHasher,
    public: &PublicUrl,
    asked: OwnEmail,
) -> Result<(TenantTx<OwnWrite>, Event), Error> {
    let OwnEmail { email, current_password } = asked;
    let tx = me::service::prove(myself, hasher, current_password, "email_change").await?;
    let account = account::service::get(&tx, myself.user()).await?;
    account::service::ensure_own_address::<OwnWrite>(&account)?;
    account::service::ensure_takes(&tx, &email).await?;
    if account.email.typed() == email.typed() {
        return Err(Error::SameEmail);
    }
    let data = json!(Change { change: tx.seam().uuid().to_string(), email: email.clone() });
    let old =
        Draft { data: data.clone(), ..Draft::of(Purpose::EmailChangeOld, Some(account.id), &account.email) };
    let new_email = email.typed().to_owned();
    send(&tx, public, &account, &old, |link, hours| Content::EmailChangeOld { link, new_email, hours })
        .await?;
    let new = Draft { data, ..Draft::of(Purpose::EmailChangeNew, Some(account.id), &email) };
    send(&tx, public, &account, &new, |link, hours| Content::EmailChangeNew { link, hours }).await?;
    Ok((tx, Event::on(Action::EmailChangeRequested, account.id).with_personal(account.id, "email", &email)))
}

/// Stores a link and mails it to somebody who may know that it is.
async fn send<A: SendsMail>(
    tx: &TenantTx<A>,
    public: &PublicUrl,
    account: &Account,
    draft: &Draft<'_>,
    content: impl FnOnce(String, u32) -> Content,
) -> Result<(), Error> {
    let issued = one_time_token::service::issue(tx, draft, true).await?;
    if !issued.is_good {
        return Err(Error::MailedEnough);
    }
    let content = content(issued.link(public), u32::try_from(draft.lasts.num_hours()).unwrap_or_default());
    let locale = one_time_token::language(account.locale.as_ref());
    let mail = NewMail { to: draft.email.typed(), locale: locale.as_ref(), content: &content };
    elder_mail::enqueue(tx, &mail).await?;
    Ok(())
}

/// Takes the token of a link that proves an address.
pub(crate) async fn open(
    guest: &Guest<flows::EmailProof>,
    token: &Secret<String>,
) -> Result<ProvenEmail, Error> {
    let token = one_time_token::service::parse(token, TokenKind::EmailProof)?;
    let tx = guest.begin(token.tenant).await?;
    let found = one_time_token::service::find(&tx, &token).await?;
    let Some(user) = found.user else {
        let (account, event) = registration::service::complete(&tx, &token).await?;
        tx.commit(event).await?;
        return Ok(ProvenEmail { outcome: EmailOutcome::Registered, email: account.email });
    };
    // The account first, then its tokens: one order, so that two links of a change see each other.
    let account = account::service::lock_usable(&tx, user).await?;
    let (proven, event) = confirm(&tx, account, &token).await?;
    tx.commit(event).await?;
    Ok(proven)
}

/// Uses the link of an account up.
async fn confirm(
    tx: &TenantTx<flows::EmailProof>,
    account: Account,
    token: &Parsed,
) -> Result<(ProvenEmail, Event), Error> {
    let found = one_time_token::service::redeem(tx, token).await?;
    let other = match found.purpose {
        Purpose::EmailVerification if found.email == account.email.folded() => {
            let proven = AccountChange { email_proven: true, ..AccountChange::default() };
            return change(tx, &account, proven, EmailOutcome::Verified).await;
        }
        Purpose::EmailChangeOld => Purpose::EmailChangeNew,
        Purpose::EmailChangeNew => Purpose::EmailChangeOld,
        _ => return Err(Error::InvalidLink),
    };
    // A directory may have taken the account over since.
    account::service::ensure_own_address::<OwnWrite>(&account)?;
    let Change { change: id, email } = serde_json::from_value(found.data).map_err(|_| Error::InvalidLink)?;
    if one_time_token::service::is_agreed(tx, account.id, other, &id).await? {
        let moved = AccountChange { email: Some(email), email_proven: true, ..AccountChange::default() };
        return change(tx, &account, moved, EmailOutcome::Changed).await;
    }
    let agreed = if other == Purpose::EmailChangeNew { account.email } else { email };
    let event =
        Event::on(Action::EmailChangeConfirmed, account.id).with_personal(account.id, "email", &agreed);
    Ok((ProvenEmail { outcome: EmailOutcome::HalfConfirmed, email: agreed }, event))
}

async fn change(
    tx: &TenantTx<flows::EmailProof>,
    account: &Account,
    change: AccountChange,
    outcome: EmailOutcome,
) -> Result<(ProvenEmail, Event), Error> {
    let (account, changes) = account::service::update(tx, account.id, change).await?;
    let action = if outcome == EmailOutcome::Changed { Action::EmailChanged } else { Action::EmailVerified };
    let event = Event::on(action, account.id).changed(changes);
    Ok((ProvenEmail { outcome, email: account.email }, event))
}
