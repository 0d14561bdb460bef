//! What may be done with directories.

mod repository;

use elder_access::{Action, Authority, Change, Changes, Event, Found, TenantTx, markers::DirectoriesWrite};
use elder_entitlements::entitlement::service as catalogue;
use elder_kernel::collection::Selection;

use super::{Directory, DirectoryId, DirectoryPatch, DirectoryTest, NewDirectory, Vocabulary, patched};
use crate::{Error, valve, wire::ROOT};

type Tx = TenantTx<DirectoriesWrite>;

pub(crate) async fn list(
    tx: &TenantTx<impl Authority>,
    selection: &Selection,
) -> Result<Found<Directory>, Error> {
    Ok(repository::list(tx, tx.tenant(), selection).await?)
}

pub(crate) async fn get(tx: &TenantTx<impl Authority>, id: DirectoryId) -> Result<Directory, Error> {
    repository::find(tx, tx.tenant(), id).await?.ok_or(Error::NotFound)
}

/// What a provider meets that begins to push now. `public` is where the world reaches this installation.
pub(crate) async fn test(
    tx: &TenantTx<impl Authority>,
    id: DirectoryId,
    public: &str,
) -> Result<DirectoryTest, Error> {
    let seen = repository::seen(tx, (tx.tenant(), id), tx.seam().now()).await?.ok_or(Error::NotFound)?;
    let base_url = format!("{public}{ROOT}");
    Ok(DirectoryTest { directory_base_url: format!("{base_url}/{id}"), base_url, ..seen })
}

pub(crate) async fn create(tx: &Tx, new: NewDirectory) -> Result<Change<Directory>, Error> {
    let now = tx.seam().now();
    let directory = Directory {
        id: tx.seam().id(),
        name: new.name,
        provider: new.provider,
        deprovisioning: new.deprovisioning,
        conflicts: new.conflicts,
        max_removals: new.max_removals,
        sync_groups: new.sync_groups,
        entitlements: new.entitlements,
        is_active: true,
        last_activity_at: None,
        created_at: now,
        updated_at: now,
    };
    repository::insert(tx, tx.tenant(), &directory).await.map_err(Error::of_directory)?;
    let first = begin_catalogue(tx, &directory).await?;
    let changes = Changes::default()
        .new_field("name", &directory.name)
        .new_field("provider", &directory.provider)
        .new_field("deprovisioning", &directory.deprovisioning)
        .new_field("conflicts", &directory.conflicts)
        .new_field("max_removals", &directory.max_removals)
        .new_field("sync_groups", &directory.sync_groups)
        .new_field("entitlements", &directory.entitlements);
    let event = Event::on(Action::DirectoryCreated, directory.id).changed(changes);
    Ok((directory, event.with("first_entitlements", first)))
}

/// A directory that is bound to an empty catalogue could give nothing: so the catalogue gets its first roles.
async fn begin_catalogue(tx: &Tx, directory: &Directory) -> Result<Vec<&'static str>, Error> {
    match directory.entitlements {
        Vocabulary::Open => Ok(Vec::new()),
        Vocabulary::Catalogue => Ok(catalogue::begin(tx).await?),
    }
}

/// The directory as it is afterwards; no event if nothing changed.
pub(crate) async fn update(
    tx: &Tx,
    id: DirectoryId,
    patch: DirectoryPatch,
) -> Result<(Directory, Option<Event>), Error> {
    let old = repository::lock(tx, tx.tenant(), id).await?.ok_or(Error::NotFound)?;
    tx.expect(&old)?;
    let new = patched(old.clone(), patch);
    save(tx, Action::DirectoryUpdated, &old, new).await
}

/// Pauses or resumes. Who resumes it has seen who went, so that these count no more.
pub(crate) async fn set_active(
    tx: &Tx,
    id: DirectoryId,
    is_active: bool,
) -> Result<(Directory, Option<Event>), Error> {
    let old = repository::lock(tx, tx.tenant(), id).await?.ok_or(Error::NotFound)?;
    tx.expect(&old)?;
    let action = if is_active { Action::DirectoryResumed } else { Action::DirectoryPaused };
    let new = Directory { is_active, ..old.clone() };
    if is_active {
        valve::service::reset(tx, id).await?;
    }
    save(tx, action, &old, new).await
}

async fn save(
    tx: &Tx,
    action: Action,
    old: &Directory,
    new: Directory,
) -> Result<(Directory, Option<Event>), Error> {
    let changes = Changes::default()
        .field("name", &old.name, &new.name)
        .field("provider", &old.provider, &new.provider)
        .field("deprovisioning", &old.deprovisioning, &new.deprovisioning)
        .field("conflicts", &old.conflicts, &new.conflicts)
        .field("max_removals", &old.max_removals, &new.max_removals)
        .field("sync_groups", &old.sync_groups, &new.sync_groups)
        .field("entitlements", &old.entitlements, &new.entitlements)
        .field("is_active", &old.is_active, &new.is_active);
    if changes.is_empty() {
        return Ok((new, None));
    }
    let new = Directory { updated_at: tx.seam().now(), ..new };
    repository::update(tx, tx.tenant(), &new).await.map_err(Error::of_directory)?;
    let mut event = Event::on(action, new.id).changed(changes);
    if new.entitlements != old.entitlements {
        event = event.with("first_entitlements", begin_catalogue(tx, &new).await?);
    }
    Ok((new, Some(event)))
}

/// Its people stay: they are managed by nobody, and nobody was deactivated.
pub(crate) async fn delete(tx: &Tx, id: DirectoryId) -> Result<Event, Error> {
    let old = repository::lock(tx, tx.tenant(), id).await?.ok_or(Error::NotFound)?;
    tx.expect(&old)?;
    repository::delete(tx, tx.tenant(), id).await?;
    Ok(Event::on(Action::DirectoryDeleted, id))
}
