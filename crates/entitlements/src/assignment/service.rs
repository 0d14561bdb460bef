//! Who is given what: by somebody here, one at a time; by a directory, all that it says at once. Each holds the person
//! and the catalogue until the end, so that two who give at the same time see each other, and what is in the catalogue
//! now.

mod repository;

use std::collections::HashMap;

use elder_access::{
    Action, Authority, Change, Event, Found, TenantTx, Write,
    markers::{EntitlementsAssign, ScimWrite},
};
use elder_kernel::{collection::Selection, fold};

use self::repository::Entry;
use super::{
    EntitlementAssignment, EntitlementAssignmentId, Followed, NewEntitlementAssignment, Said, UserId,
};
use crate::{
    Error, conflict,
    entitlement::{self, EntitlementId},
};

/// The right to say who holds what.
pub trait Assigns: Authority<Mode = Write> {}
impl Assigns for EntitlementsAssign {}
impl Assigns for ScimWrite {}

pub(super) async fn list(
    tx: &TenantTx<impl Authority>,
    user: UserId,
    selection: &Selection,
) -> Result<Found<EntitlementAssignment>, Error> {
    let found = repository::list(tx, (tx.tenant(), user), selection).await?;
    if found.rows.is_empty() && !repository::exists(tx, (tx.tenant(), user)).await? {
        return Err(Error::NotFound);
    }
    Ok(found)
}

/// Keeps everybody else from giving the person anything, or taking it, until the end.
pub(super) async fn hold<A: Assigns>(tx: &TenantTx<A>, user: UserId) -> Result<(), Error> {
    if repository::hold(tx, (tx.tenant(), user)).await? { Ok(()) } else { Err(Error::NotFound) }
}

pub(super) async fn create(
    tx: &TenantTx<EntitlementsAssign>,
    user: UserId,
    new: &NewEntitlementAssignment,
) -> Result<Change<EntitlementAssignment>, Error> {
    hold(tx, user).await?;
    let entitlement = entitlement::service::get(tx, new.entitlement_id).await?;
    if entitlement.directory_id.is_some() {
        return Err(Error::ManagedByDirectory);
    }
    if !entitlement.is_supported {
        return Err(Error::Unsupported);
    }
    let assignment = EntitlementAssignment {
        id: tx.seam().id(),
        user_id: user,
        entitlement_id: entitlement.id,
        kind: entitlement.kind,
        value: entitlement.value,
        display: entitlement.display,
        permissions: entitlement.permissions,
        directory_id: None,
        assigned_at: tx.seam().now(),
        assigned_by: tx.actor().user,
    };
    repository::insert(tx, tx.tenant(), &assignment).await.map_err(Error::of_assignment)?;
    ensure_allowed(tx, user, &[entitlement.id]).await?;
    Ok((assignment.clone(), event(Action::EntitlementAssigned, &assignment)))
}

pub(super) async fn delete(
    tx: &TenantTx<EntitlementsAssign>,
    (user, id): (UserId, EntitlementAssignmentId),
) -> Result<Event, Error> {
    hold(tx, user).await?;
    let assignment = repository::find(tx, (tx.tenant(), user), id).await?.ok_or(Error::NotFound)?;
    tx.expect(&assignment)?;
    if assignment.directory_id.is_some() {
        return Err(Error::ManagedByDirectory);
    }
    repository::delete(tx, tx.tenant(), id).await?;
    Ok(event(Action::EntitlementRevoked, &assignment))
}

fn event(action: Action, assignment: &EntitlementAssignment) -> Event {
    Event::on(action, assignment.entitlement_id)
        .with("user_id", assignment.user_id)
        .with("kind", assignment.kind)
        .with("value", &assignment.value)
}

/// Lets somebody hold by a directory what it says, and nothing else. What it names beside the catalogue is nobody's, or
/// refused if the directory is bound to it.
///
/// # Errors
/// [`Error::Unlisted`], [`Error::Exhausted`], [`Error::Conflict`]; [`Error::NotFound`] if there is nobody of this id.
pub async fn follow<A: Assigns>(tx: &TenantTx<A>, said: Said<'_>) -> Result<Followed, Error> {
    hold(tx, said.user).await?;
    let entries = repository::entries(tx, tx.tenant(), said).await?;
    let wanted = wanted(&entries, said)?;
    let is_wanted = |entry: &&Entry| wanted.contains(&entry.id);
    let given: Vec<_> = entries.iter().filter(|entry| !entry.is_held).filter(is_wanted).collect();
    let taken: Vec<_> = entries.iter().filter(|entry| entry.is_held && !is_wanted(entry)).collect();
    let ids = |of: &[&Entry]| of.iter().map(|entry| entry.id).collect::<Vec<_>>();
    if !taken.is_empty() {
        repository::take(tx, (tx.tenant(), said), &ids(&taken)).await?;
    }
    if !given.is_empty() {
        let made: Vec<_> = given.iter().map(|_| tx.seam().id()).collect();
        repository::give(tx, (tx.tenant(), said, tx.seam().now()), (&made, &ids(&given))).await?;
        ensure_allowed(tx, said.user, &ids(&given)).await?;
    }
    let values = |of: &[&Entry]| of.iter().map(|entry| entry.value.clone()).collect();
    Ok(Followed { assigned: values(&given), revoked: values(&taken) })
}

/// Which entries a directory names. One that is given no more is kept by who holds it.
fn wanted(entries: &[Entry], said: Said<'_>) -> Result<Vec<EntitlementId>, Error> {
    let usable = entries.iter().filter(|entry| entry.is_supported || entry.is_held);
    let by_name: HashMap<_, _> = usable.map(|entry| ((entry.kind, fold(&entry.value)), entry.id)).collect();
    let mut wanted = Vec::new();
    for (kind, value) in said.values() {
        match by_name.get(&(kind, fold(value))) {
            Some(id) => wanted.push(*id),
            None if said.is_bound => return Err(Error::unlisted(kind, value)),
            None => {}
        }
    }
    Ok(wanted)
}

/// Refuses what more people would hold than may, and what nobody may hold together.
async fn ensure_allowed<A: Assigns>(
    tx: &TenantTx<A>,
    user: UserId,
    given: &[EntitlementId],
) -> Result<(), Error> {
    if repository::hold_limited(tx, tx.tenant(), given).await? > 0
        && let Some((value, most)) = repository::exhausted(tx, tx.tenant(), given).await?
    {
        return Err(Error::Exhausted { value, most });
    }
    conflict::service::ensure_none(tx, user, given).await
}
