//! What may happen to organizations.

mod repository;

use elder_access::{
    Action, Authority, Change, Changes, Event, Found, OrgGrant, Reach, TenantTx,
    markers::{OrganizationsRead, OrganizationsWrite},
};
use elder_kernel::collection::Selection;
use serde_json::Value;

use self::repository::Branch;
use super::{
    Ancestor, Error, Line, ListScope, MOST_LEVELS, MOST_SETTINGS_BYTES, NewOrganization, Node, Organization,
    OrganizationId, OrganizationPatch, merge,
};

/// The way up from an organization that the caller reaches.
///
/// # Errors
/// [`Error::NotFound`] if there is no such organization within reach.
pub async fn line<A: Authority>(tx: &TenantTx<A>, id: OrganizationId) -> Result<Line, Error> {
    let line = repository::line(tx, tx.tenant(), id).await?;
    if line.within(tx.reach()).is_empty() { Err(Error::NotFound) } else { Ok(line) }
}

pub(super) async fn list(
    tx: &TenantTx<OrganizationsRead>,
    parent: Option<OrganizationId>,
    scope: ListScope,
    selection: &Selection,
) -> Result<Found<Organization>, Error> {
    if let Some(parent) = parent {
        line(tx, parent).await?;
    }
    let branch = match (scope, parent, tx.reach()) {
        (ListScope::Level, Some(parent), _) => Branch::Below(parent),
        (ListScope::Level, None, Reach::Tenant) => Branch::Roots,
        (ListScope::Level, None, Reach::Organizations(roots)) => Branch::Among(roots.clone()),
        (ListScope::Tree, Some(parent), _) => Branch::AllBelow(parent),
        (ListScope::Tree, None, Reach::Tenant) => Branch::All,
        (ListScope::Tree, None, Reach::Organizations(roots)) => Branch::AllAmong(roots.clone()),
    };
    Ok(repository::list(tx, tx.tenant(), branch, selection).await?)
}

pub(super) async fn get(tx: &TenantTx<OrganizationsRead>, id: OrganizationId) -> Result<Organization, Error> {
    line(tx, id).await?;
    repository::find(tx, tx.tenant(), id).await?.ok_or(Error::NotFound)
}

pub(super) async fn ancestors(
    tx: &TenantTx<OrganizationsRead>,
    id: OrganizationId,
) -> Result<Vec<Ancestor>, Error> {
    let line = line(tx, id).await?;
    Ok(line.within(tx.reach()).iter().skip(1).cloned().collect())
}

pub(super) async fn subtree(
    tx: &TenantTx<OrganizationsRead>,
    id: OrganizationId,
) -> Result<Vec<Node>, Error> {
    line(tx, id).await?;
    Ok(repository::subtree(tx, tx.tenant(), id).await?)
}

pub(super) async fn create(
    tx: &TenantTx<OrganizationsWrite>,
    new: NewOrganization,
) -> Result<Change<Organization>, Error> {
    repository::share_shape(tx, tx.tenant()).await?;
    if destination(tx, new.parent_id).await?.levels() >= MOST_LEVELS {
        return Err(Error::TooDeep);
    }
    let now = tx.seam().now();
    let organization = Organization {
        id: tx.seam().id(),
        parent_id: new.parent_id,
        name: new.name.into(),
        description: new.description,
        settings: fitting(Value::Object(new.settings))?,
        is_active: true,
        created_at: now,
        updated_at: now,
    };
    let inserted = repository::insert(tx, tx.tenant(), &organization).await;
    inserted.map_err(|error| match error.constraint() {
        Some("organizations_parent_fkey") => Error::NotFound,
        _ => error.into(),
    })?;
    let changes = Changes::default()
        .new_field("name", &organization.name)
        .new_field("parent_id", &organization.parent_id);
    let event = Event::on(Action::OrganizationCreated, organization.id);
    Ok((organization.clone(), event.in_organization(organization.id).changed(changes)))
}

/// Changes an organization; no event if nothing changed.
pub(super) async fn update(
    tx: &TenantTx<OrganizationsWrite>,
    id: OrganizationId,
    patch: OrganizationPatch,
) -> Result<(Organization, Option<Event>), Error> {
    line(tx, id).await?;
    let before = repository::lock(tx, tx.tenant(), id).await?.ok_or(Error::NotFound)?;
    tx.expect(&before)?;
    let mut after = before.clone();
    after.name = patch.name.map_or(after.name, String::from);
    after.description = patch.description.apply(after.description);
    after.is_active = patch.is_active.unwrap_or(after.is_active);
    if let (Value::Object(settings), Some(patch)) = (&mut after.settings, patch.settings) {
        merge(settings, patch);
    }
    let changes = Changes::default()
        .field("name", &before.name, &after.name)
        .field("description", &before.description, &after.description)
        .field("settings", &before.settings, &after.settings)
        .field("is_active", &before.is_active, &after.is_active);
    if changes.is_empty() {
        return Ok((before, None));
    }
    after.settings = fitting(after.settings)?;
    after.updated_at = tx.seam().now();
    repository::update(tx, tx.tenant(), &after).await?;
    let event = Event::on(Action::OrganizationUpdated, id).in_organization(id).changed(changes);
    Ok((after, Some(event)))
}

pub(super) async fn delete(tx: &TenantTx<OrganizationsWrite>, id: OrganizationId) -> Result<Event, Error> {
    line(tx, id).await?;
    let organization = repository::lock(tx, tx.tenant(), id).await?.ok_or(Error::NotFound)?;
    tx.expect(&organization)?;
    let deleted = repository::delete(tx, tx.tenant(), id).await;
    deleted.map_err(|error| match error.constraint() {
        Some("organizations_parent_fkey") => Error::HasChildren,
        _ => error.into(),
    })?;
    Ok(Event::on(Action::OrganizationDeleted, id).in_organization(id).with("name", organization.name))
}

/// Hangs an organization with all below it under another parent; no event if it lies there already.
///
/// One move at a time in a tenant: two that are harmless alone could make a cycle together. Nobody moves something to
/// where they hold more over it; `own` is what the caller's roles in organizations give.
pub(super) async fn relocate(
    tx: &TenantTx<OrganizationsWrite>,
    own: &[OrgGrant],
    id: OrganizationId,
    parent: Option<OrganizationId>,
) -> Result<(Organization, Option<Event>), Error> {
    repository::lock_shape(tx, tx.tenant()).await?;
    let from = line(tx, id).await?;
    let before = repository::find(tx, tx.tenant(), id).await?.ok_or(Error::NotFound)?;
    tx.expect(&before)?;
    // Where a reach begins is not for those to change whose reach it is.
    if *tx.reach() != Reach::Tenant && from.within(tx.reach()).len() == 1 {
        return Err(Error::BeyondReach);
    }
    let to = destination(tx, parent).await?;
    if to.passes(id) {
        return Err(Error::Cycle);
    }
    if before.parent_id == parent {
        return Ok((before, None));
    }
    if !to.held(tx.holds(), own).within(from.held(tx.holds(), own)) {
        return Err(Error::ExceedsOwn);
    }
    if to.levels() + repository::height(tx, tx.tenant(), id).await? > MOST_LEVELS {
        return Err(Error::TooDeep);
    }
    let moved = repository::relocate(tx, tx.tenant(), id, parent, tx.seam().now()).await?;
    let changes = Changes::default().field("parent_id", &before.parent_id, &parent);
    let event = Event::on(Action::OrganizationMoved, id).in_organization(id).changed(changes);
    Ok((moved.ok_or(Error::NotFound)?, Some(event)))
}

/// The way up from where something shall be hung; empty for the top of the tree.
async fn destination(
    tx: &TenantTx<OrganizationsWrite>,
    parent: Option<OrganizationId>,
) -> Result<Line, Error> {
    match (parent, tx.reach()) {
        (Some(parent), _) => line(tx, parent).await,
        (None, Reach::Tenant) => Ok(Line(Vec::new())),
        (None, Reach::Organizations(_)) => Err(Error::BeyondReach),
    }
}

fn fitting(settings: Value) -> Result<Value, Error> {
    let bytes = settings.to_string().len();
    if bytes > MOST_SETTINGS_BYTES { Err(Error::SettingsTooLarge) } else { Ok(settings) }
}
