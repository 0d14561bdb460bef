//! What a push does to a person.

mod repository;

use elder_access::{Action, Change, Changes, Event, Role, TenantConn, TenantTx, markers::ScimWrite};
use elder_crypto::PasswordHasher;
use elder_entitlements::assignment::{Followed, Said, service as assignments};
use elder_kernel::{Directory, Id, Patch, Secret, User};
use elder_portal_users::account::{Account, AccountChange, Email, NewAccount, service as accounts};
use elder_scim_protocol::{
    error::{ScimError, ScimType},
    filter::Asked,
    patch::{PatchRequest, apply},
    resource::{Resource, normalise_create, normalise_replace},
    schema::{ResourceType, USER_TYPE},
};
use serde_json::Value;

use self::repository::Held;
use super::{Profile, is_active, named, unreachable_address};
use crate::{
    Conflicts, Deprovisioning, Error, Vocabulary,
    group::service::of_users,
    resource::{Aim, Lists, Pushable, Pushed, Within, service::Reads},
    valve::service as valve,
};

type Tx = TenantTx<ScimWrite>;

/// The user as it is afterwards; no event if nothing changed.
pub(crate) type Updated = (Pushed<User>, Option<Event>);

impl Pushable for User {
    const TYPE: &'static ResourceType = &USER_TYPE;
    const LIST: &'static str = "groups";
    const READS: Reads = repository::READS;

    async fn lists(
        conn: &TenantConn,
        within: Within,
        base_url: &str,
        (of, _): (&[Pushed<Self>], &Asked),
    ) -> Result<Lists, Error> {
        let members: Vec<_> = of.iter().filter(|user| user.is_member).map(|user| user.id).collect();
        if members.is_empty() || !within.sync_groups {
            return Ok(Lists::new());
        }
        of_users(conn, within, base_url, &members).await
    }
}

/// Creates the resource, and the account that it stands for unless there is one that the directory may take over.
pub(crate) async fn create(
    tx: &Tx,
    hasher: &PasswordHasher,
    within: Within,
    body: &Value,
) -> Result<Change<Pushed<User>>, Error> {
    let directory = within.directory;
    let (habits, conflicts) = repository::rules(tx, within).await?.ok_or(Error::NotFound)?;
    let mut resource = normalise_create(&USER_TYPE, body, habits.options)?;
    let password = hash(hasher, resource.take_password()).await?;
    resource.assign("active", is_active(&resource).into());
    let profile = Profile::of(&resource, directory)?;
    let existing = accounts::find_by_email(tx, &profile.email).await?;
    // Who is taken over only to be deactivated loses sessions, and by this name the gate hears of it.
    let taken_over = existing.as_ref().filter(|_| conflicts == Conflicts::Link);
    let switched_off = taken_over.is_some_and(|account| account.is_active) && !profile.is_active;
    let action = if switched_off { Action::ScimUserDeactivated } else { Action::ScimUserCreated };
    let (account, changes) = match (existing, conflicts) {
        (Some(_), Conflicts::Refuse) => return Err(Error::AccountTaken),
        (Some(account), Conflicts::Link) => link(tx, within, &account, &profile, password).await?,
        (Some(_), Conflicts::DuplicateName) => {
            let profile = Profile { email: stand_in(tx, directory)?, ..profile };
            accounts::create(tx, new_account(directory, profile, password)).await?
        }
        (None, _) => accounts::create(tx, new_account(directory, profile, password)).await?,
    };
    let user = Pushed::new(account.id, resource, tx.seam().now());
    repository::insert(tx, within, &user).await.map_err(Error::of_user)?;
    let followed = follow(tx, (within, user.id), (None, &user.resource)).await?;
    let changes = changes.new_personal(&user.id.into(), "user_name", &user.resource.user_name());
    let event = Event::on(action, user.id).changed(changes).with("directory", directory);
    Ok((user, told(event, &followed)))
}

/// The address of somebody whose own one another account has.
fn stand_in(tx: &Tx, directory: Id<Directory>) -> Result<Email, Error> {
    Ok(unreachable_address(&tx.seam().uuid().simple().to_string(), directory)?)
}

fn new_account(
    directory: Id<Directory>,
    profile: Profile,
    password_hash: Option<Secret<String>>,
) -> NewAccount {
    NewAccount {
        is_active: profile.is_active,
        locale: profile.locale,
        time_zone: profile.time_zone,
        external_id: profile.external_id,
        managed_by: Some(directory),
        password_hash,
        ..NewAccount::of(profile.email, profile.full_name)
    }
}

/// Takes over an account that nobody manages yet. Never that of an admin: who writes into the directory would
/// become one.
async fn link(
    tx: &Tx,
    within: Within,
    account: &Account,
    profile: &Profile,
    password: Option<Secret<String>>,
) -> Result<(Account, Changes), Error> {
    let is_admin = account.global_role.is_some() || account.tenant_role == Some(Role::Admin);
    if is_admin || account.managed_by.is_some() {
        return Err(Error::AccountTaken);
    }
    if account.is_active && !profile.is_active {
        valve::let_go(tx, within, (account.id, account.created_at)).await?;
    }
    let change = AccountChange {
        email: Some(profile.email.clone()),
        email_proven: false,
        full_name: Some(profile.full_name.clone()),
        locale: profile.locale.clone().map_or(Patch::Keep, Patch::Set),
        time_zone: profile.time_zone.clone().map_or(Patch::Keep, Patch::Set),
        external_id: profile.external_id.clone().into(),
        managed_by: Patch::Set(within.directory),
    };
    let (_, changes) = accounts::update(tx, account.id, change).await?;
    let (account, switched) = accounts::set_active(tx, account.id, profile.is_active).await?;
    if let Some(hash) = password {
        accounts::set_password(tx, account.id, &hash, None).await?;
    }
    Ok((account, changes.and(switched)))
}

/// Lets the person hold what the resource names in `roles` and `entitlements`, if that is not what it named `before`.
async fn follow(
    tx: &Tx,
    (within, user): (Within, Id<User>),
    (before, after): (Option<&Resource>, &Resource),
) -> Result<Followed, Error> {
    let lists = |resource: &Resource| [named(resource, "roles"), named(resource, "entitlements")];
    let now = lists(after);
    if before.map(lists).unwrap_or_default() == now {
        return Ok(Followed::default());
    }
    let [roles, entitlements] = &now;
    let said = Said {
        user,
        directory: within.directory,
        roles,
        entitlements,
        is_bound: within.entitlements == Vocabulary::Catalogue,
    };
    Ok(assignments::follow(tx, said).await?)
}

/// The event with what somebody holds by it, or holds no more.
fn told(event: Event, followed: &Followed) -> Event {
    if *followed == Followed::default() {
        return event;
    }
    event.with("assigned", &followed.assigned).with("revoked", &followed.revoked)
}

/// Makes of the user what the body says (RFC 7644 §3.5.1).
pub(crate) async fn replace(
    tx: &Tx,
    hasher: &PasswordHasher,
    aim: Aim<'_, User>,
    body: &Value,
) -> Result<Updated, Error> {
    let held = lock(tx, aim).await?;
    let resource = normalise_replace(&held.user.resource, body, held.habits.options)?;
    save(tx, hasher, aim, held, resource).await
}

/// Applies the operations, all or none (RFC 7644 §3.5.2).
pub(crate) async fn patch(
    tx: &Tx,
    hasher: &PasswordHasher,
    aim: Aim<'_, User>,
    body: &Value,
) -> Result<Updated, Error> {
    let request = PatchRequest::parse(body)?;
    let held = lock(tx, aim).await?;
    match apply(&held.user.resource, &request, held.habits.options)?.document {
        Some(resource) => save(tx, hasher, aim, held, resource).await,
        None => Ok((held.user, None)),
    }
}

/// Removes the resource. The account stays, inactive and managed by nobody, or goes with it.
pub(crate) async fn delete(tx: &Tx, aim: Aim<'_, User>) -> Result<Event, Error> {
    let held = lock(tx, aim).await?;
    if held.deprovisioning == Deprovisioning::Delete || is_active(&held.user.resource) {
        valve::let_go(tx, aim.within, (aim.id, held.user.created_at)).await?;
    }
    let stays = |error| Error::of_removal(error, aim.id);
    let event = Event::on(Action::ScimUserDeleted, aim.id).with("directory", aim.within.directory);
    let changes = match held.deprovisioning {
        Deprovisioning::Delete => {
            accounts::delete(tx, aim.id).await.map_err(stays)?;
            Changes::default()
        }
        Deprovisioning::Deactivate => {
            let (_, switched) = accounts::set_active(tx, aim.id, false).await.map_err(stays)?;
            let release = AccountChange { managed_by: Patch::Clear, ..AccountChange::default() };
            let (_, released) = accounts::update(tx, aim.id, release).await?;
            repository::delete(tx, aim.within, aim.id).await?;
            switched.and(released)
        }
    };
    Ok(event.changed(changes))
}

async fn lock(tx: &Tx, aim: Aim<'_, User>) -> Result<Held, Error> {
    let held = repository::lock(tx, aim.within, aim.id).await?.ok_or(Error::NotFound)?;
    if held.user.is_named_by(aim.if_match) { Ok(held) } else { Err(Error::VersionMismatch) }
}

/// Keeps what a user has become, and carries into the account what concerns it. A user that is as before is left
/// alone, `meta` included.
async fn save(
    tx: &Tx,
    hasher: &PasswordHasher,
    aim: Aim<'_, User>,
    Held { user: old, conflicts, .. }: Held,
    mut resource: Resource,
) -> Result<Updated, Error> {
    let password = hash(hasher, resource.take_password()).await?;
    if resource == old.resource && password.is_none() {
        return Ok((old, None));
    }
    let (before, after) =
        (Profile::of(&old.resource, aim.within.directory)?, Profile::of(&resource, aim.within.directory)?);
    let mut changes = Changes::default();
    let mut change = before.change_to(&after);
    if let (Some(email), Conflicts::DuplicateName) = (&change.email, conflicts)
        && accounts::find_by_email(tx, email).await?.is_some_and(|account| account.id != aim.id)
    {
        change.email = Some(stand_in(tx, aim.within.directory)?);
    }
    if change != AccountChange::default() {
        (_, changes) = accounts::update(tx, aim.id, change).await?;
    }
    if before.is_active != after.is_active {
        if after.is_active {
            valve::come_back(tx, aim.within, aim.id).await?;
        } else {
            valve::let_go(tx, aim.within, (aim.id, old.created_at)).await?;
        }
        let switched = accounts::set_active(tx, aim.id, after.is_active).await;
        let (_, switched) = switched.map_err(|error| Error::of_removal(error, aim.id))?;
        changes = changes.and(switched);
    }
    let event = updated(aim, &old, &resource, changes).with("password", password.is_some());
    if let Some(hash) = password {
        accounts::set_password(tx, aim.id, &hash, None).await?;
    }
    let followed = follow(tx, (aim.within, aim.id), (Some(&old.resource), &resource)).await?;
    let user = old.changed(resource, tx.seam().now());
    repository::update(tx, aim.within, &user).await.map_err(Error::of_user)?;
    Ok((user, Some(told(event, &followed))))
}

/// Says what changed: the account with its values, the rest of the resource by its names alone.
fn updated(aim: Aim<'_, User>, old: &Pushed<User>, new: &Resource, changes: Changes) -> Event {
    let (before, after) = (old.resource.attributes(), new.attributes());
    let names: std::collections::BTreeSet<_> =
        before.keys().chain(after.keys()).filter(|name| before.get(*name) != after.get(*name)).collect();
    // By these names the gate hears that rights may have changed.
    let gives_rights = |name: &str| ["roles", "entitlements"].contains(&name);
    let action = match (is_active(&old.resource), is_active(new)) {
        (true, false) => Action::ScimUserDeactivated,
        _ if names.iter().any(|name| gives_rights(name)) => Action::ScimUserRolesChanged,
        _ => Action::ScimUserUpdated,
    };
    let changes = changes.personal(&aim.id.into(), "user_name", &old.resource.user_name(), &new.user_name());
    Event::on(action, aim.id)
        .changed(changes)
        .with("directory", aim.within.directory)
        .with("attributes", names)
}

/// The provider answers for the strength of the passwords that it sets.
async fn hash(
    hasher: &PasswordHasher,
    password: Option<Secret<String>>,
) -> Result<Option<Secret<String>>, Error> {
    match password {
        None => Ok(None),
        Some(password) if password.expose().is_empty() => {
            Err(ScimError::new(ScimType::InvalidValue, "password must not be empty").into())
        }
        Some(password) => Ok(Some(Secret::new(hasher.hash(password).await?))),
    }
}
