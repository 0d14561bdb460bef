//! What admins may do with the second factors of their users.

use elder_access::{
    Event, TenantTx,
    markers::{MfaRead, MfaWrite},
    session::{self, EndReason},
};
use elder_kernel::{Id, User};
use elder_mfa::factor;

use super::MfaOverview;
use crate::{Error, account, device, notice};

/// What a user has besides a password.
pub(super) async fn get(tx: &TenantTx<MfaRead>, user: Id<User>) -> Result<MfaOverview, Error> {
    Ok(factor::service::overview(tx, user).await?)
}

/// Takes it all away. Who may not reach the account could else take it over: only the password would keep them out.
pub(super) async fn reset(tx: &TenantTx<MfaWrite>, user: Id<User>) -> Result<Event, Error> {
    account::service::within_own_roles(tx, user).await?;
    let account = account::service::get(tx, user).await?;
    let (_, event) = factor::service::reset(tx, user).await?;
    device::service::distrust(tx, user).await?;
    session::end_of_user(tx, user, None, EndReason::AccountChanged).await?;
    notice::factors_reset(tx, &account, actor(tx).await?).await?;
    Ok(event)
}

/// What the user is told of who did it. Operators and programs have no account in the tenant.
async fn actor(tx: &TenantTx<MfaWrite>) -> Result<String, Error> {
    let Some(actor) = tx.actor().in_person() else { return Ok("An administrator".to_owned()) };
    match account::service::get(tx, actor).await {
        Ok(account) if account.full_name.is_empty() => Ok(account.email.typed().to_owned()),
        Ok(account) => Ok(account.full_name),
        Err(Error::NotFound) => Ok("An administrator".to_owned()),
        Err(error) => Err(error),
    }
}
