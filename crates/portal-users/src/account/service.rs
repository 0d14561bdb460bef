//! What may happen to accounts, for every right by which they are managed.

mod held_roles;
mod repository;

use std::collections::HashMap;

use elder_access::{
    Changes, Found, GlobalRole, PermissionSet, Person, Role, TenantTx,
    session::{self, EndReason},
};
use elder_kernel::{Id, Secret, Session, User, collection::Selection, fold};
use elder_mail::SendsMail;
use elder_mfa::flow;
use elder_tenancy::{
    domain::DomainName,
    grant::{self, Post},
    settings,
};

use self::{held_roles::HeldRoles, repository::Stamp};
use super::{
    Account, AccountChange, ChangesAccounts, Email, ManagesAccounts, NewAccount, ReadsAccounts, Standing,
};
use crate::{Error, device, notice, one_time_token, password};

/// An account after a change, and what changed: nothing, if there is nothing to commit. The caller says in its own
/// event why.
pub type Changed = (Account, Changes);

/// One account.
///
/// # Errors
/// [`Error::NotFound`].
pub async fn get<A: ReadsAccounts>(tx: &TenantTx<A>, id: Id<User>) -> Result<Account, Error> {
    repository::get(tx, tx.tenant(), id).await?.ok_or(Error::NotFound)
}

/// An account whose owner opened a mailed link, locked until the end.
///
/// # Errors
/// [`Error::InvalidLink`] unless it and its tenant may be used (P-29).
pub(crate) async fn lock_usable<A: ChangesAccounts>(
    tx: &TenantTx<A>,
    id: Id<User>,
) -> Result<Account, Error> {
    repository::lock_usable(tx, tx.tenant(), id).await?.ok_or(Error::InvalidLink)
}

/// The account with this address, if there is one.
///
/// # Errors
/// [`Error::Database`].
pub async fn find_by_email<A: ReadsAccounts>(
    tx: &TenantTx<A>,
    email: &Email,
) -> Result<Option<Account>, Error> {
    Ok(repository::by_email(tx, tx.tenant(), email).await?)
}

/// Tells the active admins of the tenant that a directory has paused itself, of whose people so many would have gone.
///
/// # Errors
/// [`Error::Database`].
pub async fn tell_of_pause<A: ReadsAccounts + SendsMail>(
    tx: &TenantTx<A>,
    directory: &str,
    removed: u64,
    people: u64,
) -> Result<(), Error> {
    for admin in repository::admins(tx, tx.tenant()).await? {
        notice::directory_paused(tx, &admin, directory, (removed, people)).await?;
    }
    Ok(())
}

/// The accounts of a selection, among those whose address or name contain `search`.
pub(crate) async fn list<A: ReadsAccounts>(
    tx: &TenantTx<A>,
    search: Option<&str>,
    selection: &Selection,
) -> Result<Found<Account>, Error> {
    let needle = search.map(fold);
    Ok(repository::list(tx, tx.tenant(), needle.as_deref(), selection).await?)
}

/// Makes an account.
///
/// # Errors
/// [`Error::EmailTaken`], [`Error::EmailDomain`]; [`Error::ExceedsOwn`] for roles that the caller may not give.
pub async fn create<A: ManagesAccounts>(tx: &TenantTx<A>, new: NewAccount) -> Result<Changed, Error> {
    create_within(tx, &allowed_domains(tx).await?, new).await
}

/// Makes one of many accounts in a transaction, for which the allowed domains were read once.
pub(super) async fn create_within<A: ManagesAccounts>(
    tx: &TenantTx<A>,
    allowed: &[DomainName],
    new: NewAccount,
) -> Result<Changed, Error> {
    ensure_creatable(tx, allowed, &new)?;
    let id = tx.seam().id::<User>();
    let account = repository::insert(tx, tx.tenant(), id, &new, stamp(tx)).await.map_err(taken)?;
    let account = account.ok_or(Error::NotFound)?;
    let changes = creation(&account);
    Ok((account, changes))
}

/// Makes many accounts in one statement, or none of them; in their order.
pub(super) async fn create_all<A: ManagesAccounts>(
    tx: &TenantTx<A>,
    allowed: &[DomainName],
    new: impl IntoIterator<Item = NewAccount>,
) -> Result<Vec<Changed>, Error> {
    let mut all = Vec::new();
    for new in new {
        ensure_creatable(tx, allowed, &new)?;
        all.push((tx.seam().id::<User>(), new));
    }
    let made = repository::insert_all(tx, tx.tenant(), &all, stamp(tx)).await.map_err(taken)?;
    let mut made: HashMap<_, _> = made.into_iter().map(|account| (account.id, account)).collect();
    let changed = |(id, _): &(Id<User>, NewAccount)| {
        let account = made.remove(id).ok_or(Error::NotFound)?;
        let changes = creation(&account);
        Ok((account, changes))
    };
    all.iter().map(changed).collect()
}

/// Refuses an account with more rights than the caller may give, or at a domain that the tenant does not take.
fn ensure_creatable<A: ManagesAccounts>(
    tx: &TenantTx<A>,
    allowed: &[DomainName],
    new: &NewAccount,
) -> Result<(), Error> {
    let roles = HeldRoles::built_in(new.global_role, new.tenant_role).permissions();
    let grantable = match A::STANDING {
        Standing::Person => roles.within(tx.holds()),
        Standing::Directory => roles == PermissionSet::default(),
        Standing::Platform => true,
    };
    if !grantable {
        return Err(Error::ExceedsOwn);
    }
    ensure_allowed::<A>(allowed, &new.email)
}

/// What the audit log says of a new account.
pub(crate) fn creation(account: &Account) -> Changes {
    let person = Person::New(account.id);
    Changes::default()
        .new_personal(&person, "email", &account.email)
        .new_personal(&person, "full_name", &account.full_name)
        .new_field("tenant_role", &account.tenant_role)
        .new_field("global_role", &account.global_role)
        .new_field("is_active", &account.is_active)
        .new_field("managed_by", &account.managed_by)
}

/// Changes an account. Another address is to be proven again.
///
/// # Errors
/// [`Error::NotFound`], [`Error::EmailTaken`], [`Error::EmailDomain`]; [`Error::ExceedsOwn`] for somebody else's address, if their roles go
/// beyond the caller's; [`Error::ManagedByDirectory`] for what a directory manages.
pub async fn update<A: ChangesAccounts>(
    tx: &TenantTx<A>,
    id: Id<User>,
    change: AccountChange,
) -> Result<Changed, Error> {
    let before = repository::lock(tx, tx.tenant(), id).await?.ok_or(Error::NotFound)?;
    tx.expect(&before)?;
    let mut after = before.clone();
    if let Some(email) = change.email {
        after.email_verified &= email == before.email;
        after.email = email;
    }
    after.email_verified |= change.email_proven;
    after.full_name = change.full_name.unwrap_or(after.full_name);
    after.locale = change.locale.apply(after.locale);
    after.time_zone = change.time_zone.apply(after.time_zone);
    after.external_id = change.external_id.apply(after.external_id);
    after.managed_by = change.managed_by.apply(after.managed_by);
    let changes = differences(&before, &after);
    if changes.is_empty() {
        return Ok((before, changes));
    }
    let moved = before.email.typed() != after.email.typed();
    let managed = [
        (moved, "email"),
        (before.full_name != after.full_name, "full_name"),
        (before.external_id != after.external_id, "external_id"),
    ];
    leave_to_directory::<A>(&before, managed)?;
    if before.email != after.email {
        ensure_allowed::<A>(&allowed_domains(tx).await?, &after.email)?;
    }
    if moved {
        // Who reads another mailbox than before resets the password there.
        within_own_roles(tx, id).await?;
        one_time_token::service::end_all(tx, id).await?;
    }
    let after = repository::update(tx, tx.tenant(), &after, stamp(tx)).await.map_err(taken)?;
    Ok((after.ok_or(Error::NotFound)?, changes))
}

/// Activates or deactivates an account. Deactivating ends its sessions.
///
/// # Errors
/// [`Error::NotFound`], [`Error::LastAdmin`], [`Error::ExceedsOwn`], [`Error::ManagedByDirectory`].
pub async fn set_active<A: ManagesAccounts>(
    tx: &TenantTx<A>,
    id: Id<User>,
    is_active: bool,
) -> Result<Changed, Error> {
    let before = repository::lock(tx, tx.tenant(), id).await?.ok_or(Error::NotFound)?;
    tx.expect(&before)?;
    within_own_roles(tx, id).await?;
    if !is_active {
        keep_an_admin(tx, &before).await?;
    }
    leave_to_directory::<A>(&before, [(before.is_active != is_active, "is_active")])?;
    let changes = Changes::default().field("is_active", &before.is_active, &is_active);
    if changes.is_empty() {
        return Ok((before, changes));
    }
    if !is_active {
        session::end_of_user(tx, id, None, EndReason::AccountChanged).await?;
    }
    let after = Account { is_active, ..before };
    let after = repository::update(tx, tx.tenant(), &after, stamp(tx)).await?;
    Ok((after.ok_or(Error::NotFound)?, changes))
}

/// Removes an account and with it its sessions and roles. Gives what it was.
///
/// # Errors
/// [`Error::NotFound`], [`Error::LastAdmin`], [`Error::ExceedsOwn`].
pub async fn delete<A: ManagesAccounts>(tx: &TenantTx<A>, id: Id<User>) -> Result<Account, Error> {
    let account = repository::lock(tx, tx.tenant(), id).await?.ok_or(Error::NotFound)?;
    tx.expect(&account)?;
    within_own_roles(tx, id).await?;
    keep_an_admin(tx, &account).await?;
    repository::delete(tx, tx.tenant(), id).await?;
    Ok(account)
}

/// Sets the hash of a password, made by [`crate::password::service`], and remembers the one before it. Ends the sessions
/// of the account but `keep`, sign-ins that wait for a second factor, any lock, what was remembered of its devices, and
/// whatever was mailed to it and is still open.
///
/// # Errors
/// [`Error::NotFound`], [`Error::ExceedsOwn`].
pub async fn set_password<A: ChangesAccounts>(
    tx: &TenantTx<A>,
    id: Id<User>,
    hash: &Secret<String>,
    keep: Option<Id<Session>>,
) -> Result<(), Error> {
    within_own_roles(tx, id).await?;
    password::service::remember(tx, id).await?;
    if !repository::set_password(tx, tx.tenant(), id, hash, stamp(tx)).await? {
        return Err(Error::NotFound);
    }
    one_time_token::service::end_all(tx, id).await?;
    // Devices before their sessions, as where a device is withdrawn: so neither waits for the other.
    device::service::distrust(tx, id).await?;
    session::end_of_user(tx, id, keep, EndReason::AccountChanged).await?;
    flow::service::end_of_user(tx, id).await?;
    Ok(())
}

/// Like [`set_password`], and tells the person by mail, if the tenant wants that. For whoever sets a password in another
/// way than a directory does, which has its own to tell.
///
/// # Errors
/// As for [`set_password`].
pub(crate) async fn change_password<A: ChangesAccounts + SendsMail>(
    tx: &TenantTx<A>,
    account: &Account,
    hash: &Secret<String>,
    keep: Option<Id<Session>>,
) -> Result<(), Error> {
    set_password(tx, account.id, hash, keep).await?;
    notice::password_changed(tx, account).await
}

/// Refuses what reaches an account whose roles go beyond the caller's own.
///
/// # Errors
/// [`Error::NotFound`], [`Error::ExceedsOwn`].
pub async fn within_own_roles<A: ChangesAccounts>(tx: &TenantTx<A>, id: Id<User>) -> Result<(), Error> {
    if A::STANDING != Standing::Person || tx.actor().in_person() == Some(id) {
        return Ok(());
    }
    let held = repository::roles(tx, tx.tenant(), id).await?.ok_or(Error::NotFound)?;
    if held.permissions().within(tx.holds()) { Ok(()) } else { Err(Error::ExceedsOwn) }
}

/// What an active user holds over the whole tenant: the most that they can grant. Nothing for anybody else.
pub(crate) async fn holds_over_tenant<A: ReadsAccounts>(
    tx: &TenantTx<A>,
    id: Id<User>,
) -> Result<PermissionSet, Error> {
    let is_active = repository::get(tx, tx.tenant(), id).await?.is_some_and(|account| account.is_active);
    let held = repository::roles(tx, tx.tenant(), id).await?.filter(|_| is_active);
    Ok(held.map(|held| held.over_tenant()).unwrap_or_default())
}

/// The domains at which the tenant takes addresses; none for any.
pub(super) async fn allowed_domains<A: ChangesAccounts>(tx: &TenantTx<A>) -> Result<Vec<DomainName>, Error> {
    Ok(settings::of(tx).await?.allowed_email_domains)
}

/// Refuses an address that nobody of the tenant could have now, however they would get it.
///
/// # Errors
/// [`Error::EmailDomain`].
pub(crate) async fn ensure_takes<A: ChangesAccounts>(tx: &TenantTx<A>, email: &Email) -> Result<(), Error> {
    ensure_allowed::<A>(&allowed_domains(tx).await?, email)
}

/// Refuses what only the directory may do that manages the account.
///
/// # Errors
/// [`Error::ManagedByDirectory`].
pub(crate) fn ensure_own_address<A: ChangesAccounts>(account: &Account) -> Result<(), Error> {
    leave_to_directory::<A>(account, [(true, "email")])
}

/// Refuses an address at a domain that the tenant does not take.
fn ensure_allowed<A: ChangesAccounts>(allowed: &[DomainName], email: &Email) -> Result<(), Error> {
    let domain = email.domain().parse::<DomainName>();
    let is_allowed = allowed.is_empty() || domain.is_ok_and(|domain| allowed.contains(&domain));
    if is_allowed || A::STANDING == Standing::Platform {
        return Ok(());
    }
    Err(Error::EmailDomain(allowed.iter().map(|domain| domain.as_str().to_owned()).collect()))
}

/// Refuses to take the last active admin away from the tenant or from the platform. Asked after the caller's own
/// reach, so that who may not do it does not learn who the last admin is.
async fn keep_an_admin<A: ManagesAccounts>(tx: &TenantTx<A>, locked: &Account) -> Result<(), Error> {
    let posts = [
        (locked.global_role == Some(GlobalRole::Admin), Post::GlobalAdmin, "of the platform"),
        (locked.tenant_role == Some(Role::Admin), Post::TenantAdmin, "of the tenant"),
    ];
    for (has, post, of) in posts {
        if locked.is_active && has && !grant::another_has(tx, locked.id, post).await? {
            return Err(Error::LastAdmin { of });
        }
    }
    Ok(())
}

/// Refuses a person's change of what a directory manages; `changed` says which attributes would change.
fn leave_to_directory<A: ChangesAccounts>(
    account: &Account,
    changed: impl IntoIterator<Item = (bool, &'static str)>,
) -> Result<(), Error> {
    let managed = A::STANDING == Standing::Person && account.managed_by.is_some();
    let names: Vec<_> =
        changed.into_iter().filter(|(changed, _)| managed && *changed).map(|(_, name)| name).collect();
    if names.is_empty() { Ok(()) } else { Err(Error::ManagedByDirectory(names)) }
}

fn differences(before: &Account, after: &Account) -> Changes {
    let person = Person::Of(after.id);
    Changes::default()
        .personal(&person, "email", &before.email.typed(), &after.email.typed())
        .personal(&person, "full_name", &before.full_name, &after.full_name)
        .field("email_verified", &before.email_verified, &after.email_verified)
        .personal(&person, "locale", &before.locale, &after.locale)
        .personal(&person, "time_zone", &before.time_zone, &after.time_zone)
        .personal(&person, "external_id", &before.external_id, &after.external_id)
        .field("managed_by", &before.managed_by, &after.managed_by)
}

fn stamp<A: ChangesAccounts>(tx: &TenantTx<A>) -> Stamp {
    Stamp { at: tx.seam().now(), by: tx.actor().user }
}

pub(crate) fn taken(error: elder_access::DbError) -> Error {
    match error.constraint() {
        Some("portal_users_email_key") => Error::EmailTaken,
        _ => Error::Database(error),
    }
}
