//! What people are told by mail of the providers by which they sign in.

use elder_access::TenantTx;
use elder_api_types::UserId;
use elder_mail::{Content, Language, NewMail, SendsMail, enqueue};
use elder_portal_users::account::{self, ReadsAccounts};
use elder_tenancy::settings;

use crate::Error;

/// A provider can sign somebody in from now on.
///
/// # Errors
/// [`Error::Database`], [`Error::Mail`].
pub(crate) async fn linked<A: ReadsAccounts + SendsMail>(
    tx: &TenantTx<A>,
    user: UserId,
    provider: String,
) -> Result<(), Error> {
    tell(tx, user, &Content::IdentityLinked { provider, time: tx.seam().now() }).await
}

/// A provider cannot sign somebody in any more.
///
/// # Errors
/// [`Error::Database`], [`Error::Mail`].
pub(crate) async fn unlinked<A: ReadsAccounts + SendsMail>(
    tx: &TenantTx<A>,
    user: UserId,
    provider: String,
) -> Result<(), Error> {
    tell(tx, user, &Content::IdentityUnlinked { provider, time: tx.seam().now() }).await
}

/// Writes to somebody, if the tenant wants it told how they prove who they are.
async fn tell<A: ReadsAccounts + SendsMail>(
    tx: &TenantTx<A>,
    user: UserId,
    content: &Content,
) -> Result<(), Error> {
    if !settings::of(tx).await?.notification.credential_changes {
        return Ok(());
    }
    let account = account::service::get(tx, user).await?;
    let locale = account.locale.clone().map(Language::from);
    match enqueue(tx, &NewMail { to: account.email.typed(), locale: locale.as_ref(), content }).await {
        // An address that no mail reaches is no reason to refuse what would be told.
        Ok(_) | Err(elder_mail::Error::NoAddress) => Ok(()),
        Err(error) => Err(error.into()),
    }
}
