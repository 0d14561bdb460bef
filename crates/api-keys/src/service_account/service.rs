//! What may happen to service accounts.

mod repository;

use elder_access::{
    Action, Authority, Change, Changes, Event, Found, OrgGrant, PermissionRow, PermissionSet, TenantTx,
    Write,
    markers::{ServiceAccountsRead, ServiceAccountsWrite},
};
use elder_kernel::{Patch, collection::Selection};

use super::{NewServiceAccount, ServiceAccount, ServiceAccountId, ServiceAccountPatch, TIERS};
use crate::{
    Error,
    scope::{self, Scope, ensure_held},
};

pub(super) async fn list(
    tx: &TenantTx<ServiceAccountsRead>,
    selection: &Selection,
) -> Result<Found<ServiceAccount>, Error> {
    Ok(repository::list(tx, tx.tenant(), selection).await?)
}

/// One service account.
pub(crate) async fn get<A: Authority>(
    tx: &TenantTx<A>,
    id: ServiceAccountId,
) -> Result<ServiceAccount, Error> {
    repository::find(tx, tx.tenant(), id).await?.ok_or(Error::NotFound)
}

/// One service account, which nobody else changes until the end.
pub(crate) async fn lock<A: Authority<Mode = Write>>(
    tx: &TenantTx<A>,
    id: ServiceAccountId,
) -> Result<ServiceAccount, Error> {
    let account = repository::lock(tx, tx.tenant(), id).await?.ok_or(Error::NotFound)?;
    tx.expect(&account)?;
    Ok(account)
}

/// `own` is what the caller's roles in organizations give.
pub(super) async fn create(
    tx: &TenantTx<ServiceAccountsWrite>,
    own: &[OrgGrant],
    new: NewServiceAccount,
) -> Result<Change<ServiceAccount>, Error> {
    let permissions =
        scope::permitted(&PermissionRow::all(&new.permissions), TIERS, new.organizations.is_some())?;
    let organizations = match new.organizations {
        Some(ids) => Some(scope::known(tx, own, ids).await?),
        None => None,
    };
    let scope = Scope { permissions, organizations };
    ensure_held(tx, own, &scope).await?;
    let now = tx.seam().now();
    let account = ServiceAccount {
        id: tx.seam().id(),
        name: new.name.into(),
        description: new.description,
        permissions: names(scope.permissions),
        organizations: scope.organizations,
        is_active: true,
        version: 1,
        created_at: now,
        created_by: tx.actor().user,
        updated_at: now,
    };
    repository::insert(tx, tx.tenant(), &account).await.map_err(Error::of_account)?;
    let changes = Changes::default()
        .new_field("name", &account.name)
        .new_field("permissions", &account.permissions)
        .new_field("organizations", &account.organizations);
    let event = Event::on(Action::ServiceAccountCreated, account.id).changed(changes);
    Ok((account, event))
}

/// Changes an account; no event if nothing changed.
pub(super) async fn update(
    tx: &TenantTx<ServiceAccountsWrite>,
    own: &[OrgGrant],
    id: ServiceAccountId,
    patch: ServiceAccountPatch,
) -> Result<(ServiceAccount, Option<Event>), Error> {
    let before = lock_held(tx, own, id).await?;
    let mut after = before.clone();
    after.name = patch.name.map_or(after.name, String::from);
    after.description = patch.description.apply(after.description);
    after.organizations = match patch.organizations {
        Patch::Set(ids) => Some(scope::known(tx, own, ids).await?),
        Patch::Clear => None,
        Patch::Keep => after.organizations,
    };
    let permissions = match &patch.permissions {
        Some(names) => PermissionRow::all(names),
        None => super::scope(&before).permissions.rows().collect(),
    };
    if permissions.iter().map(|row| row.name).ne(before.permissions.iter().map(String::as_str))
        || after.organizations != before.organizations
    {
        let permissions = scope::permitted(&permissions, TIERS, after.organizations.is_some())?;
        ensure_held(tx, own, &Scope { permissions, organizations: after.organizations.clone() }).await?;
        after.permissions = names(permissions);
    }
    let changes = Changes::default()
        .field("name", &before.name, &after.name)
        .field("description", &before.description, &after.description)
        .field("permissions", &before.permissions, &after.permissions)
        .field("organizations", &before.organizations, &after.organizations);
    save(tx, before, after, changes, Action::ServiceAccountUpdated).await
}

/// Activates or deactivates an account; no event if it was so before.
pub(super) async fn set_active(
    tx: &TenantTx<ServiceAccountsWrite>,
    own: &[OrgGrant],
    id: ServiceAccountId,
    is_active: bool,
) -> Result<(ServiceAccount, Option<Event>), Error> {
    let before = lock_held(tx, own, id).await?;
    let after = ServiceAccount { is_active, ..before.clone() };
    let changes = Changes::default().field("is_active", &before.is_active, &is_active);
    let action = if is_active { Action::ServiceAccountActivated } else { Action::ServiceAccountDeactivated };
    save(tx, before, after, changes, action).await
}

pub(super) async fn delete(
    tx: &TenantTx<ServiceAccountsWrite>,
    own: &[OrgGrant],
    id: ServiceAccountId,
) -> Result<Event, Error> {
    let account = lock_held(tx, own, id).await?;
    repository::delete(tx, tx.tenant(), id).await?;
    Ok(Event::on(Action::ServiceAccountDeleted, id).with("name", account.name))
}

/// Locks an account that holds nothing beyond what the caller holds.
async fn lock_held(
    tx: &TenantTx<ServiceAccountsWrite>,
    own: &[OrgGrant],
    id: ServiceAccountId,
) -> Result<ServiceAccount, Error> {
    let account = lock(tx, id).await?;
    ensure_held(tx, own, &super::scope(&account)).await?;
    Ok(account)
}

async fn save(
    tx: &TenantTx<ServiceAccountsWrite>,
    before: ServiceAccount,
    after: ServiceAccount,
    changes: Changes,
    action: Action,
) -> Result<(ServiceAccount, Option<Event>), Error> {
    if changes.is_empty() {
        return Ok((before, None));
    }
    let after = ServiceAccount { version: before.version + 1, updated_at: tx.seam().now(), ..after };
    repository::update(tx, tx.tenant(), &after).await.map_err(Error::of_account)?;
    let event = Event::on(action, after.id).changed(changes);
    Ok((after, Some(event)))
}

fn names(permissions: PermissionSet) -> Vec<String> {
    permissions.rows().map(|row| row.name.to_owned()).collect()
}
