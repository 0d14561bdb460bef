//! What may happen to devices: they arrive with sign-ins, are remembered after a second factor, and are withdrawn.

mod repository;

use chrono::TimeDelta;
use elder_access::{
    Changes, Found, OwnRead, OwnWrite, TenantTx,
    session::{self, EndReason, StartsSession},
};
use elder_crypto::{OpaqueToken, TokenKind};
use elder_kernel::{Id, Secret, Session, User, collection::Selection};
use elder_tenancy::settings::TenantSettings;

use super::{Device, DeviceId, DevicePatch, program};
use crate::{Error, authority::ChangesAccounts};

use repository::Fresh;

/// The device of a sign-in that succeeds.
#[derive(Debug)]
pub(crate) struct Arrived {
    /// The device.
    pub(crate) id: DeviceId,
    /// What it is called.
    pub(crate) name: String,
    /// Its token, if it has just been given one.
    pub(crate) token: Option<Secret<String>>,
    /// Whether no device of the account has come from this address with this program before.
    pub(crate) is_unfamiliar: bool,
}

/// Notes that a device of the account has signed in, or takes up a new one.
///
/// # Errors
/// [`Error::Database`].
pub(crate) async fn arrive<A: StartsSession>(
    tx: &TenantTx<A>,
    user: Id<User>,
    known: Option<DeviceId>,
) -> Result<Arrived, Error> {
    let (agent, now) = (tx.user_agent(), tx.seam().now());
    let ip = tx.client().map(|ip| ip.to_string());
    if let Some(id) = known {
        let name = repository::touch(tx, tx.tenant(), id, agent, ip.as_deref(), now).await?;
        let name = name.unwrap_or_else(|| program::name(agent));
        return Ok(Arrived { id, name, token: None, is_unfamiliar: false });
    }
    let id = tx.seam().id::<elder_kernel::Device>();
    let (token, hash) = OpaqueToken::mint(TokenKind::Device, tx.tenant(), id.uuid(), &tx.seam().random);
    let name = program::name(agent);
    let fresh = Fresh { id, user, hash: &hash, name: &name, agent, ip: ip.as_deref(), now };
    let is_unfamiliar = repository::insert(tx, tx.tenant(), fresh).await?;
    Ok(Arrived { id, name, token: Some(token), is_unfamiliar })
}

/// Asks for no second factor with a device, for as many days as the tenant says; with 0 it is asked for always.
///
/// # Errors
/// [`Error::Database`].
pub(crate) async fn remember<A: ChangesAccounts>(
    tx: &TenantTx<A>,
    settings: &TenantSettings,
    device: DeviceId,
) -> Result<(), Error> {
    let days = settings.session.remember_device_days;
    if days == 0 {
        return Ok(());
    }
    let until = tx.seam().now() + TimeDelta::days(days.into());
    Ok(repository::remember(tx, tx.tenant(), device, until).await?)
}

/// Lets a second factor be asked for with every device of a user, and failures on them count anew: what was proven with
/// them was proven to another password, or with other factors.
///
/// # Errors
/// [`Error::Database`].
pub(crate) async fn distrust<A: ChangesAccounts>(tx: &TenantTx<A>, user: Id<User>) -> Result<(), Error> {
    Ok(repository::distrust(tx, tx.tenant(), user).await?)
}

/// One's own devices.
pub(crate) async fn list(
    tx: &TenantTx<OwnRead>,
    user: Id<User>,
    current: Id<Session>,
    selection: &Selection,
) -> Result<Found<Device>, Error> {
    let current = repository::of_session(tx, tx.tenant(), current).await?;
    let found = repository::list(tx, tx.tenant(), user, selection).await?;
    Ok(found.map(|device| Device { is_current: Some(device.id) == current, ..device }))
}

/// One of one's own devices.
pub(super) async fn get(
    tx: &TenantTx<OwnRead>,
    user: Id<User>,
    current: Id<Session>,
    id: DeviceId,
) -> Result<Device, Error> {
    let current = repository::of_session(tx, tx.tenant(), current).await?;
    let device = repository::get(tx, tx.tenant(), user, id).await?.ok_or(Error::NotFound)?;
    Ok(Device { is_current: current == Some(id), ..device })
}

/// Gives one of one's own devices another name.
pub(super) async fn update(
    tx: &TenantTx<OwnWrite>,
    user: Id<User>,
    current: Id<Session>,
    id: DeviceId,
    patch: DevicePatch,
) -> Result<(Device, Changes), Error> {
    let before = repository::lock(tx, tx.tenant(), user, id).await?.ok_or(Error::NotFound)?;
    let current = repository::of_session(tx, tx.tenant(), current).await?;
    let before = Device { is_current: current == Some(id), ..before };
    tx.expect(&before)?;
    let after = Device { name: patch.name.map_or_else(|| before.name.clone(), Into::into), ..before.clone() };
    let changes = Changes::default().personal(&user.into(), "name", &before.name, &after.name);
    if !changes.is_empty() {
        repository::rename(tx, tx.tenant(), id, &after.name).await?;
    }
    Ok((after, changes))
}

/// Withdraws one of one's own devices: its sessions end, and it is a stranger from now on. Says how many ended.
pub(crate) async fn delete(
    tx: &TenantTx<OwnWrite>,
    user: Id<User>,
    current: Id<Session>,
    id: DeviceId,
) -> Result<u64, Error> {
    let device = repository::lock(tx, tx.tenant(), user, id).await?.ok_or(Error::NotFound)?;
    let current = repository::of_session(tx, tx.tenant(), current).await?;
    tx.expect(&Device { is_current: current == Some(id), ..device })?;
    let ended = session::end_of_device(tx, id, EndReason::Revoked).await?;
    repository::delete(tx, tx.tenant(), id).await?;
    Ok(ended)
}
