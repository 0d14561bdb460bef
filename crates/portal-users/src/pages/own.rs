//! One's own account.

use elder_access::{
    Action, Event, Myself,
    session::{self as gate, EndReason},
};
use elder_crypto::PasswordHasher;
use elder_http::PublicUrl;
use elder_kernel::{
    Id, Limit, Session,
    collection::{Asked, Collection, Selection},
};

use super::{Device, Me, MePatch, OwnEmail, OwnPassword, SessionView};
use crate::{
    Error,
    account::{self, Account},
    device::{self, DeviceId, Devices},
    email, me, session,
    session::Sessions,
};

/// Ends the session of this browser.
///
/// # Errors
/// [`Error::Database`].
pub async fn sign_out(myself: &Myself) -> Result<(), Error> {
    let own = myself.principal().session;
    let tx = myself.write().await?;
    gate::end(&tx, own, EndReason::SignedOut).await?;
    Ok(tx.commit(Event::on(Action::SignedOut, own)).await?)
}

/// Profile, tenant and roles.
///
/// # Errors
/// [`Error::Database`].
pub async fn profile(myself: &Myself) -> Result<Me, Error> {
    me::service::profile(&myself.read().await?, myself).await
}

/// Changes the own profile.
///
/// # Errors
/// [`Error::ManagedByDirectory`].
pub async fn update(myself: &Myself, patch: MePatch) -> Result<Account, Error> {
    let tx = myself.write().await?;
    let (user, changes) = account::service::update(&tx, myself.user(), patch.into()).await?;
    if let Some(event) = account::event::updated(&user, changes) {
        tx.commit(event).await?;
    }
    Ok(user)
}

/// Changes the own password and ends all other sessions.
///
/// # Errors
/// [`Error::WrongPassword`], [`Error::WeakPassword`], [`Error::Busy`].
pub async fn change_password(
    myself: &Myself,
    hasher: &PasswordHasher,
    change: OwnPassword,
) -> Result<(), Error> {
    me::service::change_password(myself, hasher, change).await
}

/// Asks for another address, like `POST /api/v2/me/email`.
///
/// # Errors
/// [`Error::WrongPassword`], [`Error::EmailDomain`], [`Error::SameEmail`], [`Error::ManagedByDirectory`],
/// [`Error::MailedEnough`], [`Error::Busy`].
pub async fn change_email(
    myself: &Myself,
    hasher: &PasswordHasher,
    public: &PublicUrl,
    asked: OwnEmail,
) -> Result<(), Error> {
    let (tx, event) = email::service::ask_change(myself, hasher, public, asked).await?;
    Ok(tx.commit(event).await?)
}

/// Has the link sent again that proves the own address; nothing happens if it is proven.
///
/// # Errors
/// [`Error::MailedEnough`].
pub async fn verify_email(myself: &Myself, public: &PublicUrl) -> Result<(), Error> {
    let tx = myself.write().await?;
    match email::service::ask_verification(&tx, public, myself.user()).await? {
        Some(event) => Ok(tx.commit(event).await?),
        None => Ok(()),
    }
}

/// The own sessions, the one that was used last first; no more than a page of them.
///
/// # Errors
/// [`Error::Database`].
pub async fn sessions(myself: &Myself) -> Result<Vec<SessionView>, Error> {
    let newest = newest::<Sessions>()?;
    let tx = myself.read().await?;
    let current = Some(myself.principal().session);
    Ok(session::service::list(&tx, myself.user(), current, &newest).await?.rows)
}

/// Ends one of the own sessions.
///
/// # Errors
/// [`Error::NotFound`] if it has ended before or is none of one's own.
pub async fn end_session(myself: &Myself, id: Id<Session>) -> Result<(), Error> {
    let tx = myself.write().await?;
    session::service::end(&tx, myself.user(), id, EndReason::Revoked).await?;
    Ok(tx.commit(Event::on(Action::SignedOut, id)).await?)
}

/// The own devices, the one that somebody signed in with last first; no more than a page of them.
///
/// # Errors
/// [`Error::Database`].
pub async fn devices(myself: &Myself) -> Result<Vec<Device>, Error> {
    let (newest, tx) = (newest::<Devices>()?, myself.read().await?);
    let current = myself.principal().session;
    Ok(device::service::list(&tx, myself.user(), current, &newest).await?.rows)
}

/// Withdraws one of the own devices and ends its sessions.
///
/// # Errors
/// [`Error::NotFound`].
pub async fn withdraw_device(myself: &Myself, id: DeviceId) -> Result<(), Error> {
    let tx = myself.write().await?;
    let current = myself.principal().session;
    let ended = device::service::delete(&tx, myself.user(), current, id).await?;
    Ok(tx.commit(Event::on(Action::DeviceDeleted, id).with("ended_sessions", ended)).await?)
}

/// What was seen last comes first.
fn newest<C: Collection>() -> Result<Selection, Error> {
    let asked = Asked { limit: Limit::LARGEST, sort: Some("-last_seen_at".to_owned()), ..Asked::default() };
    Selection::read::<C>(&asked).map_err(|_| Error::NotFound)
}
