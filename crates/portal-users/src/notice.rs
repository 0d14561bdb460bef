//! What people are told by mail of their own accounts, where the tenant wants them told.

use chrono::{DateTime, Utc};
use elder_access::{Action, Event, Impersonator, TenantTx};
use elder_api_types::name::Name;
use elder_kernel::{Id, User};
use elder_mail::{Content, Language, NewMail, SendsMail, enqueue};
use elder_tenancy::settings::{self, TenantSettings};

use crate::{
    Error,
    account::{self, Account, ReadsAccounts},
};

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
pub(crate) async fn locked<A: SendsMail + ReadsAccounts>(
    tx: TenantTx<A>,
    user: Id<User>,
    until: DateTime<Utc>,
) -> Result<(), Error> {
    let account = account::service::get(&tx, user).await?;
    if account.is_active && settings::of(&tx).await?.notification.credential_changes {
        tell(&tx, &account, &Content::AccountLocked { until }).await?;
    }
    Ok(tx.commit(Event::on(Action::UserLocked, user).with("until", until)).await?)
}

/// Somebody acts in a person's name from now on. An operator is named by nothing but their number: the tenant does not
/// know them.
pub(crate) async fn impersonated<A: SendsMail + ReadsAccounts>(
    tx: &TenantTx<A>,
    account: &Account,
    settings: &TenantSettings,
    by: Impersonator,
    reason: &Name<200>,
    until: DateTime<Utc>,
) -> Result<(), Error> {
    if !settings.notification.impersonation {
        return Ok(());
    }
    let actor = if by.tenant == tx.tenant() {
        let actor = account::service::get(tx, by.user).await?;
        if actor.full_name.is_empty() { actor.email.typed().to_owned() } else { actor.full_name }
    } else {
        by.user.to_string()
    };
    let content = Content::ImpersonationNotice { actor, reason: reason.clone().into(), until };
    tell(tx, account, &content).await
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
