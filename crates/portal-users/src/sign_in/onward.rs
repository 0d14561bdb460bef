//! From a browser's session to one of an application.

use elder_access::{
    Guest, TenantTx, flows,
    session::{self, SessionLifetime},
};
use elder_kernel::{Id, Session};
use elder_tenancy::settings;

use super::{Tokens, service, shown};
use crate::Error;

/// Starts a session for an application, of whoever is signed in by the browser's session `from`. It is one of those that
/// the tenant counts and bounds.
///
/// # Errors
/// [`Error::InvalidCredentials`] if `from` has ended, [`Error::NetworkForbidden`], [`Error::Maintenance`],
/// [`Error::TooManySessions`].
pub async fn go_on(
    guest: &Guest<flows::CodeExchange>,
    tx: &TenantTx<flows::CodeExchange>,
    from: Id<Session>,
) -> Result<Tokens, Error> {
    let settings = settings::of(tx).await?;
    let signed = session::in_browser(tx, from).await?.ok_or(Error::InvalidCredentials)?;
    if !settings.ip_allowlist.admit(tx.client()) {
        return Err(Error::NetworkForbidden);
    }
    service::admit(&*guest.platform().await?, signed.global_role)?;
    if !service::make_room(tx, signed.user, &settings.session).await? {
        return Err(Error::TooManySessions);
    }
    let lifetime = SessionLifetime { idle: settings.session.idle(), absolute: settings.session.absolute() };
    Ok(shown(&session::start_from(tx, signed, lifetime).await?))
}
