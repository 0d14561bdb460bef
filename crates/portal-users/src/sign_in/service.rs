//! From an address and a password to a session.

mod advance;
mod repository;

use elder_access::{
    Action, Event, GlobalRole, Guest, Outcome, PlatformState, TenantTx, flows,
    session::{self, RefreshFault},
};
use elder_crypto::{OpaqueToken, PasswordHasher, TokenKind};
use elder_kernel::{Id, Secret, TenantId, User};
use elder_mfa::Method;
use elder_tenancy::settings::{self, TenantSettings};

pub(super) use self::advance::{Step, advance, asked, make_room, refuse};
use self::repository::Candidate;
use super::{Login, SignInAnswer, Tokens, shown};
use crate::{
    Error,
    account::{self, Account, Email},
    attempt::{self, Accepted, Guess, Origin, Proof, Refusal},
    device::{DeviceId, DeviceToken},
    notice,
    password::{self, service::Person},
    risk::{Assessment, Places},
};

/// Signs somebody in. Whatever is wrong, the answer and the work are the same: where nobody is meant, a password that
/// matches nothing is tried on an account that does not exist.
pub(crate) async fn sign_in(
    guest: &Guest<flows::SignIn>,
    hasher: &PasswordHasher,
    places: &Places,
    login: &Login,
) -> Result<SignInAnswer, Error> {
    let device = login.device_token.as_ref().and_then(DeviceToken::read);
    let candidates = candidates(guest, login, device).await?;
    let origin = Origin::Anywhere { device, places: places.clone() };
    let mut tried = prove((guest, hasher), candidates, &login.password, &origin).await?;
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
    let presented = session::presented(&tx, token).await?;
    let settings = settings::tolerant(presented.settings().clone())?;
    let issued = match presented.renew(&tx, settings.session.idle()).await {
        Err(RefreshFault::Reused(session)) => {
            let account = account::service::get(&tx, presented.user()).await?;
            notice::token_reused(&tx, &account, &settings).await?;
            let event = Event::on(Action::RefreshReused, session);
            tx.commit(event.ended(Outcome::Failure, "refresh_reused")).await?;
            return Err(RefreshFault::Invalid.into());
        }
        renewed => renewed?,
    };
    if !settings.ip_allowlist.admit(tx.client()) {
        return Err(Error::NetworkForbidden);
    }
    admit(&*guest.platform().await?, presented.global_role())?;
    let event = Event::on(Action::SessionRefreshed, issued.session).with("user", presented.user());
    tx.commit(event).await?;
    Ok(shown(&issued))
}

/// An account, and what its password said.
type Tried = (Candidate, Proof);

/// The accounts that the address may mean: the one of the tenant that has proven the domain, else all; one that does
/// not exist if there is none.
async fn candidates(
    guest: &Guest<flows::SignIn>,
    login: &Login,
    device: Option<DeviceToken>,
) -> Result<Vec<Candidate>, Error> {
    let mut found = match login.email.parse::<Email>() {
        Ok(email) => {
            let (tx, now) = (guest.lookup().await?, guest.seam().now());
            repository::candidates(&tx, &email, login.tenant.as_deref(), device, now).await?
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
    (guest, hasher): (&Guest<flows::SignIn>, &PasswordHasher),
    candidates: Vec<Candidate>,
    password: &Secret<String>,
    origin: &Origin,
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
        let is_beyond_budget = !candidate.has_known_device && !guest.charge_sign_in(candidate.budget).await;
        let (stored, origin) = (candidate.password_hash.clone(), origin.clone());
        tried.push((candidate, Proof { stored, matches: verdict.matches, rehash, origin, is_beyond_budget }));
    }
    Ok(tried)
}

/// Somebody whose password was judged right, and the transaction in which it was.
struct Proven {
    tx: TenantTx<flows::SignIn>,
    settings: TenantSettings,
    user: Account,
    device: Option<DeviceId>,
    is_remembered: bool,
    is_expired: bool,
    risk: Assessment,
}

/// Goes on after the password, or writes down why not.
async fn enter(
    guest: &Guest<flows::SignIn>,
    hasher: &PasswordHasher,
    login: &Login,
    candidate: &Candidate,
    mut proof: Proof,
) -> Result<SignInAnswer, Error> {
    if let Some(new) = &login.new_password {
        proof = change_password(guest, hasher, candidate, &proof, new).await?;
    }
    let Proven { tx, settings, user, device, is_remembered, is_expired, risk } =
        proven(guest, candidate, &proof).await?;
    if is_expired {
        return Err(advance::refuse(tx, user.id, Error::PasswordExpired).await);
    }
    attempt::service::rehashed(&tx, user.id, &proof).await?;
    let methods = vec![Method::Password];
    let guess = Guess::Possible;
    let step = Step { is_remembered, ..Step::after(methods, device, guess, risk) };
    advance(tx, &settings, user, step).await
}

/// Judges an attempt; one that is refused is written down.
async fn proven(guest: &Guest<flows::SignIn>, candidate: &Candidate, proof: &Proof) -> Result<Proven, Error> {
    let tx = guest.begin(candidate.tenant.id).await?;
    let settings = settings::tolerant(candidate.settings.clone())?;
    let (user, accepted) = match attempt::service::judge(&tx, candidate.user, proof, &settings).await? {
        Ok(accepted) => accepted,
        Err(refusal) => {
            let event = match refusal {
                Refusal::UnknownAccount => Event::new(Action::SignInFailed),
                _ => Event::on(Action::SignInFailed, candidate.user),
            };
            tx.commit(refusal.explain(event)).await?;
            tell(guest, candidate.tenant.id, candidate.user, &refusal);
            return Err(Error::InvalidCredentials);
        }
    };
    admit(&*guest.platform().await?, user.global_role)?;
    let now = tx.seam().now();
    let is_expired = password::is_expired(accepted.password_changed_at, &settings.password, now);
    // What was granted under another setting is not kept when the tenant remembers no devices any more.
    let is_remembered = !accepted.is_doubted
        && settings.session.remember_device_days > 0
        && accepted.remembered_until.is_some_and(|until| now < until);
    let Accepted { device, risk, .. } = accepted;
    Ok(Proven { tx, settings, user, device, is_remembered, is_expired, risk })
}

/// Writes to somebody whom strangers have locked out, or whose right password was refused. Beside the answer, which would
/// else come later than one about an account that does not exist (P-08).
pub(super) fn tell(guest: &Guest<flows::SignIn>, tenant: TenantId, user: Id<User>, refusal: &Refusal) {
    let (locks_until, is_risk) = (refusal.locks_until(), matches!(refusal, Refusal::Risk(_)));
    if locks_until.is_none() && !is_risk {
        return;
    }
    let guest = guest.clone();
    elder_telemetry::spawn("notice of a refusal", async move {
        let told = async {
            let tx = guest.begin(tenant).await?;
            let account = account::service::get(&tx, user).await?;
            match locks_until {
                Some(until) => notice::locked(tx, &account, until).await,
                None => notice::sign_in_blocked(tx, &account).await,
            }
        };
        if let Err(error) = told.await {
            tracing::warn!(%tenant, %user, %error, "somebody was not told that a sign-in to their account was refused");
        }
    });
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
    account::service::change_password(&tx, &user, &hash, None).await?;
    tx.commit(Event::on(Action::PasswordChanged, user.id).with("door", "sign_in")).await?;
    let origin = proof.origin.clone();
    Ok(Proof { stored: Some(hash), matches: true, rehash: None, origin, is_beyond_budget: false })
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
