//! What may happen to the rules, and what they refuse.

mod repository;

use elder_access::{
    Action, Authority, Change, Changes, Event, Found, TenantTx, Write, markers::EntitlementsWrite,
};
use elder_api_types::UserId;
use elder_kernel::collection::Selection;

use super::{
    EntitlementConflict, EntitlementConflictId, EntitlementConflictPatch, EntitlementViolation,
    NewEntitlementConflict,
};
use crate::{Error, entitlement::EntitlementId};

pub(super) async fn list(
    tx: &TenantTx<impl Authority>,
    selection: &Selection,
) -> Result<Found<EntitlementConflict>, Error> {
    Ok(repository::list(tx, tx.tenant(), selection).await?)
}

pub(super) async fn get(
    tx: &TenantTx<impl Authority>,
    id: EntitlementConflictId,
) -> Result<EntitlementConflict, Error> {
    repository::find(tx, tx.tenant(), id).await?.ok_or(Error::NotFound)
}

/// Who holds more than a rule allows.
pub(super) async fn violations(
    tx: &TenantTx<impl Authority>,
    id: EntitlementConflictId,
    selection: &Selection,
) -> Result<Found<EntitlementViolation>, Error> {
    let found = repository::violations(tx, (tx.tenant(), id), selection).await?;
    if found.rows.is_empty() {
        get(tx, id).await?;
    }
    Ok(found)
}

/// Refuses that somebody holds what no rule lets them hold together. Rules about nothing of what was `given` now are not
/// asked: who broke one before it was made goes on.
pub(crate) async fn ensure_none(
    tx: &TenantTx<impl Authority<Mode = Write>>,
    user: UserId,
    given: &[EntitlementId],
) -> Result<(), Error> {
    match repository::broken(tx, (tx.tenant(), user), given).await? {
        Some(broken) => Err(Error::Conflict { rule: broken.rule, most: broken.most, held: broken.held }),
        None => Ok(()),
    }
}

pub(super) async fn create(
    tx: &TenantTx<EntitlementsWrite>,
    new: NewEntitlementConflict,
) -> Result<Change<EntitlementConflict>, Error> {
    let now = tx.seam().now();
    let rule = EntitlementConflict {
        id: tx.seam().id(),
        name: new.name.into(),
        description: new.description,
        entitlement_ids: in_order(new.entitlement_ids),
        most: new.most,
        version: 1,
        created_at: now,
        created_by: tx.actor().user,
        updated_at: now,
    };
    repository::insert(tx, tx.tenant(), &rule).await.map_err(Error::of_conflict)?;
    repository::set_members(tx, tx.tenant(), &rule).await.map_err(Error::of_conflict)?;
    let changes = Changes::default()
        .new_field("name", &rule.name)
        .new_field("entitlement_ids", &rule.entitlement_ids)
        .new_field("most", &rule.most);
    let event = Event::on(Action::EntitlementConflictCreated, rule.id).changed(changes);
    Ok((rule, event))
}

/// Changes a rule; no event if nothing changed.
pub(super) async fn update(
    tx: &TenantTx<EntitlementsWrite>,
    id: EntitlementConflictId,
    patch: EntitlementConflictPatch,
) -> Result<(EntitlementConflict, Option<Event>), Error> {
    let before = lock(tx, id).await?;
    let mut after = before.clone();
    after.name = patch.name.map_or(after.name, String::from);
    after.description = patch.description.apply(after.description);
    after.entitlement_ids = patch.entitlement_ids.map_or(after.entitlement_ids, in_order);
    after.most = patch.most.unwrap_or(after.most);
    let changes = Changes::default()
        .field("name", &before.name, &after.name)
        .field("description", &before.description, &after.description)
        .field("entitlement_ids", &before.entitlement_ids, &after.entitlement_ids)
        .field("most", &before.most, &after.most);
    if changes.is_empty() {
        return Ok((before, None));
    }
    after.version += 1;
    after.updated_at = tx.seam().now();
    repository::update(tx, tx.tenant(), &after).await.map_err(Error::of_conflict)?;
    if after.entitlement_ids != before.entitlement_ids {
        repository::clear_members(tx, tx.tenant(), id).await?;
        repository::set_members(tx, tx.tenant(), &after).await.map_err(Error::of_conflict)?;
    }
    Ok((after, Some(Event::on(Action::EntitlementConflictUpdated, id).changed(changes))))
}

pub(super) async fn delete(
    tx: &TenantTx<EntitlementsWrite>,
    id: EntitlementConflictId,
) -> Result<Event, Error> {
    let rule = lock(tx, id).await?;
    repository::delete(tx, tx.tenant(), id).await?;
    Ok(Event::on(Action::EntitlementConflictDeleted, id).with("name", rule.name))
}

async fn lock(
    tx: &TenantTx<EntitlementsWrite>,
    id: EntitlementConflictId,
) -> Result<EntitlementConflict, Error> {
    let rule = repository::lock(tx, tx.tenant(), id).await?.ok_or(Error::NotFound)?;
    tx.expect(&rule)?;
    Ok(rule)
}

fn in_order(mut ids: Vec<EntitlementId>) -> Vec<EntitlementId> {
    ids.sort_unstable();
    ids
}
