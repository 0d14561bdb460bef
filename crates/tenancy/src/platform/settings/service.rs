//! What operators may do with the platform's settings.

mod repository;

use elder_access::{
    Action, Change, Changes, Event, PlatformTx,
    markers::{PlatformSettingsRead, PlatformSettingsWrite},
};

use super::{Error, PlatformSettings, PlatformSettingsPatch};
use crate::settings::{TenantSettings, stored_form};

pub(super) async fn get(tx: &PlatformTx<PlatformSettingsRead>) -> Result<PlatformSettings, Error> {
    repository::find(tx).await?.ok_or(Error::Missing)
}

/// Changes the settings; no event if nothing changes.
pub(super) async fn update(
    tx: &PlatformTx<PlatformSettingsWrite>,
    patch: PlatformSettingsPatch,
) -> Result<(PlatformSettings, Option<Event>), Error> {
    let before = repository::lock(tx).await?.ok_or(Error::Missing)?;
    tx.expect(&before)?;
    let mut after = before.clone();
    after.name = patch.name.map_or(after.name, String::from);
    after.registration = patch.registration.unwrap_or(after.registration);
    after.deletion_days = patch.deletion_days.unwrap_or(after.deletion_days);
    after.maintenance = patch.maintenance.apply(after.maintenance);
    let changes = Changes::default()
        .field("name", &before.name, &after.name)
        .field("registration", &before.registration, &after.registration)
        .field("deletion_days", &before.deletion_days, &after.deletion_days)
        .field("maintenance", &before.maintenance, &after.maintenance);
    if changes.is_empty() {
        return Ok((before, None));
    }
    repository::update(tx, &after, tx.seam().now()).await?;
    Ok((after, Some(Event::new(Action::PlatformSettingsUpdated).changed(changes))))
}

pub(super) async fn template(tx: &PlatformTx<PlatformSettingsRead>) -> Result<TenantSettings, Error> {
    repository::template(tx).await?.ok_or(Error::Missing)
}

/// Replaces the settings with which new tenants begin; those that are there keep theirs.
pub(super) async fn replace_template(
    tx: &PlatformTx<PlatformSettingsWrite>,
    template: TenantSettings,
) -> Result<Change<TenantSettings>, Error> {
    // Both are one row: whoever replaces the template at the same time waits.
    repository::lock(tx).await?.ok_or(Error::Missing)?;
    let before = repository::template(tx).await?.ok_or(Error::Missing)?;
    tx.expect(&before)?;
    repository::replace_template(tx, &template, tx.seam().now()).await?;
    let changes = Changes::default().field("tenant_template", &stored_form(&before), &stored_form(&template));
    Ok((template, Event::new(Action::PlatformSettingsUpdated).changed(changes)))
}
