//! What may happen to roles.

mod repository;

use elder_access::{
    Action, Authority, Change, Changes, DbError, Event, PermissionSet, TenantTx,
    markers::{RolesRead, RolesWrite},
};
use serde::{Deserialize, Serialize};

use super::{Error, NewRole, RoleDefinition, RoleId, RolePatch, RoleTier, names, permitted};

/// Where a page begins: the built-in roles come first.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
pub(super) enum Place {
    /// After the built-in role of this tier and name's position.
    BuiltIn(usize),
    /// After this custom role.
    Custom(RoleId),
}

/// A role with its place in the list.
pub(super) type Placed = (Place, RoleDefinition);

pub(super) async fn list(
    tx: &TenantTx<RolesRead>,
    after: Option<Place>,
    rows: u64,
) -> Result<Vec<Placed>, Error> {
    let most = usize::try_from(rows).unwrap_or(usize::MAX);
    let (skip, after) = match after {
        None => (0, None),
        Some(Place::BuiltIn(position)) => (position + 1, None),
        Some(Place::Custom(id)) => (usize::MAX, Some(id)),
    };
    let built_in = RoleDefinition::all_built_in().enumerate().skip(skip).take(most);
    let mut page: Vec<Placed> = built_in.map(|(position, role)| (Place::BuiltIn(position), role)).collect();
    let left = most.saturating_sub(page.len()) as u64;
    let custom = repository::list(tx, tx.tenant(), after, left).await?;
    page.extend(custom.into_iter().filter_map(|role| role.id.map(|id| (Place::Custom(id), role))));
    Ok(page)
}

pub(super) async fn get(tx: &TenantTx<RolesRead>, id: RoleId) -> Result<RoleDefinition, Error> {
    repository::find(tx, tx.tenant(), id).await?.ok_or(Error::NotFound)
}

/// The custom roles of these ids that can be given on `tier`; those that there are.
///
/// # Errors
/// [`DbError`].
pub(crate) async fn among<A: Authority>(
    tx: &TenantTx<A>,
    ids: &[RoleId],
    tier: RoleTier,
) -> Result<Vec<RoleDefinition>, DbError> {
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    repository::among(tx, tx.tenant(), ids, tier).await
}

pub(super) async fn create(
    tx: &TenantTx<RolesWrite>,
    new: NewRole,
) -> Result<Change<(RoleId, RoleDefinition)>, Error> {
    let permissions = permitted(new.tier, &new.permissions)?;
    ensure_held(tx, permissions)?;
    let (id, now) = (tx.seam().id(), tx.seam().now());
    let role = RoleDefinition {
        id: Some(id),
        built_in: false,
        tier: new.tier,
        name: new.name.into(),
        description: new.description,
        permissions: names(permissions),
        created_at: Some(now),
        updated_at: Some(now),
    };
    repository::insert(tx, tx.tenant(), id, &role).await?;
    let changes = Changes::default()
        .new_field("name", &role.name)
        .new_field("tier", &role.tier)
        .new_field("permissions", &role.permissions);
    Ok(((id, role), Event::on(Action::RoleCreated, id).changed(changes)))
}

/// Changes a role; no event if nothing changed. Who changes what it gives must hold what it gave and what it will give.
pub(super) async fn update(
    tx: &TenantTx<RolesWrite>,
    id: RoleId,
    patch: RolePatch,
) -> Result<(RoleDefinition, Option<Event>), Error> {
    let before = repository::lock(tx, tx.tenant(), id).await?.ok_or(Error::NotFound)?;
    let mut after = before.clone();
    after.name = patch.name.map_or(after.name, String::from);
    after.description = patch.description.apply(after.description);
    if let Some(rows) = patch.permissions {
        let permissions = permitted(before.tier, &rows)?;
        if permissions != before.gives() {
            ensure_held(tx, permissions.union(before.gives()))?;
            after.permissions = names(permissions);
        }
    }
    let changes = Changes::default()
        .field("name", &before.name, &after.name)
        .field("description", &before.description, &after.description)
        .field("permissions", &before.permissions, &after.permissions);
    if changes.is_empty() {
        return Ok((before, None));
    }
    after.updated_at = Some(tx.seam().now());
    repository::update(tx, tx.tenant(), id, &after).await?;
    Ok((after, Some(Event::on(Action::RoleUpdated, id).changed(changes))))
}

pub(super) async fn delete(tx: &TenantTx<RolesWrite>, id: RoleId) -> Result<Event, Error> {
    let role = repository::lock(tx, tx.tenant(), id).await?.ok_or(Error::NotFound)?;
    match repository::uses(tx, tx.tenant(), id).await? {
        0 => repository::delete(tx, tx.tenant(), id).await?,
        uses => return Err(Error::InUse(uses)),
    }
    Ok(Event::on(Action::RoleDeleted, id).with("name", role.name))
}

fn ensure_held(tx: &TenantTx<RolesWrite>, permissions: PermissionSet) -> Result<(), Error> {
    if permissions.within(tx.holds()) { Ok(()) } else { Err(Error::ExceedsOwn) }
}
