//! From an address and a password to a session.

mod repository;

use elder_access::{
    Action, Event, GlobalRole, Guest, Outcome, PlatformState, TenantTx, flows,
    session::{self, EndReason, NewSession, RefreshFault, SessionLifetime, StartsSession},
};
use elder_crypto::{OpaqueToken, PasswordHasher, TokenKind};
use elder_kernel::{Coded as _, Id, Secret, User};
use elder_tenancy::settings::{self, BeyondLimit, SessionSettings, TenantSettings};

use self::repository::Candidate;
use super::{Login, SignedIn, Tokens, shown};
use crate::{
    Error,
    account::{self, Account, Email},
    attempt::{self, Proof, Refusal},
    password::{self, service::Person},
};

/// Signs somebody in. Whatever is wrong, the answer and the work are the same: where nobody is meant, a password that
/// matches nothing is tried on an account that does not exist.
pub(crate) async fn sign_in(
    guest: &Guest<flows::SignIn>,
    hasher: &PasswordHasher,
    login: &Login,
) -> Result<SignedIn, Error> {
    let mut tried = prove(hasher, candidates(guest, login).await?, &login.password).await?;
    let fits = |tried: &Tried| tried.1.matches && tried.0.is_usable;
    match tried.iter().filter(|tried| fits(tried)).count() {
        0 => {}
        1 => tried.retain(fits),
        _ => {
            tried.retain(fits);
            let tenants = tried.into_iter().map(|(candidate, _)| candidate.tenant);
            return Err(Error::TenantRequired(tenants.collect()));
        }
    }
    for (candidate, proof) in tried {
        match enter(guest, hasher, login, &candidate, proof).await {
            Err(Error::InvalidCredentials) => {}
            decided => return decided,
        }
    }
    Err(Error::InvalidCredentials)
}

/// Exchanges a refresh token.
pub(super) async fn refresh(guest: &Guest<flows::Refresh>, token: &Secret<String>) -> Result<Tokens, Error> {
    let token = OpaqueToken::parse(token.expose()).ok();
    let token = token.filter(|token| token.kind == TokenKind::RefreshToken).ok_or(RefreshFault::Invalid)?;
    let tx = guest.begin(token.tenant).await?;
    let settings = settings::of(&tx).await?;
    let (issued, user) = match session::renew(&tx, &token, settings.session.idle()).await {
        Err(RefreshFault::Reused(session)) => {
            let event = Event::on(Action::RefreshReused, session);
            tx.commit(event.ended(Outcome::Failure, "refresh_reused")).await?;
            return Err(RefreshFault::Invalid.into());
        }
        renewed => renewed?,
    };
    if !settings.ip_allowlist.admit(tx.client()) {
        return Err(Error::NetworkForbidden);
    }
    let user = account::service::get(&tx, user).await?;
    admit(&*guest.platform().await?, user.global_role)?;
    tx.commit(Event::on(Action::SessionRefreshed, issued.session).with("user", user.id)).await?;
    Ok(shown(&issued))
}

/// An account, and what its password said.
type Tried = (Candidate, Proof);

/// The accounts that the address may mean: the one of the tenant that has proven the domain, else all; one that does
/// not exist if there is none.
async fn candidates(guest: &Guest<flows::SignIn>, login: &Login) -> Result<Vec<Candidate>, Error> {
    let mut found = match login.email.parse::<Email>() {
        Ok(email) => {
            let (tx, now) = (guest.lookup().await?, guest.seam().now());
            repository::candidates(&tx, &email, login.tenant.as_deref(), now).await?
        }
        Err(_) => Vec::new(),
    };
    if found.first().is_some_and(|first| first.owns_domain && first.is_usable) {
        found.truncate(1);
    }
    if found.is_empty() {
        found.push(Candidate::nobody(guest.seam().id()));
    }
    Ok(found)
}

/// Compares the password with every candidate's.
async fn prove(
    hasher: &PasswordHasher,
    candidates: Vec<Candidate>,
    password: &Secret<String>,
) -> Result<Vec<Tried>, Error> {
    let mut tried = Vec::with_capacity(candidates.len());
    for candidate in candidates {
        let stored = candidate.password_hash.as_ref().map(|hash| hash.expose().clone());
        let verdict = hasher.verify(password.clone(), stored).await?;
        let rehash = if verdict.needs_rehash {
            // If the threads are busy, the next sign-in does it.
            hasher.hash(password.clone()).await.ok().map(Secret::new)
        } else {
            None
        };
        let stored = candidate.password_hash.clone();
        tried.push((candidate, Proof { stored, matches: verdict.matches, rehash }));
    }
    Ok(tried)
}

/// Somebody whose password was judged right, and the transaction in which it was.
struct Proven {
    tx: TenantTx<flows::SignIn>,
    settings: TenantSettings,
    user: Account,
    is_expired: bool,
}

/// Starts a session, or writes down why not.
async fn enter(
    guest: &Guest<flows::SignIn>,
    hasher: &PasswordHasher,
    login: &Login,
    candidate: &Candidate,
    mut proof: Proof,
) -> Result<SignedIn, Error> {
    if let Some(new) = &login.new_password {
        proof = change_password(guest, hasher, candidate, &proof, new).await?;
    }
    let Proven { tx, settings, user, is_expired } = proven(guest, candidate, &proof).await?;
    if is_expired {
        return Err(refuse(tx, user.id, Error::PasswordExpired).await);
    }
    if !make_room(&tx, user.id, &settings.session).await? {
        return Err(refuse(tx, user.id, Error::TooManySessions).await);
    }
    attempt::service::signed_in(&tx, user.id, &proof).await?;
    let new = NewSession {
        user: user.id,
        global_role: user.global_role,
        tenant_role: user.tenant_role,
        amr: vec!["pwd".to_owned()],
        lifetime: SessionLifetime { idle: settings.session.idle(), absolute: settings.session.absolute() },
    };
    let issued = session::start(&tx, new).await?;
    tx.commit(Event::on(Action::SignedIn, issued.session).with("user", user.id)).await?;
    Ok(SignedIn { tokens: shown(&issued), user })
}

/// Judges an attempt; one that is refused is written down.
async fn proven(guest: &Guest<flows::SignIn>, candidate: &Candidate, proof: &Proof) -> Result<Proven, Error> {
    let tx = guest.begin(candidate.tenant.id).await?;
    let settings = settings::of(&tx).await?;
    let (user, accepted) = match attempt::service::judge(&tx, candidate.user, proof, &settings).await? {
        Ok(accepted) => accepted,
        Err(refusal) => {
            let event = match refusal {
                Refusal::UnknownAccount => Event::new(Action::SignInFailed),
                _ => Event::on(Action::SignInFailed, candidate.user),
            };
            tx.commit(event.ended(Outcome::Failure, refusal.reason())).await?;
            return Err(Error::InvalidCredentials);
        }
    };
    admit(&*guest.platform().await?, user.global_role)?;
    let is_expired = password::is_expired(accepted.password_changed_at, &settings.password, tx.seam().now());
    Ok(Proven { tx, settings, user, is_expired })
}

/// Sets another password for somebody who has proven the present one, which is judged before anything is said of the
/// new one, and again after that was hashed.
async fn change_password(
    guest: &Guest<flows::SignIn>,
    hasher: &PasswordHasher,
    candidate: &Candidate,
    proof: &Proof,
    new: &Secret<String>,
) -> Result<Proof, Error> {
    let Proven { tx, user, .. } = proven(guest, candidate, proof).await?;
    let hashed = password::service::hash(tx, hasher, new.clone(), Person::from(&user)).await;
    let hash = hashed.map_err(|error| match error {
        Error::WeakPassword(weaknesses) => Error::WeakPassword(weaknesses.at("/new_password")),
        error => error,
    })?;
    let Proven { tx, .. } = proven(guest, candidate, proof).await?;
    account::service::set_password(&tx, user.id, &hash, None).await?;
    tx.commit(Event::on(Action::PasswordChanged, user.id).with("door", "sign_in")).await?;
    Ok(Proof { stored: Some(hash), matches: true, rehash: None })
}

/// Writes down why somebody with the right password does not get in.
async fn refuse(tx: TenantTx<flows::SignIn>, user: Id<User>, why: Error) -> Error {
    let event = Event::on(Action::SignInFailed, user).ended(Outcome::Failure, why.code().slug());
    tx.commit(event).await.map_or_else(Error::from, |()| why)
}

/// Whether one more session may start; ends the oldest if that is the tenant's way. The lock on the account, which the
/// caller has, lets one sign-in at a time count.
pub(super) async fn make_room<A: StartsSession>(
    tx: &TenantTx<A>,
    user: Id<User>,
    settings: &SessionSettings,
) -> Result<bool, Error> {
    let Some(most) = settings.most_concurrent else { return Ok(true) };
    let beyond = repository::sessions_beyond(tx, tx.tenant(), user, tx.seam().now(), most).await?;
    if settings.beyond_limit == BeyondLimit::Refuse {
        return Ok(beyond.is_empty());
    }
    for session in beyond {
        session::end(tx, session, EndReason::TooMany).await?;
    }
    Ok(true)
}

/// During maintenance global admins alone get in.
pub(super) fn admit(platform: &PlatformState, global_role: Option<GlobalRole>) -> Result<(), Error> {
    match &platform.maintenance {
        Some(maintenance) if global_role != Some(GlobalRole::Admin) => {
            Err(Error::Maintenance(maintenance.clone()))
        }
        _ => Ok(()),
    }
}
