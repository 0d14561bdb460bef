//! What may happen to feature flags.

mod repository;

use elder_access::{
    Action, Authority, Change, Changes, Event, Found, PlatformTx, TenantTx,
    markers::{FeatureFlagsRead, FeatureFlagsWrite, FeaturesRead},
};
use elder_kernel::{TenantId, collection::Selection};

use super::{Error, FeatureFlag, FeatureFlagPatch, Features, FlagName, NewFeatureFlag, TenantFlag, is_on};

/// Which flags are on for the transaction's tenant.
pub(super) async fn evaluated(tx: &TenantTx<FeaturesRead>) -> Result<Features, Error> {
    let flags = repository::of_tenant(tx, tx.tenant()).await?;
    let features =
        flags.into_iter().map(|(flag, own)| (flag.name.clone(), is_on(&flag, tx.tenant(), own))).collect();
    Ok(Features { features })
}

pub(super) async fn list(
    tx: &PlatformTx<FeatureFlagsRead>,
    selection: &Selection,
) -> Result<Found<FeatureFlag>, Error> {
    Ok(repository::list(tx, selection).await?)
}

pub(super) async fn get<A: Authority>(tx: &PlatformTx<A>, name: &FlagName) -> Result<FeatureFlag, Error> {
    repository::find(tx, name).await?.ok_or(Error::NotFound)
}

pub(super) async fn create(
    tx: &PlatformTx<FeatureFlagsWrite>,
    new: NewFeatureFlag,
) -> Result<Change<FeatureFlag>, Error> {
    let now = tx.seam().now();
    let flag = FeatureFlag {
        name: new.name.to_string(),
        description: new.description,
        is_enabled: new.is_enabled,
        percentage: new.percentage,
        created_at: now,
        updated_at: now,
    };
    repository::insert(tx, &flag).await?;
    let changes = Changes::default()
        .new_field("is_enabled", &flag.is_enabled)
        .new_field("percentage", &flag.percentage);
    let event = Event::about(Action::FeatureFlagCreated, &flag.name).changed(changes);
    Ok((flag, event))
}

/// Changes a flag; no event if nothing changes.
pub(super) async fn update(
    tx: &PlatformTx<FeatureFlagsWrite>,
    name: &FlagName,
    patch: FeatureFlagPatch,
) -> Result<(FeatureFlag, Option<Event>), Error> {
    let before = repository::lock(tx, name).await?.ok_or(Error::NotFound)?;
    tx.expect(&before)?;
    let mut after = before.clone();
    after.description = patch.description.unwrap_or(after.description);
    after.is_enabled = patch.is_enabled.unwrap_or(after.is_enabled);
    after.percentage = patch.percentage.unwrap_or(after.percentage);
    let changes = Changes::default()
        .field("description", &before.description, &after.description)
        .field("is_enabled", &before.is_enabled, &after.is_enabled)
        .field("percentage", &before.percentage, &after.percentage);
    if changes.is_empty() {
        return Ok((before, None));
    }
    after.updated_at = tx.seam().now();
    repository::update(tx, &after).await?;
    let event = Event::about(Action::FeatureFlagUpdated, &after.name).changed(changes);
    Ok((after, Some(event)))
}

/// Deletes a flag and every tenant's value of it: a later flag of the name begins anew.
pub(super) async fn delete(tx: &PlatformTx<FeatureFlagsWrite>, name: &FlagName) -> Result<Event, Error> {
    let flag = repository::lock(tx, name).await?.ok_or(Error::NotFound)?;
    tx.expect(&flag)?;
    repository::delete(tx, name).await?;
    repository::forget_values(tx, name).await?;
    Ok(Event::about(Action::FeatureFlagDeleted, name.to_string()))
}

/// Sets or takes the value of one tenant.
pub(super) async fn set(
    tx: &PlatformTx<FeatureFlagsWrite>,
    name: &FlagName,
    tenant: TenantId,
    value: Option<bool>,
) -> Result<(TenantFlag, Option<Event>), Error> {
    let flag = get(tx, name).await?;
    let before = repository::value(tx, name, tenant).await?.ok_or(Error::NotFound)?;
    let of_tenant =
        TenantFlag { tenant_id: tenant, value, is_on: is_on(&flag, tenant, value), name: flag.name };
    if before == value {
        return Ok((of_tenant, None));
    }
    repository::set_value(tx, name, tenant, value, tx.seam().now()).await?;
    let changes = Changes::default().field("value", &before, &value);
    let event =
        Event::about(Action::FeatureFlagUpdated, name.to_string()).changed(changes).with("tenant_id", tenant);
    Ok((of_tenant, Some(event)))
}
