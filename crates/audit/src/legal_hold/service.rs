//! How holds are put and released.

mod repository;

use elder_access::{
    Action, Change, Changes, Event, Found, TenantTx,
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
        released_at: None,
        released_by: None,
        release_reason: None,
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

pub(super) async fn release(
    tx: &TenantTx<LegalHoldsWrite>,
    id: LegalHoldId,
    reason: String,
) -> Result<Change<LegalHold>, Error> {
    let before = repository::lock(tx, tx.tenant(), id).await?.ok_or(Error::NotFound)?;
    tx.expect(&before)?;
    if !before.is_in_force {
        return Err(Error::Released);
    }
    let after = LegalHold {
        is_in_force: false,
        released_at: Some(tx.seam().now()),
        released_by: tx.actor().user,
        release_reason: Some(reason),
        ..before.clone()
    };
    repository::release(tx, tx.tenant(), &after).await?;
    let changes = Changes::default().field("is_in_force", &before.is_in_force, &after.is_in_force).field(
        "release_reason",
        &before.release_reason,
        &after.release_reason,
    );
    Ok((after, Event::on(Action::LegalHoldReleased, id).changed(changes)))
}
