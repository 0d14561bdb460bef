//! What admins may do with links of accounts to whom providers mean.

mod repository;

use elder_access::{
    Action, Change, Event, Found, TenantTx,
    markers::{IdpsRead, IdpsWrite},
};
use elder_kernel::collection::Selection;
use elder_portal_users::account;

use super::{Identity, IdentityId, IdentityProviderId, NewIdentity, UserId};
use crate::{
    Error, idp, notice,
    provisioning::{Meant, NewLink, service::link},
    session,
};

/// By which providers somebody signs in.
pub(super) async fn of_user(
    tx: &TenantTx<IdpsRead>,
    user: UserId,
    selection: &Selection,
) -> Result<Found<Identity>, Error> {
    let found = repository::of_user(tx, (tx.tenant(), user), selection).await?;
    if found.rows.is_empty() {
        account::service::get(tx, user).await?;
    }
    Ok(found)
}

/// Whom a provider knows.
pub(super) async fn of_idp(
    tx: &TenantTx<IdpsRead>,
    idp: IdentityProviderId,
    selection: &Selection,
) -> Result<Found<Identity>, Error> {
    let found = repository::of_idp(tx, (tx.tenant(), idp), selection).await?;
    if found.rows.is_empty() {
        idp::service::ensure_there(tx, idp).await?;
    }
    Ok(found)
}

/// Links an account by an admin's word: by that of no domain, so that it lasts whatever becomes of the address (S-29). Whoever
/// could link an account of more rights than their own to themselves would hold them (O-17), and so would who lets a provider
/// give to somebody more than they hold (D-05).
pub(super) async fn create(
    tx: &TenantTx<IdpsWrite>,
    user: UserId,
    new: NewIdentity,
) -> Result<Change<Identity>, Error> {
    account::service::within_own_roles(tx, user).await?;
    let (provider, issuer) = idp::service::held::hold(tx, new.identity_provider_id).await?;
    let NewIdentity { identity_provider_id, subject } = new;
    let meant = Meant { idp: identity_provider_id, issuer: &issuer, subject: &subject };
    let linked_by = tx.actor().user;
    let new = NewLink { meant, user, domain: None, linked_by, last_login_at: None };
    let id = link(tx, &new).await.map_err(Error::of_link)?;
    notice::linked(tx, user, provider).await?;
    let identity = Identity {
        id,
        user_id: user,
        identity_provider_id,
        issuer,
        subject,
        domain: None,
        groups: Vec::new(),
        linked_at: tx.seam().now(),
        linked_by,
        last_login_at: None,
    };
    let event = event(Action::IdentityLinked, &identity);
    Ok((identity, event))
}

/// Unlinks an account. Roles go with it, so that the caller must hold what the user holds.
pub(super) async fn delete(
    tx: &TenantTx<IdpsWrite>,
    (user, id): (UserId, IdentityId),
) -> Result<Event, Error> {
    let identity = repository::lock(tx, (tx.tenant(), user), id).await?.ok_or(Error::NotFound)?;
    tx.expect(&identity)?;
    account::service::within_own_roles(tx, user).await?;
    let ended = session::service::end_of_identity(tx, (identity.identity_provider_id, user)).await?;
    repository::delete(tx, tx.tenant(), id).await?;
    let provider = idp::service::name(tx, identity.identity_provider_id).await?;
    notice::unlinked(tx, user, provider).await?;
    Ok(event(Action::IdentityUnlinked, &identity).with("sessions_ended", ended))
}

fn event(action: Action, identity: &Identity) -> Event {
    Event::on(action, identity.id)
        .with("user", identity.user_id)
        .with("identity_provider", identity.identity_provider_id)
        .with_personal(identity.user_id, "subject", &identity.subject)
}
