//! From an address and a password to a session.

mod repository;

use elder_access::{
    Action, Event, GlobalRole, Guest, Outcome, PlatformState, TenantTx, flows,
    session::{self, EndReason, NewSession, RefreshFault, SessionLifetime},
};
use elder_crypto::{OpaqueToken, PasswordHasher, TokenKind};
use elder_kernel::{Id, Secret, TenantId, User};
use elder_tenancy::settings::{self, BeyondLimit, SessionSettings};

use self::repository::Candidate;
use super::{Login, SignedIn, Tokens};
use crate::{
    Error,
    account::{self, Email},
    attempt::{self, Proof, Refusal},
};

/// Signs somebody in. Whatever is wrong, the answer and the work are the same: at least one password is hashed, and
/// one event is written.
pub(super) async fn sign_in(
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
    if tried.is_empty() {
        let event = Event::new(Action::SignInFailed);
        let event = event.ended(Outcome::Failure, Refusal::UnknownAccount.reason());
        guest.begin(TenantId::SYSTEM).await?.commit(event).await?;
    }
    for (candidate, proof) in &tried {
        match enter(guest, candidate, proof).await {
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
    let idle = settings::of(&tx).await?.session.idle();
    let (issued, user) = match session::renew(&tx, &token, idle).await {
        Err(RefreshFault::Reused(session)) => {
            let event = Event::on(Action::RefreshReused, session);
            tx.commit(event.ended(Outcome::Failure, "refresh_reused")).await?;
            return Err(RefreshFault::Invalid.into());
        }
        renewed => renewed?,
    };
    let user = account::service::get(&tx, user).await?;
    admit(&*guest.platform().await?, user.global_role)?;
    tx.commit(Event::on(Action::SessionRefreshed, issued.session).with("user", user.id)).await?;
    Ok(issued.into())
}

/// An account, and what its password said.
type Tried = (Candidate, Proof);

/// The accounts that the address may mean: the one of the tenant that has proven the domain, else all.
async fn candidates(guest: &Guest<flows::SignIn>, login: &Login) -> Result<Vec<Candidate>, Error> {
    let Ok(email) = login.email.parse::<Email>() else { return Ok(Vec::new()) };
    let mut found = {
        let (tx, now) = (guest.lookup().await?, guest.seam().now());
        repository::candidates(&tx, &email, login.tenant.as_deref(), now).await?
    };
    if found.first().is_some_and(|first| first.owns_domain && first.is_usable) {
        found.truncate(1);
    }
    Ok(found)
}

/// Compares the password with every candidate's, and with nobody's if there is none.
async fn prove(
    hasher: &PasswordHasher,
    candidates: Vec<Candidate>,
    password: &Secret<String>,
) -> Result<Vec<Tried>, Error> {
    if candidates.is_empty() {
        hasher.verify(password.clone(), None).await?;
    }
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

/// Starts a session, or writes down why not.
async fn enter(
    guest: &Guest<flows::SignIn>,
    candidate: &Candidate,
    proof: &Proof,
) -> Result<SignedIn, Error> {
    let tx = guest.begin(candidate.tenant.id).await?;
    let settings = settings::of(&tx).await?;
    let user = match attempt::service::judge(&tx, candidate.user, proof, &settings.lockout).await? {
        Ok(user) => user,
        Err(refusal) => {
            let event = Event::on(Action::SignInFailed, candidate.user);
            tx.commit(event.ended(Outcome::Failure, refusal.reason())).await?;
            return Err(Error::InvalidCredentials);
        }
    };
    admit(&*guest.platform().await?, user.global_role)?;
    if !make_room(&tx, user.id, &settings.session).await? {
        let event = Event::on(Action::SignInFailed, user.id);
        tx.commit(event.ended(Outcome::Failure, "session_limit")).await?;
        return Err(Error::TooManySessions);
    }
    attempt::service::signed_in(&tx, user.id, proof).await?;
    let new = NewSession {
        user: user.id,
        global_role: user.global_role,
        tenant_role: user.tenant_role,
        amr: vec!["pwd".to_owned()],
        lifetime: SessionLifetime { idle: settings.session.idle(), absolute: settings.session.absolute() },
    };
    let issued = session::start(&tx, new).await?;
    tx.commit(Event::on(Action::SignedIn, issued.session).with("user", user.id)).await?;
    Ok(SignedIn { tokens: issued.into(), user })
}

/// Whether one more session may start; ends the oldest if that is the tenant's way. The lock on the account, which
/// judging the attempt took, lets one sign-in at a time count.
async fn make_room(
    tx: &TenantTx<flows::SignIn>,
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
fn admit(platform: &PlatformState, global_role: Option<GlobalRole>) -> Result<(), Error> {
    match &platform.maintenance {
        Some(maintenance) if global_role != Some(GlobalRole::Admin) => {
            Err(Error::Maintenance(maintenance.clone()))
        }
        _ => Ok(()),
    }
}
