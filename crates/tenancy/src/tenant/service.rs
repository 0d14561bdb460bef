//! What a tenant's own people may do with it.

mod repository;

use elder_access::{
    Action, Authority, Changes, Event, PlatformTx, Read, TenantTx, flows,
    markers::{PlatformTenantsRead, TenantWrite, UsageRead},
};

use elder_kernel::TenantId;

use super::{Error, Tenant, TenantPatch, Usage};
use crate::settings;

/// Who may see what a tenant uses.
pub trait ReadsUsage: Authority<Mode = Read> {}
impl ReadsUsage for UsageRead {}
impl ReadsUsage for PlatformTenantsRead {}

/// The transaction's tenant.
///
/// # Errors
/// [`Error::NotFound`] if it is gone, [`Error::Database`].
pub async fn get<A: Authority>(tx: &TenantTx<A>) -> Result<Tenant, Error> {
    repository::find(tx, tx.tenant()).await?.ok_or(Error::NotFound)
}

/// Rights of somebody who comes from outside to a tenant that they name.
pub trait NamesTenant: Authority {}
impl NamesTenant for flows::SignIn {}
impl NamesTenant for flows::Registration {}

/// The active tenant of this slug or number, for somebody who is about to sign in to it or to join it.
///
/// # Errors
/// [`Error::Database`].
pub async fn named<A: NamesTenant>(tx: &PlatformTx<A>, name: &str) -> Result<Option<TenantId>, Error> {
    Ok(repository::named(tx, name).await?)
}

/// Changes the name and the settings; no event if nothing changes. Nobody shuts themselves out: a list of networks that
/// binds the caller must hold their own.
pub(super) async fn update(
    tx: &TenantTx<TenantWrite>,
    patch: TenantPatch,
    binds_caller: bool,
) -> Result<(Tenant, Option<Event>), Error> {
    let before = repository::lock(tx, tx.tenant()).await?.ok_or(Error::NotFound)?;
    tx.expect(&before)?;
    let mut after = before.clone();
    after.name = patch.name.map_or(after.name, String::from);
    if let Some(patch) = &patch.settings {
        after.settings = settings::merge(&before.settings, patch)?;
    }
    let networks = &after.settings.ip_allowlist;
    if binds_caller && *networks != before.settings.ip_allowlist && !networks.admit(tx.client()) {
        return Err(Error::ShutsOutCaller);
    }
    let changes = Changes::default().field("name", &before.name, &after.name).field(
        "settings",
        &settings::stored_form(&before.settings),
        &settings::stored_form(&after.settings),
    );
    if changes.is_empty() {
        return Ok((before, None));
    }
    after.updated_at = tx.seam().now();
    repository::update(tx, &after).await?;
    let event = Event::about(Action::TenantUpdated, after.id.to_string()).changed(changes);
    Ok((after, Some(event)))
}

/// Counts what the transaction's tenant uses.
///
/// # Errors
/// [`Error::Database`].
pub(crate) async fn usage<A: ReadsUsage>(tx: &TenantTx<A>) -> Result<Usage, Error> {
    Ok(repository::usage(tx, tx.tenant(), tx.seam().now()).await?)
}
