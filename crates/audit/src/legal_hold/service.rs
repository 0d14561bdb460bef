//! How holds are put and released.

mod repository;

use elder_access::{
    Action, Asked, Change, Changes, Event, Found, TenantTx,
    markers::{LegalHoldsRead, LegalHoldsWrite},
};
use elder_kernel::collection::Selection;

use super::{HoldScope, LegalHold, LegalHoldId, NewLegalHold};
use crate::Error;

pub(super) async fn list(
    tx: &TenantTx<LegalHoldsRead>,
    selection: &Selection,
) -> Result<Found<LegalHold>, Error> {
    Ok(repository::list(tx, tx.tenant(), selection).await?)
}

pub(super) async fn get(tx: &TenantTx<LegalHoldsRead>, id: LegalHoldId) -> Result<LegalHold, Error> {
    repository::find(tx, tx.tenant(), id).await?.ok_or(Error::NotFound)
}

/// Puts a hold. It waits for deletions by retention that have begun, so that none goes on behind the answer. What it covers
/// may be gone already: then its events are held.
pub(super) async fn create(
    tx: &TenantTx<LegalHoldsWrite>,
    new: NewLegalHold,
) -> Result<Change<LegalHold>, Error> {
    let NewLegalHold { organization_id, user_id, reason } = new;
    let tenant = tx.tenant();
    let (scope, subject) = match (organization_id, user_id) {
        (Some(organization), _) => (HoldScope::Organization, Some(organization.to_string())),
        (None, Some(user)) => (HoldScope::User, Some(user.to_string())),
        (None, None) => (HoldScope::Tenant, None),
    };
    repository::wait(tx, tenant).await?;
    let is_known = match (organization_id, user_id) {
        (Some(organization), _) => repository::knows_organization(tx, tenant, organization).await?,
        (None, Some(user)) => repository::knows_user(tx, tenant, user).await?,
        (None, None) => true,
    };
    if !is_known {
        return Err(Error::NotFound);
    }
    let hold = LegalHold {
        id: tx.seam().id(),
        scope,
        organization_id,
        user_id,
        reason,
        is_in_force: true,
        created_at: tx.seam().now(),
        created_by: tx.actor().user,
        release_asked_at: None,
        release_asked_by: None,
        release_reason: None,
        released_at: None,
        released_by: None,
    };
    repository::insert(tx, tenant, &hold, subject).await?;
    let changes = Changes::default()
        .new_field("scope", &hold.scope)
        .new_field("organization_id", &hold.organization_id)
        .new_field("user_id", &hold.user_id)
        .new_field("reason", &hold.reason);
    let event = Event::on(Action::LegalHoldCreated, hold.id).changed(changes);
    Ok((hold, event))
}

/// Asks that a hold be released; it stays in force.
pub(super) async fn release(
    tx: &TenantTx<LegalHoldsWrite>,
    id: LegalHoldId,
    reason: String,
) -> Result<Change<LegalHold>, Error> {
    let before = lock(tx, id).await?;
    if before.release_asked_at.is_some() {
        return Err(Error::ReleaseAsked);
    }
    let asked = LegalHold {
        release_asked_at: Some(tx.seam().now()),
        release_asked_by: Some(tx.first_person()?),
        release_reason: Some(reason),
        ..before.clone()
    };
    write(tx, &before, asked, Action::LegalHoldReleaseAsked).await
}

/// Releases a hold of which somebody else has asked it.
pub(super) async fn approve(
    tx: &TenantTx<LegalHoldsWrite>,
    id: LegalHoldId,
) -> Result<Change<LegalHold>, Error> {
    let before = lock(tx, id).await?;
    let at = before.release_asked_at.ok_or(Error::NothingAsked)?;
    tx.second_person(&Asked { by: before.release_asked_by, at, about: None }).await?;
    let released = LegalHold {
        is_in_force: false,
        released_at: Some(tx.seam().now()),
        released_by: tx.actor().user,
        ..before.clone()
    };
    write(tx, &before, released, Action::LegalHoldReleased).await
}

/// Rejects that a hold be released, or takes that back.
pub(super) async fn reject(
    tx: &TenantTx<LegalHoldsWrite>,
    id: LegalHoldId,
) -> Result<Change<LegalHold>, Error> {
    let before = lock(tx, id).await?;
    if before.release_asked_at.is_none() {
        return Err(Error::NothingAsked);
    }
    let kept =
        LegalHold { release_asked_at: None, release_asked_by: None, release_reason: None, ..before.clone() };
    write(tx, &before, kept, Action::LegalHoldReleaseRejected).await
}

/// A hold that is in force.
async fn lock(tx: &TenantTx<LegalHoldsWrite>, id: LegalHoldId) -> Result<LegalHold, Error> {
    let before = repository::lock(tx, tx.tenant(), id).await?.ok_or(Error::NotFound)?;
    tx.expect(&before)?;
    if before.is_in_force { Ok(before) } else { Err(Error::Released) }
}

async fn write(
    tx: &TenantTx<LegalHoldsWrite>,
    before: &LegalHold,
    after: LegalHold,
    action: Action,
) -> Result<Change<LegalHold>, Error> {
    repository::release(tx, tx.tenant(), &after).await?;
    let changes = Changes::default()
        .field("is_in_force", &before.is_in_force, &after.is_in_force)
        .field("release_asked_by", &before.release_asked_by, &after.release_asked_by)
        .field("release_reason", &before.release_reason, &after.release_reason);
    let event = Event::on(action, after.id).changed(changes);
    Ok((after, event))
}
