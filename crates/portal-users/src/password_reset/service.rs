//! From a forgotten password to another one.

mod repository;

use elder_access::{Action, Event, Guest, Outcome, TenantTx, flows};
use elder_crypto::{Parsed, PasswordHasher, TokenKind};
use elder_http::PublicUrl;
use elder_kernel::TenantId;
use elder_mail::{Content, NewMail};

use super::{ForgottenPassword, Meant, PasswordReset};
use crate::{
    Error,
    account::{self, Account, AccountChange},
    one_time_token::{self, Draft, Found, Purpose},
    password::{self, service::Person},
};

/// Mails a link to each account that is meant. Where there is none, the same is done for one that does not exist: the
/// statements, and so the time, tell nobody which addresses have accounts (P-08, P-09).
pub(crate) async fn forget(
    guest: &Guest<flows::PasswordReset>,
    public: &PublicUrl,
    forgotten: &ForgottenPassword,
) -> Result<(), Error> {
    let lookup = guest.lookup().await?;
    let mut all = repository::meant(&lookup, &forgotten.email, forgotten.tenant.as_deref()).await?;
    drop(lookup);
    if all.is_empty() {
        let user = guest.seam().id();
        let email = forgotten.email.clone();
        all.push(Meant { tenant: TenantId::SYSTEM, user, email, locale: None, is_there: false });
    }
    for meant in all {
        send_link(guest, public, &meant).await?;
    }
    Ok(())
}

async fn send_link(
    guest: &Guest<flows::PasswordReset>,
    public: &PublicUrl,
    meant: &Meant,
) -> Result<(), Error> {
    let tx = guest.begin(meant.tenant).await?;
    let draft = Draft::of(Purpose::PasswordReset, Some(meant.user), &meant.email);
    let issued = one_time_token::service::issue(&tx, &draft, meant.is_there).await?;
    let minutes = u32::try_from(draft.lasts.num_minutes()).unwrap_or_default();
    let content = Content::PasswordReset { link: issued.link(public), minutes };
    let locale = one_time_token::language(meant.locale.as_ref());
    let mail = NewMail { to: meant.email.typed(), locale: locale.as_ref(), content: &content };
    one_time_token::service::post(&tx, &mail, issued.is_good).await?;
    tx.commit(event(meant, issued.is_good)).await?;
    Ok(())
}

fn event(meant: &Meant, is_mailed: bool) -> Event {
    const ACTION: Action = Action::PasswordResetRequested;
    match (meant.is_there, is_mailed) {
        (true, true) => Event::on(ACTION, meant.user),
        (true, false) => Event::on(ACTION, meant.user).ended(Outcome::Failure, "mailed_enough"),
        (false, _) => Event::new(ACTION).ended(Outcome::Failure, "unknown_account"),
    }
}

/// Sets another password. Whoever opened the link has shown to read the mailbox, so the address is proven.
pub(crate) async fn reset(
    guest: &Guest<flows::PasswordReset>,
    hasher: &PasswordHasher,
    reset: PasswordReset,
) -> Result<(), Error> {
    let token = one_time_token::service::parse(&reset.token, TokenKind::PasswordReset)?;
    // Before the expensive hash, so that nobody without a link makes Elder work; and again below, under the lock.
    let tx = guest.begin(token.tenant).await?;
    let (user, _) = opened(&tx, &token).await?;
    let hash = password::service::hash(tx, hasher, reset.password, Person::from(&user)).await?;

    let tx = guest.begin(token.tenant).await?;
    let (user, found) = opened(&tx, &token).await?;
    one_time_token::service::redeem(&tx, &token).await?;
    account::service::change_password(&tx, &user, &hash, None).await?;
    let proven =
        AccountChange { email_proven: found.email == user.email.folded(), ..AccountChange::default() };
    let (_, changes) = account::service::update(&tx, user.id, proven).await?;
    tx.commit(Event::on(Action::PasswordReset, user.id).changed(changes)).await?;
    Ok(())
}

/// The account that a good token is for, locked if it may be used.
async fn opened(tx: &TenantTx<flows::PasswordReset>, token: &Parsed) -> Result<(Account, Found), Error> {
    let found = one_time_token::service::find(tx, token).await?;
    let user = found.user.ok_or(Error::InvalidLink)?;
    Ok((account::service::lock_usable(tx, user).await?, found))
}
