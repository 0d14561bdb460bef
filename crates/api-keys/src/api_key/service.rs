//! What may happen to API keys.

mod repository;

use chrono::TimeDelta;
use elder_access::{
    Action, Authority, Change, Changes, Event, Found, OrgGrant, OwnRead, OwnWrite, PermissionName,
    PermissionRow, PermissionSet, TenantTx, Tier, Write,
    markers::{ApiKeysRead, ApiKeysWrite},
};
use elder_kernel::{Id, User, collection::Selection};
use elder_tenancy::organization::OrganizationId;

use super::{ApiKey, ApiKeyId, IssuedKey, NewApiKey, Rotation, TIERS, is_live, overlap, overlaps};
use crate::{
    Error,
    scope::{self, Scope, ensure_held},
    service_account::{self, ServiceAccount, ServiceAccountId},
};

/// A right to see keys.
pub(crate) trait SeesKeys: Authority {}
impl SeesKeys for ApiKeysRead {}
impl SeesKeys for ApiKeysWrite {}
impl SeesKeys for OwnRead {}
impl SeesKeys for OwnWrite {}

/// Whose keys are meant; another's are as if they were not there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Whose {
    Anybody,
    User(Id<User>),
    Account(ServiceAccountId),
}

impl Whose {
    fn has(self, key: &ApiKey) -> bool {
        match self {
            Self::Anybody => true,
            Self::User(user) => key.user_id == Some(user),
            Self::Account(account) => key.service_account_id == Some(account),
        }
    }
}

pub(super) async fn list<A: SeesKeys>(
    tx: &TenantTx<A>,
    whose: Whose,
    selection: &Selection,
) -> Result<Found<ApiKey>, Error> {
    Ok(repository::list(tx, tx.tenant(), whose, selection).await?)
}

pub(super) async fn list_of_account(
    tx: &TenantTx<ApiKeysRead>,
    account: ServiceAccountId,
    selection: &Selection,
) -> Result<Found<ApiKey>, Error> {
    let found = list(tx, Whose::Account(account), selection).await?;
    if found.rows.is_empty() {
        service_account::service::get(tx, account).await?;
    }
    Ok(found)
}

pub(super) async fn get<A: SeesKeys>(tx: &TenantTx<A>, whose: Whose, id: ApiKeyId) -> Result<ApiKey, Error> {
    let key = repository::find(tx, tx.tenant(), id).await?;
    key.filter(|key| whose.has(key)).ok_or(Error::NotFound)
}

/// Makes a key that acts in the caller's own name. `own` is what their roles in organizations give.
pub(super) async fn create_own(
    tx: &TenantTx<OwnWrite>,
    user: Id<User>,
    own: &[OrgGrant],
    mut new: NewApiKey,
) -> Result<Change<IssuedKey>, Error> {
    let organizations = match new.organizations.take() {
        Some(ids) => Some(scope::known(tx, own, ids).await?),
        None => None,
    };
    if let Some(names) = &new.permissions {
        let permissions = scope::permitted(&PermissionRow::all(names), TIERS, organizations.is_some())?;
        // Without bounds the key acts where its owner does: what they hold in one organization only, it does too.
        let anywhere = own.iter().fold(tx.holds(), |held, grant| held.union(grant.permissions));
        if organizations.is_some() || !permissions.within(anywhere) {
            ensure_held(tx, own, &Scope { permissions, organizations: organizations.clone() }).await?;
        }
    }
    create(tx, Whose::User(user), organizations, new).await
}

/// Makes a key of a service account, with whose rights its holder will act: the caller must hold them too.
pub(super) async fn create_for_account(
    tx: &TenantTx<ApiKeysWrite>,
    own: &[OrgGrant],
    account: ServiceAccountId,
    mut new: NewApiKey,
) -> Result<Change<IssuedKey>, Error> {
    let account = service_account::service::lock(tx, account).await?;
    let organizations = match new.organizations.take() {
        Some(ids) => Some(scope::known(tx, own, ids).await?),
        None => None,
    };
    if let (Some(inner), Some(outer)) = (&organizations, &account.organizations)
        && !scope::lie_within(tx, inner, outer).await?
    {
        return Err(Error::ExceedsOwn);
    }
    let is_bound = organizations.is_some() || account.organizations.is_some();
    if let Some(names) = &new.permissions {
        let named =
            scope::permitted(&PermissionRow::all(names), &[Tier::Tenant, Tier::Organization], is_bound)?;
        if !named.within(service_account::scope(&account).permissions) {
            return Err(Error::ExceedsOwn);
        }
    }
    let named = new.permissions.as_deref().map(set);
    ensure_held(tx, own, &carried(&account, named, organizations.as_deref())).await?;
    create(tx, Whose::Account(account.id), organizations, new).await
}

/// What a key with these limits carries of a service account's rights.
fn carried(
    account: &ServiceAccount,
    named: Option<PermissionSet>,
    organizations: Option<&[OrganizationId]>,
) -> Scope {
    let Scope { permissions, organizations: outer } = service_account::scope(account);
    let permissions = named.map_or(permissions, |named| named.intersection(permissions));
    match organizations {
        Some(ids) => Scope {
            permissions: permissions.only(|row| row.tier == Tier::Organization),
            organizations: Some(ids.to_vec()),
        },
        None => Scope { permissions, organizations: outer },
    }
}

async fn create<A: Authority<Mode = Write>>(
    tx: &TenantTx<A>,
    owner: Whose,
    organizations: Option<Vec<OrganizationId>>,
    new: NewApiKey,
) -> Result<Change<IssuedKey>, Error> {
    let (now, id): (_, ApiKeyId) = (tx.seam().now(), tx.seam().id());
    let (text, hash) = tx.mint_key(id);
    let names = |set: PermissionSet| set.rows().map(|row| row.name.to_owned()).collect();
    let about = ApiKey {
        id,
        name: new.name.into(),
        user_id: if let Whose::User(user) = owner { Some(user) } else { None },
        service_account_id: if let Whose::Account(account) = owner { Some(account) } else { None },
        permissions: new.permissions.as_deref().map(|all| names(set(all))),
        organizations,
        ip_allowlist: new.ip_allowlist,
        expires_at: now + TimeDelta::days(new.expires_in_days),
        revoked_at: None,
        rotated_at: None,
        previous_expires_at: None,
        last_used_at: None,
        created_at: now,
        created_by: tx.actor().user,
    };
    repository::insert(tx, tx.tenant(), &about, &hash).await?;
    let changes = Changes::default()
        .new_field("name", &about.name)
        .new_field("permissions", &about.permissions)
        .new_field("organizations", &about.organizations)
        .new_field("ip_allowlist", &about.ip_allowlist)
        .new_field("expires_at", &about.expires_at);
    let event = event(Action::ApiKeyCreated, &about).changed(changes);
    Ok((IssuedKey { about, key: text.expose().clone() }, event))
}

/// Rotates one of the caller's own keys.
pub(super) async fn rotate_own(
    tx: &TenantTx<OwnWrite>,
    user: Id<User>,
    id: ApiKeyId,
    rotation: Rotation,
) -> Result<Change<IssuedKey>, Error> {
    let key = lock(tx, Whose::User(user), id).await?;
    renew(tx, key, rotation).await
}

/// Rotates a key of a service account. Who gets its text acts with its rights: the caller must hold them too.
pub(super) async fn rotate(
    tx: &TenantTx<ApiKeysWrite>,
    own: &[OrgGrant],
    id: ApiKeyId,
    rotation: Rotation,
) -> Result<Change<IssuedKey>, Error> {
    let key = lock(tx, Whose::Anybody, id).await?;
    let account = key.service_account_id.ok_or(Error::OfAPerson)?;
    let account = service_account::service::get(tx, account).await?;
    ensure_held(tx, own, &carried(&account, super::scope(&key), key.organizations.as_deref())).await?;
    renew(tx, key, rotation).await
}

/// Of parallel rotations one comes first; the others find its overlap.
async fn renew<A: Authority<Mode = Write>>(
    tx: &TenantTx<A>,
    before: ApiKey,
    rotation: Rotation,
) -> Result<Change<IssuedKey>, Error> {
    let now = tx.seam().now();
    if !is_live(&before, now) {
        return Err(Error::Ended);
    }
    let previous_expires_at = overlap(rotation).map(|overlap| (now + overlap).min(before.expires_at));
    if previous_expires_at.is_some() && overlaps(&before, now) {
        return Err(Error::Overlapping);
    }
    let (text, hash) = tx.mint_key(before.id);
    let expires_at = now + TimeDelta::days(rotation.expires_in_days);
    let after = ApiKey { rotated_at: Some(now), previous_expires_at, expires_at, ..before.clone() };
    repository::rotate(tx, tx.tenant(), &after, &hash).await?;
    let changes = Changes::default()
        .field("expires_at", &before.expires_at, &after.expires_at)
        .field("rotated_at", &before.rotated_at, &after.rotated_at)
        .field("previous_expires_at", &before.previous_expires_at, &after.previous_expires_at);
    let event = event(Action::ApiKeyRotated, &after).changed(changes);
    Ok((IssuedKey { about: after, key: text.expose().clone() }, event))
}

/// No event if it was revoked before.
pub(super) async fn revoke<A: SeesKeys + Authority<Mode = Write>>(
    tx: &TenantTx<A>,
    whose: Whose,
    id: ApiKeyId,
) -> Result<Option<Event>, Error> {
    let key = lock(tx, whose, id).await?;
    if key.revoked_at.is_some() {
        return Ok(None);
    }
    let now = tx.seam().now();
    repository::revoke(tx, tx.tenant(), id, now).await?;
    let changes = Changes::default().new_field("revoked_at", &now);
    Ok(Some(event(Action::ApiKeyRevoked, &key).changed(changes)))
}

async fn lock<A: Authority<Mode = Write>>(
    tx: &TenantTx<A>,
    whose: Whose,
    id: ApiKeyId,
) -> Result<ApiKey, Error> {
    let key = repository::lock(tx, tx.tenant(), id).await?;
    let key = key.filter(|key| whose.has(key)).ok_or(Error::NotFound)?;
    tx.expect(&key)?;
    Ok(key)
}

/// An event that still tells whose key it was when the row is gone.
fn event(action: Action, key: &ApiKey) -> Event {
    let event = Event::on(action, key.id);
    match (key.user_id, key.service_account_id) {
        (Some(user), _) => event.with("user", user),
        (None, account) => event.with("service_account", account),
    }
}

fn set(names: &[PermissionName]) -> PermissionSet {
    PermissionRow::all(names).into_iter().fold(PermissionSet::default(), PermissionSet::with)
}
