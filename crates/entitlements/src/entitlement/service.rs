//! What may happen to the catalogue.

mod repository;

use elder_access::{
    Action, Authority, Change, Changes, Event, Found, TenantTx, Write,
    markers::{DirectoriesWrite, EntitlementsWrite},
};
use elder_kernel::{Patch, collection::Selection};

use super::{
    DirectoryId, Entitlement, EntitlementId, EntitlementKind, EntitlementPatch, FIRST, MOST, NewEntitlement,
};
use crate::Error;

/// The right to add to the catalogue: of who looks after it, and of who sets a directory up that begins it.
pub trait FillsCatalogues: Authority<Mode = Write> {}
impl FillsCatalogues for EntitlementsWrite {}
impl FillsCatalogues for DirectoriesWrite {}

pub(super) async fn list(
    tx: &TenantTx<impl Authority>,
    selection: &Selection,
) -> Result<Found<Entitlement>, Error> {
    Ok(repository::list(tx, tx.tenant(), selection).await?)
}

/// One entitlement.
pub(crate) async fn get(tx: &TenantTx<impl Authority>, id: EntitlementId) -> Result<Entitlement, Error> {
    repository::find(tx, tx.tenant(), id).await?.ok_or(Error::NotFound)
}

/// What a directory may give, in the order of its values.
///
/// # Errors
/// [`Error::Database`].
pub async fn offered(
    tx: &TenantTx<impl Authority>,
    directory: DirectoryId,
    kind: EntitlementKind,
) -> Result<Vec<Entitlement>, Error> {
    Ok(repository::offered(tx, tx.tenant(), (directory, kind)).await?)
}

/// Adds an entitlement.
pub(super) async fn create(
    tx: &TenantTx<EntitlementsWrite>,
    new: NewEntitlement,
) -> Result<Change<Entitlement>, Error> {
    repository::hold_all(tx, tx.tenant()).await?;
    if repository::count(tx, tx.tenant()).await? >= MOST {
        return Err(Error::TooMany);
    }
    let display = new.display.map_or_else(|| new.value.clone(), String::from);
    let entitlement = Entitlement {
        category: new.category.map(String::from),
        description: new.description,
        permissions: new.permissions.into_iter().map(String::from).collect(),
        is_supported: new.is_supported,
        max_holders: new.max_holders,
        directory_id: new.directory_id,
        ..plain(tx, new.kind, new.value, display)
    };
    let entitlement = add(tx, entitlement).await?;
    let changes = Changes::default()
        .new_field("kind", &entitlement.kind)
        .new_field("value", &entitlement.value)
        .new_field("display", &entitlement.display)
        .new_field("permissions", &entitlement.permissions)
        .new_field("is_supported", &entitlement.is_supported)
        .new_field("max_holders", &entitlement.max_holders)
        .new_field("directory_id", &entitlement.directory_id);
    let event = Event::on(Action::EntitlementCreated, entitlement.id).changed(changes);
    Ok((entitlement, event))
}

/// Gives an empty catalogue its first roles, and names them; nothing if there is anything in it.
///
/// # Errors
/// [`Error::Database`].
pub async fn begin<A: FillsCatalogues>(tx: &TenantTx<A>) -> Result<Vec<&'static str>, Error> {
    repository::hold_all(tx, tx.tenant()).await?;
    if repository::count(tx, tx.tenant()).await? > 0 {
        return Ok(Vec::new());
    }
    for (value, display, description, permissions) in FIRST {
        let role = Entitlement {
            description: Some(description.to_owned()),
            permissions: permissions.iter().copied().map(str::to_owned).collect(),
            ..plain(tx, EntitlementKind::Role, value.to_owned(), display.to_owned())
        };
        add(tx, role).await?;
    }
    Ok(FIRST.iter().map(|(value, ..)| *value).collect())
}

/// An entitlement that any number of people may hold.
fn plain<A: FillsCatalogues>(
    tx: &TenantTx<A>,
    kind: EntitlementKind,
    value: String,
    display: String,
) -> Entitlement {
    let now = tx.seam().now();
    Entitlement {
        id: tx.seam().id(),
        kind,
        value,
        display,
        category: None,
        description: None,
        permissions: Vec::new(),
        is_supported: true,
        max_holders: None,
        holders: None,
        directory_id: None,
        version: 1,
        created_at: now,
        created_by: tx.actor().user,
        updated_at: now,
    }
}

/// Keeps an entitlement. What directories say already of their people holds from then on; nobody is refused by that,
/// however many they are.
async fn add<A: FillsCatalogues>(tx: &TenantTx<A>, new: Entitlement) -> Result<Entitlement, Error> {
    repository::insert(tx, tx.tenant(), &new).await.map_err(Error::of_entitlement)?;
    let held = adopt(tx, &new).await?;
    let holders = new.max_holders.map(|_| i64::try_from(held).unwrap_or(i64::MAX));
    Ok(Entitlement { holders, ..new })
}

/// Notes who holds it by what directories say; how many these are.
async fn adopt<A: FillsCatalogues>(tx: &TenantTx<A>, entitlement: &Entitlement) -> Result<u64, Error> {
    if !entitlement.is_supported {
        return Ok(0);
    }
    Ok(repository::adopt(tx, tx.tenant(), entitlement, tx.seam().now()).await?)
}

/// Changes an entitlement; no event if nothing changed.
pub(super) async fn update(
    tx: &TenantTx<EntitlementsWrite>,
    id: EntitlementId,
    patch: EntitlementPatch,
) -> Result<(Entitlement, Option<Event>), Error> {
    let before = lock(tx, id).await?;
    let mut after = before.clone();
    after.display = patch.display.map_or(after.display, String::from);
    after.category = match patch.category {
        Patch::Keep => after.category,
        Patch::Clear => None,
        Patch::Set(category) => Some(category.into()),
    };
    after.description = patch.description.apply(after.description);
    if let Some(permissions) = patch.permissions {
        after.permissions = permissions.into_iter().map(String::from).collect();
    }
    after.is_supported = patch.is_supported.unwrap_or(after.is_supported);
    after.max_holders = patch.max_holders.apply(after.max_holders);
    let changes = Changes::default()
        .field("display", &before.display, &after.display)
        .field("category", &before.category, &after.category)
        .field("description", &before.description, &after.description)
        .field("permissions", &before.permissions, &after.permissions)
        .field("is_supported", &before.is_supported, &after.is_supported)
        .field("max_holders", &before.max_holders, &after.max_holders);
    if changes.is_empty() {
        return Ok((before, None));
    }
    after.version += 1;
    after.updated_at = tx.seam().now();
    repository::update(tx, tx.tenant(), &after).await?;
    if !before.is_supported {
        adopt(tx, &after).await?;
    }
    let after = repository::find(tx, tx.tenant(), id).await?.ok_or(Error::NotFound)?;
    Ok((after, Some(Event::on(Action::EntitlementUpdated, id).changed(changes))))
}

pub(super) async fn delete(tx: &TenantTx<EntitlementsWrite>, id: EntitlementId) -> Result<Event, Error> {
    let entitlement = lock(tx, id).await?;
    match repository::holders(tx, tx.tenant(), id).await? {
        0 => repository::delete(tx, tx.tenant(), id).await?,
        holders => return Err(Error::InUse(holders)),
    };
    let event = Event::on(Action::EntitlementDeleted, id).with("kind", entitlement.kind);
    Ok(event.with("value", entitlement.value))
}

/// One entitlement, which nobody else changes nor gives until the end.
async fn lock(tx: &TenantTx<EntitlementsWrite>, id: EntitlementId) -> Result<Entitlement, Error> {
    repository::hold_all(tx, tx.tenant()).await?;
    let entitlement = repository::lock(tx, tx.tenant(), id).await?.ok_or(Error::NotFound)?;
    tx.expect(&entitlement)?;
    Ok(entitlement)
}
