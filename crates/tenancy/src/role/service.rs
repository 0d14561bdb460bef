//! What may happen to roles.

mod repository;

use elder_access::{
    Action, Authority, Change, Changes, DbError, Event, Found, PermissionRow, PermissionSet, TenantTx,
    markers::{RolesRead, RolesWrite},
};
use elder_kernel::collection::Selection;
use serde_json::{Map, Value, json};

use super::{
    Error, NewRole, RoleDefinition, RoleId, RolePatch, RoleTier, all_built_in, gives, names, permitted,
};

/// The built-in roles, then the custom ones. They are few, and one kind is in no table: so they are picked in memory.
pub(super) async fn list(
    tx: &TenantTx<RolesRead>,
    selection: &Selection,
) -> Result<Found<RoleDefinition>, Error> {
    let custom = repository::all(tx, tx.tenant()).await?;
    let roles: Vec<_> = all_built_in().chain(custom).enumerate().collect();
    Ok(Found::in_memory(selection, roles, |(place, role)| shown(*place, role)).map(|(_, role)| role))
}

/// A role in JSON, with its place in the list.
fn shown(place: usize, role: &RoleDefinition) -> Map<String, Value> {
    let mut shown = match json!(role) {
        Value::Object(shown) => shown,
        _ => Map::new(),
    };
    let place = role.id.map_or_else(|| format!("{place:04}"), |id| id.to_string());
    shown.insert("place".to_owned(), place.into());
    shown
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
    let permissions = permitted(new.tier, &PermissionRow::all(&new.permissions))?;
    ensure_held(tx, permissions)?;
    let (id, now) = (tx.seam().id(), tx.seam().now());
    let role = RoleDefinition {
        id: Some(id),
        built_in: false,
        tier: new.tier,
        name: new.name.into(),
        description: new.description,
        permissions: names(permissions),
        requires_mfa: new.requires_mfa,
        created_at: Some(now),
        updated_at: Some(now),
    };
    repository::insert(tx, tx.tenant(), id, &role).await?;
    let changes = Changes::default()
        .new_field("name", &role.name)
        .new_field("tier", &role.tier)
        .new_field("permissions", &role.permissions)
        .new_field("requires_mfa", &role.requires_mfa);
    Ok(((id, role), Event::on(Action::RoleCreated, id).changed(changes)))
}

/// Changes a role; no event if nothing changed. Who changes what it gives must hold what it gave and what it will give,
/// and who changes what it asks for what it gives: else an account could be made easier to take that reaches further.
pub(super) async fn update(
    tx: &TenantTx<RolesWrite>,
    id: RoleId,
    patch: RolePatch,
) -> Result<(RoleDefinition, Option<Event>), Error> {
    let before = repository::lock(tx, tx.tenant(), id).await?.ok_or(Error::NotFound)?;
    tx.expect(&before)?;
    let mut after = before.clone();
    after.name = patch.name.map_or(after.name, String::from);
    after.description = patch.description.apply(after.description);
    if let Some(permissions) = patch.permissions {
        let permissions = permitted(before.tier, &PermissionRow::all(&permissions))?;
        if permissions != gives(&before) {
            ensure_held(tx, permissions.union(gives(&before)))?;
            after.permissions = names(permissions);
        }
    }
    after.requires_mfa = patch.requires_mfa.unwrap_or(before.requires_mfa);
    if after.requires_mfa != before.requires_mfa {
        ensure_held(tx, gives(&before))?;
    }
    let changes = Changes::default()
        .field("name", &before.name, &after.name)
        .field("description", &before.description, &after.description)
        .field("permissions", &before.permissions, &after.permissions)
        .field("requires_mfa", &before.requires_mfa, &after.requires_mfa);
    if changes.is_empty() {
        return Ok((before, None));
    }
    after.updated_at = Some(tx.seam().now());
    repository::update(tx, tx.tenant(), id, &after).await?;
    Ok((after, Some(Event::on(Action::RoleUpdated, id).changed(changes))))
}

pub(super) async fn delete(tx: &TenantTx<RolesWrite>, id: RoleId) -> Result<Event, Error> {
    let role = repository::lock(tx, tx.tenant(), id).await?.ok_or(Error::NotFound)?;
    tx.expect(&role)?;
    match repository::uses(tx, tx.tenant(), id).await? {
        0 => repository::delete(tx, tx.tenant(), id).await?,
        uses => return Err(Error::InUse(uses)),
    }
    Ok(Event::on(Action::RoleDeleted, id).with("name", role.name))
}

fn ensure_held(tx: &TenantTx<RolesWrite>, permissions: PermissionSet) -> Result<(), Error> {
    if permissions.within(tx.holds()) { Ok(()) } else { Err(Error::ExceedsOwn) }
}
