//! What operators may do with tenants.

mod repository;

use std::collections::BTreeMap;

use chrono::Duration;
use elder_access::{
    Action, Authority, Change, Changes, Event, Found, PlatformTx, Write,
    markers::{FeatureFlagsWrite, PlatformTenantsCreate, PlatformTenantsRead, PlatformTenantsWrite},
    session::EndReason,
    work::Shell,
};
use elder_kernel::TenantId;
use elder_kernel::collection::Selection;

use super::{Error, ManagedTenant, ManagedTenantPatch, NewTenant, Slug, TenantRef};

/// Rights by which all tenants are seen.
pub trait SeesTenants: Authority {}
impl SeesTenants for PlatformTenantsRead {}
impl SeesTenants for PlatformTenantsWrite {}
impl SeesTenants for FeatureFlagsWrite {}
impl SeesTenants for Shell {}

/// Rights by which a tenant is made.
pub trait CreatesTenants: Authority<Mode = Write> {}
impl CreatesTenants for PlatformTenantsCreate {}
impl CreatesTenants for Shell {}

/// Rights by which any tenant is changed.
pub trait ManagesTenants: Authority<Mode = Write> {}
impl ManagesTenants for PlatformTenantsWrite {}
impl ManagesTenants for Shell {}

/// A tenant after a change, and the event to commit: none if it was already so.
pub type MaybeChange = (ManagedTenant, Option<Event>);

/// Finds the tenant that a path names.
///
/// # Errors
/// [`Error::NotFound`].
pub async fn find<A: SeesTenants>(tx: &PlatformTx<A>, named: &TenantRef) -> Result<ManagedTenant, Error> {
    repository::find(tx, named).await?.ok_or(Error::NotFound)
}

/// The tenants that `filter` lets through, after one, and at most so many.
///
/// # Errors
/// [`Error::Database`].
pub async fn list<A: SeesTenants>(
    tx: &PlatformTx<A>,
    search: Option<&str>,
    selection: &Selection,
) -> Result<Found<ManagedTenant>, Error> {
    Ok(repository::list(tx, search, selection).await?)
}

/// Creates a tenant with the settings of the template.
///
/// # Errors
/// [`Error::SlugTaken`].
pub async fn create<A: CreatesTenants>(
    tx: &PlatformTx<A>,
    new: NewTenant,
) -> Result<Change<ManagedTenant>, Error> {
    let now = tx.seam().now();
    let mut tenant = ManagedTenant {
        id: TenantId::SYSTEM,
        name: new.name.into(),
        slug: new.slug.into_inner(),
        subscription_tier: new.subscription_tier,
        feature_flags: BTreeMap::new(),
        data_retention_days: new.data_retention_days,
        storage_quota_gb: new.storage_quota_gb,
        is_active: true,
        legal_hold: false,
        deletion_scheduled_at: None,
        created_at: now,
        updated_at: now,
    };
    tenant.id = repository::insert(tx, &tenant).await?.ok_or(Error::NotFound)?;
    let changes = Changes::default()
        .new_field("name", &tenant.name)
        .new_field("slug", &tenant.slug)
        .new_field("subscription_tier", &tenant.subscription_tier);
    let event = Event::about(Action::TenantCreated, tenant.id.to_string()).changed(changes);
    Ok((tenant, event))
}

/// Changes a tenant.
///
/// # Errors
/// [`Error::NotFound`], [`Error::SlugTaken`], [`Error::System`] for another slug of System.
pub async fn update<A: ManagesTenants>(
    tx: &PlatformTx<A>,
    named: &TenantRef,
    patch: ManagedTenantPatch,
) -> Result<MaybeChange, Error> {
    let before = lock(tx, named).await?;
    let mut after = before.clone();
    after.name = patch.name.map_or(after.name, String::from);
    after.slug = patch.slug.map_or(after.slug, Slug::into_inner);
    after.subscription_tier = patch.subscription_tier.unwrap_or(after.subscription_tier);
    after.data_retention_days = patch.data_retention_days.apply(after.data_retention_days);
    after.storage_quota_gb = patch.storage_quota_gb.apply(after.storage_quota_gb);
    after.legal_hold = patch.legal_hold.unwrap_or(after.legal_hold);
    if before.id == TenantId::SYSTEM && before.slug != after.slug {
        return Err(Error::System);
    }
    save(tx, before, after, Action::TenantUpdated).await
}

/// Lets the tenant's people and tokens in again; its former sessions stay ended.
///
/// # Errors
/// [`Error::NotFound`].
pub async fn activate<A: ManagesTenants>(
    tx: &PlatformTx<A>,
    named: &TenantRef,
) -> Result<MaybeChange, Error> {
    let before = lock(tx, named).await?;
    let after = ManagedTenant { is_active: true, ..before.clone() };
    save(tx, before, after, Action::TenantActivated).await
}

/// Ends the tenant's sessions and refuses its tokens.
///
/// # Errors
/// [`Error::NotFound`], [`Error::System`].
pub async fn deactivate<A: ManagesTenants>(
    tx: &PlatformTx<A>,
    named: &TenantRef,
) -> Result<MaybeChange, Error> {
    let before = lock_but_system(tx, named).await?;
    let after = ManagedTenant { is_active: false, ..before.clone() };
    let (tenant, event) = save(tx, before, after, Action::TenantDeactivated).await?;
    let Some(event) = event else { return Ok((tenant, None)) };
    let ended =
        repository::end_sessions(tx, tenant.id, EndReason::AccountChanged.name(), tx.seam().now()).await?;
    Ok((tenant, Some(event.with("sessions_ended", ended))))
}

/// Sets the day on which the tenant is removed.
///
/// # Errors
/// [`Error::NotFound`], [`Error::System`], [`Error::LegalHold`].
pub async fn schedule_deletion<A: ManagesTenants>(
    tx: &PlatformTx<A>,
    named: &TenantRef,
    after_days: Option<u32>,
) -> Result<MaybeChange, Error> {
    let before = lock_but_system(tx, named).await?;
    if before.legal_hold || repository::is_held(tx, before.id).await? {
        return Err(Error::LegalHold);
    }
    let days = match after_days {
        Some(days) => i64::from(days),
        None => repository::deletion_days(tx).await?,
    };
    let at = tx.seam().now() + Duration::days(days);
    let after = ManagedTenant { deletion_scheduled_at: Some(at), ..before.clone() };
    save(tx, before, after, Action::TenantDeletionScheduled).await
}

/// Takes the deletion of a tenant back.
///
/// # Errors
/// [`Error::NotFound`].
pub async fn cancel_deletion<A: ManagesTenants>(
    tx: &PlatformTx<A>,
    named: &TenantRef,
) -> Result<MaybeChange, Error> {
    let before = lock(tx, named).await?;
    let after = ManagedTenant { deletion_scheduled_at: None, ..before.clone() };
    save(tx, before, after, Action::TenantDeletionCancelled).await
}

/// Lets every network in again: the way back in for operators whom System's own list has shut out.
///
/// # Errors
/// [`Error::NotFound`].
pub async fn clear_ip_allowlist<A: ManagesTenants>(
    tx: &PlatformTx<A>,
    named: &TenantRef,
) -> Result<MaybeChange, Error> {
    let tenant = lock(tx, named).await?;
    let Some(networks) = repository::clear_ip_allowlist(tx, tenant.id, tx.seam().now()).await? else {
        return Ok((tenant, None));
    };
    let changes = Changes::default().field("settings.ip_allowlist", &networks, &serde_json::json!([]));
    let event = Event::about(Action::TenantUpdated, tenant.id.to_string()).changed(changes);
    Ok((tenant, Some(event)))
}

async fn lock<A: Authority<Mode = Write>>(
    tx: &PlatformTx<A>,
    named: &TenantRef,
) -> Result<ManagedTenant, Error> {
    let tenant = repository::lock(tx, named).await?.ok_or(Error::NotFound)?;
    tx.expect(&tenant)?;
    Ok(tenant)
}

async fn lock_but_system<A: Authority<Mode = Write>>(
    tx: &PlatformTx<A>,
    named: &TenantRef,
) -> Result<ManagedTenant, Error> {
    let tenant = lock(tx, named).await?;
    if tenant.id == TenantId::SYSTEM { Err(Error::System) } else { Ok(tenant) }
}

async fn save<A: Authority<Mode = Write>>(
    tx: &PlatformTx<A>,
    before: ManagedTenant,
    mut after: ManagedTenant,
    action: Action,
) -> Result<MaybeChange, Error> {
    let changes = Changes::default()
        .field("name", &before.name, &after.name)
        .field("slug", &before.slug, &after.slug)
        .field("subscription_tier", &before.subscription_tier, &after.subscription_tier)
        .field("data_retention_days", &before.data_retention_days, &after.data_retention_days)
        .field("storage_quota_gb", &before.storage_quota_gb, &after.storage_quota_gb)
        .field("is_active", &before.is_active, &after.is_active)
        .field("legal_hold", &before.legal_hold, &after.legal_hold)
        .field("deletion_scheduled_at", &before.deletion_scheduled_at, &after.deletion_scheduled_at);
    if changes.is_empty() {
        return Ok((before, None));
    }
    after.updated_at = tx.seam().now();
    repository::update(tx, &after).await?;
    let event = Event::about(action, after.id.to_string()).changed(changes);
    Ok((after, Some(event)))
}
