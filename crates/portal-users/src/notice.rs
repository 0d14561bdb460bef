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
    let ip = tx.client().map_or_else(|| "unknown".to_owned(), |ip| ip.to_string());
    tell(tx, account, &Content::NewDevice { device, ip, time: tx.seam().now() }).await
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
    if account.is_active && settings::of(&tx).await?.notification.credential_changes {
        tell(&tx, account, &Content::AccountLocked { until }).await?;
    }
    Ok(tx.commit(Event::on(Action::UserLocked, account.id).with("until", until)).await?)
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
    if !settings.notification.impersonation {
        return Ok(());
    }
    tell(tx, account, &Content::ImpersonationNotice { actor, reason, until }).await
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
    let mail = NewMail { to: account.email.typed(), locale: locale.as_ref(), content };
    match enqueue(tx, &mail).await {
        // An address that no mail reaches is no reason to refuse what would be told.
        Ok(_) | Err(elder_mail::Error::NoAddress) => Ok(()),
        Err(error) => Err(error.into()),
    }
}
