//! Who may be given which role in an organization, and by whom.

mod repository;

use elder_access::{
    Action, Changes, Event, Found, OrgGrant, PermissionSet, TenantTx,
    markers::{MembersRead, MembersWrite},
};
use elder_kernel::collection::Selection;

use super::{Error, GivenRole, Member, Seat};
use crate::{
    organization::{self, OrganizationId},
    role::{self, RoleTier},
};

pub(super) async fn list(
    tx: &TenantTx<MembersRead>,
    organization: OrganizationId,
    selection: &Selection,
) -> Result<Found<Member>, Error> {
    organization::service::line(tx, organization).await?;
    Ok(repository::list(tx, tx.tenant(), organization, selection).await?)
}

/// Gives a role, in place of one that was there; no event if it is the same. `own` is what the caller's roles in
/// organizations give.
pub(super) async fn assign(
    tx: &TenantTx<MembersWrite>,
    own: &[OrgGrant],
    seat: Seat,
    given: GivenRole,
) -> Result<(Member, Option<Event>), Error> {
    let before = ensure_may_change(tx, own, seat, Some(given)).await?;
    let event = if before == Some(given) {
        None
    } else {
        repository::assign(tx, tx.tenant(), seat, given, tx.seam().now()).await?;
        let labels = (before.map(GivenRole::label), Some(given.label()));
        let changes = Changes::default().field("role", &labels.0, &labels.1);
        Some(event(Action::MemberAssigned, seat).changed(changes))
    };
    let member = repository::find(tx, tx.tenant(), seat).await?.ok_or(Error::NotFound)?;
    Ok((member, event))
}

/// Takes a role away.
pub(super) async fn remove(
    tx: &TenantTx<MembersWrite>,
    own: &[OrgGrant],
    seat: Seat,
) -> Result<Event, Error> {
    let before = ensure_may_change(tx, own, seat, None).await?.ok_or(Error::NotFound)?;
    repository::remove(tx, tx.tenant(), seat).await?;
    Ok(event(Action::MemberRemoved, seat).with("role", before.label()))
}

/// Nobody gives or takes what they do not hold there, and nobody gives themselves more than they have.
async fn ensure_may_change(
    tx: &TenantTx<MembersWrite>,
    own: &[OrgGrant],
    seat: Seat,
    given: Option<GivenRole>,
) -> Result<Option<GivenRole>, Error> {
    let line = organization::service::line(tx, seat.organization).await?;
    let before = repository::lock(tx, tx.tenant(), seat).await?;
    let (old, new) = (gives(tx, before).await?, gives(tx, given).await?);
    if !new.union(old).within(line.held(tx.holds(), own)) {
        return Err(Error::ExceedsOwn);
    }
    if tx.actor().user == Some(seat.user) && !new.within(old) {
        return Err(Error::OwnRole);
    }
    Ok(before)
}

/// What a role gives in an organization.
async fn gives(tx: &TenantTx<MembersWrite>, given: Option<GivenRole>) -> Result<PermissionSet, Error> {
    Ok(match given {
        None => PermissionSet::default(),
        Some(GivenRole::BuiltIn(role)) => role::built_in(RoleTier::Organization, role),
        Some(GivenRole::Custom(id)) => {
            let roles = role::service::among(tx, &[id], RoleTier::Organization).await?;
            role::gives(roles.first().ok_or(Error::NotFound)?)
        }
    })
}

fn event(action: Action, seat: Seat) -> Event {
    Event::on(action, seat.organization).in_organization(seat.organization).with("user_id", seat.user)
}
