//! What may happen to applications.

mod repository;

use elder_access::{
    Action, Change, Changes, Event, Found, Guest, TenantTx, flows,
    markers::{ApplicationsRead, ApplicationsWrite},
};
use elder_kernel::{TenantId, collection::Selection};

use super::{Application, ApplicationId, ApplicationPatch, NewApplication};
use crate::Error;

pub(super) async fn list(
    tx: &TenantTx<ApplicationsRead>,
    selection: &Selection,
) -> Result<Found<Application>, Error> {
    Ok(repository::list(tx, tx.tenant(), selection).await?)
}

pub(super) async fn get(tx: &TenantTx<ApplicationsRead>, id: ApplicationId) -> Result<Application, Error> {
    repository::find(tx, tx.tenant(), id).await?.ok_or(Error::NotFound)
}

/// The application that somebody comes from, and its tenant, which must be active.
pub(crate) async fn anywhere(
    guest: &Guest<flows::SignIn>,
    id: ApplicationId,
) -> Result<(TenantId, Application), Error> {
    repository::anywhere(&*guest.lookup().await?, id).await?.ok_or(Error::NotFound)
}

pub(super) async fn create(
    tx: &TenantTx<ApplicationsWrite>,
    new: NewApplication,
) -> Result<Change<Application>, Error> {
    let now = tx.seam().now();
    let application = Application {
        id: tx.seam().id(),
        name: new.name.into(),
        redirect_uris: new.redirect_uris,
        allowed_origins: new.allowed_origins,
        version: 1,
        created_at: now,
        created_by: tx.actor().user,
        updated_at: now,
    };
    repository::insert(tx, tx.tenant(), &application).await.map_err(Error::of_application)?;
    let changes = Changes::default()
        .new_field("name", &application.name)
        .new_field("redirect_uris", &application.redirect_uris)
        .new_field("allowed_origins", &application.allowed_origins);
    let event = Event::on(Action::ApplicationCreated, application.id).changed(changes);
    Ok((application, event))
}

/// Changes an application; no event if nothing changed.
pub(super) async fn update(
    tx: &TenantTx<ApplicationsWrite>,
    id: ApplicationId,
    patch: ApplicationPatch,
) -> Result<(Application, Option<Event>), Error> {
    let before = lock(tx, id).await?;
    let mut after = before.clone();
    after.name = patch.name.map_or(after.name, String::from);
    after.redirect_uris = patch.redirect_uris.unwrap_or(after.redirect_uris);
    after.allowed_origins = patch.allowed_origins.unwrap_or(after.allowed_origins);
    let changes = Changes::default()
        .field("name", &before.name, &after.name)
        .field("redirect_uris", &before.redirect_uris, &after.redirect_uris)
        .field("allowed_origins", &before.allowed_origins, &after.allowed_origins);
    if changes.is_empty() {
        return Ok((before, None));
    }
    after.version += 1;
    after.updated_at = tx.seam().now();
    repository::update(tx, tx.tenant(), &after).await.map_err(Error::of_application)?;
    let event = Event::on(Action::ApplicationUpdated, id).changed(changes);
    Ok((after, Some(event)))
}

pub(super) async fn delete(tx: &TenantTx<ApplicationsWrite>, id: ApplicationId) -> Result<Event, Error> {
    let application = lock(tx, id).await?;
    repository::delete(tx, tx.tenant(), id).await?;
    Ok(Event::on(Action::ApplicationDeleted, id).with("name", application.name))
}

/// One application, which nobody else changes until the end.
async fn lock(tx: &TenantTx<ApplicationsWrite>, id: ApplicationId) -> Result<Application, Error> {
    let application = repository::lock(tx, tx.tenant(), id).await?.ok_or(Error::NotFound)?;
    tx.expect(&application)?;
    Ok(application)
}
