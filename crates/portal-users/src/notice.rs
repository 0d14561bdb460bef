//! What people are told by mail of their own accounts, where the tenant wants them told.

use chrono::{DateTime, Utc};
use elder_access::{Action, Event, TenantTx};
use elder_api_types::user::Account;
use elder_mail::{Content, Language, NewMail, SendsMail, enqueue};
use elder_tenancy::settings::{self, TenantSettings};

use crate::Error;

/// Somebody has signed in with a device that the account has not seen before.
pub(crate) async fn new_device<A: SendsMail>(
    tx: &TenantTx<A>,
    account: &Account,
    settings: &TenantSettings,
    device: String,
) -> Result<(), Error> {
    if !settings.notification.new_device {
        return Ok(());
    }
    tell(tx, account, &Content::NewDevice { device, ip: from(tx), time: tx.seam().now() }).await
}

/// The address that a request comes from, in words.
fn from<A: SendsMail>(tx: &TenantTx<A>) -> String {
    tx.client().map_or_else(|| "unknown".to_owned(), |ip| ip.to_string())
}

/// The password of an account was changed.
pub(crate) async fn password_changed<A: SendsMail>(tx: &TenantTx<A>, account: &Account) -> Result<(), Error> {
    if !settings::of(tx).await?.notification.credential_changes {
        return Ok(());
    }
    tell(tx, account, &Content::PasswordChanged { time: tx.seam().now() }).await
}

/// Failed sign-ins have locked an account. Has a transaction of its own: the one that counted the failure must not show
/// by its time that it led to a lock.
pub(crate) async fn locked<A: SendsMail>(
    tx: TenantTx<A>,
    account: &Account,
    until: DateTime<Utc>,
) -> Result<(), Error> {
    let settings = settings::of(&tx).await?;
    if account.is_active && settings.notification.credential_changes {
        tell(&tx, account, &Content::AccountLocked { until }).await?;
    }
    alert(&tx, account, &settings, "account_locked").await?;
    Ok(tx.commit(Event::on(Action::UserLocked, account.id).with("until", until)).await?)
}

/// A sign-in was refused though all its proofs were right: somebody else may have them. Has a transaction of its own, as
/// a lock has.
pub(crate) async fn sign_in_blocked<A: SendsMail>(tx: TenantTx<A>, account: &Account) -> Result<(), Error> {
    let settings = settings::of(&tx).await?;
    let (ip, time) = (from(&tx), tx.seam().now());
    if settings.notification.credential_changes {
        tell(&tx, account, &Content::SignInBlocked { ip: ip.clone(), time }).await?;
    }
    alert(&tx, account, &settings, "sign_in_blocked").await?;
    Ok(tx.commit(Event::on(Action::SignInBlocked, account.id).with_personal(account.id, "ip", ip)).await?)
}

/// A refresh token was used that others have followed: somebody has a copy.
pub(crate) async fn token_reused<A: SendsMail>(
    tx: &TenantTx<A>,
    account: &Account,
    settings: &TenantSettings,
) -> Result<(), Error> {
    alert(tx, account, settings, "token_reused").await
}

/// An admin has taken somebody's second factors away.
pub(crate) async fn factors_reset<A: SendsMail>(
    tx: &TenantTx<A>,
    account: &Account,
    actor: String,
) -> Result<(), Error> {
    tell(tx, account, &Content::FactorsReset { actor }).await?;
    alert(tx, account, &settings::of(tx).await?, "factors_reset").await
}

/// Somebody acts in a person's name from now on.
pub(crate) async fn impersonated<A: SendsMail>(
    tx: &TenantTx<A>,
    account: &Account,
    settings: &TenantSettings,
    actor: String,
    reason: String,
    until: DateTime<Utc>,
) -> Result<(), Error> {
    if settings.notification.impersonation {
        tell(tx, account, &Content::ImpersonationNotice { actor, reason, until }).await?;
    }
    alert(tx, account, settings, "impersonation").await
}

/// Tells those whom the tenant wants told of what concerns its security.
async fn alert<A: SendsMail>(
    tx: &TenantTx<A>,
    account: &Account,
    settings: &TenantSettings,
    alert: &str,
) -> Result<(), Error> {
    let (email, time) = (account.email.typed().to_owned(), tx.seam().now());
    let content = Content::SecurityAlert { alert: alert.to_owned(), email, time };
    for to in &settings.notification.security_contacts {
        send(tx, &NewMail { to, locale: None, content: &content }).await?;
    }
    Ok(())
}

/// A directory has paused itself: so many of so many people would have gone within an hour. Told whatever the tenant
/// wants to be told of: nobody but its admins can mend it.
pub(crate) async fn directory_paused<A: SendsMail>(
    tx: &TenantTx<A>,
    admin: &Account,
    directory: &str,
    (removed, people): (u64, u64),
) -> Result<(), Error> {
    let directory = directory.to_owned();
    tell(tx, admin, &Content::DirectoryPaused { directory, removed, people }).await
}

async fn tell<A: SendsMail>(tx: &TenantTx<A>, account: &Account, content: &Content) -> Result<(), Error> {
    let locale = account.locale.clone().map(Language::from);
    send(tx, &NewMail { to: account.email.typed(), locale: locale.as_ref(), content }).await
}

async fn send<A: SendsMail>(tx: &TenantTx<A>, mail: &NewMail<'_>) -> Result<(), Error> {
    match enqueue(tx, mail).await {
        // An address that no mail reaches is no reason to refuse what would be told.
        Ok(_) | Err(elder_mail::Error::NoAddress) => Ok(()),
        Err(error) => Err(error.into()),
    }
}
