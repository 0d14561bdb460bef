//! Makes the platform's owner: once, whoever asks, and however many ask at once.

mod repository;

use chrono::TimeDelta;
use elder_access::{
    Action, Authority, Event, GlobalRole, Guest, PlatformTx, Role, Worker, Write, flows, work,
};
use elder_crypto::{OpaqueToken, Parsed, PasswordHasher, TokenKind};
use elder_kernel::{Id, Secret, TenantId, User};

use super::Setup;
use crate::{
    Error,
    account::{self, Account, Email, NewAccount},
    password::{self, service::Person},
};

/// How long a setup link is good.
const LINK_LASTS: TimeDelta = TimeDelta::hours(1);

/// Makes the owner from a setup link.
pub(crate) async fn set_up(
    guest: &Guest<flows::Setup>,
    hasher: &PasswordHasher,
    setup: Setup,
) -> Result<Account, Error> {
    let token = OpaqueToken::parse(setup.token.expose()).ok();
    let token = token.filter(|token| token.kind == TokenKind::SetupToken).ok_or(Error::InvalidSetupToken)?;
    // Before the expensive hash, so that nobody without a link makes Elder work; and again below, under the lock.
    redeemable(&guest.lookup().await?, &token).await?;
    let person = Person::new(&setup.email, &setup.full_name);
    let system = guest.begin(TenantId::SYSTEM).await?;
    let hash = password::service::hash(system, hasher, setup.password, person).await?;

    let platform = guest.lookup().await?;
    repository::lock_ownership(&platform).await?;
    redeemable(&platform, &token).await?;
    appoint(platform, operator(setup.email, setup.full_name, hash, GlobalRole::Admin)).await
}

async fn redeemable(platform: &PlatformTx<flows::Setup>, token: &Parsed) -> Result<(), Error> {
    // The token first: an owner who is made between the two questions voids it.
    let good = repository::is_token_good(platform, token, platform.seam().now()).await?;
    if repository::has_owner(platform).await? {
        return Err(Error::SetupDone);
    }
    if good { Ok(()) } else { Err(Error::InvalidSetupToken) }
}

/// Makes the owner, voids every link and writes it down: all in the transaction that holds the lock, so that no crash
/// leaves one without the other.
async fn appoint<A: Authority<Mode = Write>>(
    platform: PlatformTx<A>,
    owner: NewAccount,
) -> Result<Account, Error> {
    let (id, now) = (platform.seam().id::<User>(), platform.seam().now());
    let owner = repository::add_owner(&platform, id, &owner, now).await.map_err(account::service::taken)?;
    let owner = owner.ok_or(Error::NotFound)?;
    repository::void_tokens(&platform, now).await?;
    let changes = account::service::creation(&owner);
    platform.commit(TenantId::SYSTEM, Event::on(Action::PlatformOwned, owner.id).changed(changes)).await?;
    Ok(owner)
}

/// An account with a global role. Admins of the platform are admins of System too.
fn operator(email: Email, full_name: String, hash: Secret<String>, role: GlobalRole) -> NewAccount {
    NewAccount {
        global_role: Some(role),
        tenant_role: (role == GlobalRole::Admin).then_some(Role::Admin),
        password_hash: Some(hash),
        ..NewAccount::of(email, full_name)
    }
}

/// Mints the setup link's token if the platform has no owner. An earlier one that was not used is good no more.
///
/// # Errors
/// [`Error::Database`].
pub async fn setup_link(worker: &Worker) -> Result<Option<Secret<String>>, Error> {
    let platform = worker.job::<work::Bootstrap>().platform().await?;
    repository::lock_ownership(&platform).await?;
    if repository::has_owner(&platform).await? {
        return Ok(None);
    }
    let now = platform.seam().now();
    repository::void_tokens(&platform, now).await?;
    let id = platform.seam().uuid();
    let (token, hash) =
        OpaqueToken::mint(TokenKind::SetupToken, TenantId::SYSTEM, id, &platform.seam().random);
    repository::add_token(&platform, id, &hash, now, now + LINK_LASTS).await?;
    platform.commit(TenantId::SYSTEM, Event::new(Action::SetupLinkCreated)).await?;
    Ok(Some(token))
}

/// Makes the owner from the configuration, if the platform has none yet.
///
/// # Errors
/// [`Error::InvalidEmail`], [`Error::WeakPassword`], [`Error::EmailTaken`].
pub async fn bootstrap_owner(
    worker: &Worker,
    hasher: &PasswordHasher,
    email: &str,
    password: Secret<String>,
) -> Result<Option<Id<User>>, Error> {
    let email: Email = email.parse()?;
    let job = worker.job::<work::Bootstrap>();
    let before = job.platform().await?;
    if repository::has_owner(&before).await? {
        return Ok(None);
    }
    drop(before);
    let system = job.begin(TenantId::SYSTEM).await?;
    let hash = password::service::hash(system, hasher, password, Person::new(&email, "")).await?;
    let platform = job.platform().await?;
    repository::lock_ownership(&platform).await?;
    if repository::has_owner(&platform).await? {
        return Ok(None);
    }
    let owner = appoint(platform, operator(email, String::new(), hash, GlobalRole::Admin)).await?;
    Ok(Some(owner.id))
}

/// Makes somebody with a global role, from the shell.
///
/// # Errors
/// [`Error::InvalidEmail`], [`Error::WeakPassword`], [`Error::EmailTaken`].
pub async fn create_operator(
    worker: &Worker,
    hasher: &PasswordHasher,
    email: &str,
    full_name: &str,
    password: Secret<String>,
    role: GlobalRole,
) -> Result<Id<User>, Error> {
    let email: Email = email.parse()?;
    let job = worker.job::<work::Shell>();
    let system = job.begin(TenantId::SYSTEM).await?;
    let hash = password::service::hash(system, hasher, password, Person::new(&email, full_name)).await?;
    let tx = job.begin(TenantId::SYSTEM).await?;
    let (user, changes) =
        account::service::create(&tx, operator(email, full_name.to_owned(), hash, role)).await?;
    tx.commit(Event::on(Action::UserCreated, user.id).changed(changes)).await?;
    Ok(user.id)
}
