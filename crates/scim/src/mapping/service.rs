//! What may be done with role mappings. What they give is asked whenever rights are (`held_roles` in the database), so
//! that nothing is to be taken back.

mod repository;

use elder_access::{Action, Authority, Change, Changes, Event, Found, TenantTx, markers::DirectoriesWrite};
use elder_kernel::collection::Selection;
use elder_tenancy::offer;

use super::{NewRoleMapping, RoleMapping, RoleMappingId};
use crate::{
    Error,
    directory::{self, DirectoryId},
};

type Tx = TenantTx<DirectoriesWrite>;

pub(crate) async fn list(
    tx: &TenantTx<impl Authority>,
    directory: DirectoryId,
    selection: &Selection,
) -> Result<Found<RoleMapping>, Error> {
    let found = repository::list(tx, (tx.tenant(), directory), selection).await?;
    if found.rows.is_empty() {
        directory::service::get(tx, directory).await?;
    }
    Ok(found)
}

pub(crate) async fn create(
    tx: &Tx,
    directory: DirectoryId,
    new: NewRoleMapping,
) -> Result<Change<RoleMapping>, Error> {
    let mapping = RoleMapping {
        id: tx.seam().id(),
        directory_id: directory,
        source: new.source,
        value: new.value,
        organization_id: new.organization_id,
        role: new.role,
        role_id: new.role_id,
        created_at: tx.seam().now(),
        created_by: tx.actor().user,
    };
    directory::service::get(tx, directory).await?;
    ensure_held(tx, [&mapping]).await?;
    repository::insert(tx, tx.tenant(), &mapping).await.map_err(Error::of_mapping)?;
    let changes = Changes::default()
        .new_field("source", &mapping.source)
        .new_field("value", &mapping.value)
        .new_field("organization_id", &mapping.organization_id)
        .new_field("role", &mapping.role)
        .new_field("role_id", &mapping.role_id);
    let event = Event::on(Action::RoleMappingCreated, mapping.id).changed(changes);
    Ok((mapping, event.with("directory", directory)))
}

/// Takes from everybody what the mapping gives; so, as where a role is taken from one, the caller must hold it.
pub(crate) async fn delete(tx: &Tx, (directory, id): (DirectoryId, RoleMappingId)) -> Result<Event, Error> {
    let mapping = repository::lock(tx, (tx.tenant(), directory), id).await?.ok_or(Error::NotFound)?;
    tx.expect(&mapping)?;
    ensure_held(tx, [&mapping]).await?;
    repository::delete(tx, (tx.tenant(), directory), id).await?;
    let event = Event::on(Action::RoleMappingDeleted, id).with("directory", directory);
    Ok(event.with("source", mapping.source).with("value", mapping.value))
}

/// Refuses who does not hold all that the directory may give: with one of its tokens they could give it to themselves.
///
/// # Errors
/// [`Error::ExceedsOwn`].
pub(crate) async fn ensure_all_held(tx: &Tx, directory: DirectoryId) -> Result<(), Error> {
    ensure_held(tx, &repository::all(tx, (tx.tenant(), directory)).await?).await
}

/// Nobody gives by a mapping what they do not hold over the whole tenant.
async fn ensure_held<'a>(tx: &Tx, mappings: impl IntoIterator<Item = &'a RoleMapping>) -> Result<(), Error> {
    for offer in super::offers(mappings) {
        if !offer::gives(tx, &offer).await?.within(tx.holds()) {
            return Err(Error::ExceedsOwn);
        }
    }
    Ok(())
}
