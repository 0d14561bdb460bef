//! From an address and a password to a session.

mod repository;

use elder_access::{
    Action, Event, GlobalRole, Guest, Outcome, PlatformState, TenantTx, flows,
    session::{self, EndReason, RefreshFault, SessionLifetime, StartsSession},
};
use elder_api_types::{FactorId, settings::SecondFactor};
use elder_crypto::{OpaqueToken, PasswordHasher, TokenKind};
use elder_kernel::{Coded as _, Id, Secret, SsoSession, TenantId, User};
use elder_mfa::{
    Method,
    flow::{self, NewFlow, Purpose},
    policy::{self, Admission, Cleared, Person as Admitted},
};
use elder_tenancy::settings::{self, BeyondLimit, SessionSettings, TenantSettings};

use self::repository::Candidate;
use super::{Challenge, ChallengeStatus, Login, SignInAnswer, SignedIn, SignedInStatus, Tokens, shown};
use crate::{
    Error,
    account::{self, Account, Email},
    attempt::{self, Accepted, Guess, Origin, Proof, Refusal},
    device::{self, DeviceId, DeviceToken},
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
        return Err(refuse(tx, user.id, Error::PasswordExpired).await);
    }
    attempt::service::rehashed(&tx, user.id, &proof).await?;
    let methods = vec![Method::Password];
    let guess = Guess::Possible;
    let step = Step { is_remembered, ..Step::after(methods, device, guess, risk) };
    advance(tx, &settings, user, step).await
}

/// Proofs that were judged right in the transaction that goes on.
pub(super) struct Step {
    /// What was proven, in this request and those before.
    pub(super) methods: Vec<Method>,
    /// The device of the account that the sign-in comes from, if it is not a new one.
    pub(super) device: Option<DeviceId>,
    /// Whether that device stands for a second factor that was proven with it.
    pub(super) is_remembered: bool,
    /// Whether the last of them could have been guessed at.
    pub(super) guess: Guess,
    /// A factor that was set up on the way.
    pub(super) enrolled: Option<FactorId>,
    /// Whether the device is to be remembered: no second factor is asked for with it for a while.
    pub(super) remember: bool,
    /// How unlike its owner's the sign-in looks that begins with it.
    pub(super) risk: Assessment,
    /// The sign-in by an identity provider that it began with.
    pub(super) rests_on: Option<Id<SsoSession>>,
}

impl Step {
    /// After these proofs, and nothing else.
    pub(super) fn after(
        methods: Vec<Method>,
        device: Option<DeviceId>,
        guess: Guess,
        risk: Assessment,
    ) -> Self {
        Self { methods, device, is_remembered: false, guess, enrolled: None, remember: false, risk, rests_on: None }
    }
}

/// Goes on after a proof: to the session, if the policy lacks nothing, else to the next step.
pub(super) async fn advance(
    tx: TenantTx<flows::SignIn>,
    settings: &TenantSettings,
    user: Account,
    step: Step,
) -> Result<SignInAnswer, Error> {
    let Account { id, global_role, tenant_role, .. } = user;
    let person = Admitted { user: id, global_role, tenant_role, is_remembered: step.is_remembered };
    match policy::admit(&tx, &settings.mfa, person, &step.methods).await? {
        Admission::Cleared(cleared) => start(tx, settings, user, step, cleared).await,
        Admission::SecondFactor(factors) => challenge(tx, &user, Purpose::SecondFactor, &step, factors).await,
        Admission::Enrolment(factors) => challenge(tx, &user, Purpose::Enrolment, &step, factors).await,
    }
}

/// Starts the session.
async fn start(
    tx: TenantTx<flows::SignIn>,
    settings: &TenantSettings,
    user: Account,
    step: Step,
    cleared: Cleared,
) -> Result<SignInAnswer, Error> {
    if !make_room(&tx, user.id, &settings.session).await? {
        return Err(refuse(tx, user.id, Error::TooManySessions).await);
    }
    let device = device::service::arrive(&tx, user.id, step.device).await?;
    if device.is_unfamiliar && user.last_login_at.is_some() {
        notice::new_device(&tx, &user, settings, device.name).await?;
    }
    if step.remember {
        device::service::remember(&tx, settings, device.id).await?;
    }
    attempt::service::signed_in(&tx, user.id, device.id, step.guess).await?;
    let mfa_due_at = cleared.due_at();
    let lifetime = SessionLifetime { idle: settings.session.idle(), absolute: settings.session.absolute() };
    let issued = cleared.start(&tx, device.id, step.rests_on, lifetime).await?;
    let mut event = Event::on(Action::SignedIn, issued.session)
        .with("user", user.id)
        .with("device", device.id)
        .with("amr", elder_mfa::amr(&step.methods));
    if let Some(factor) = step.enrolled {
        event = event.with("factor_added", factor);
    }
    tx.commit(step.risk.explain(event)).await?;
    let device_token = device.token.map(|token| token.expose().clone());
    let (status, tokens) = (SignedInStatus::SignedIn, shown(&issued));
    let signed_in = SignedIn { status, tokens, device_token, user, mfa_due_at };
    Ok(SignInAnswer::SignedIn(Box::new(signed_in)))
}

/// Keeps what was proven until the next step.
async fn challenge(
    tx: TenantTx<flows::SignIn>,
    user: &Account,
    purpose: Purpose,
    step: &Step,
    factors: Vec<SecondFactor>,
) -> Result<SignInAnswer, Error> {
    let (methods, device, rests_on) = (step.methods.clone(), step.device, step.rests_on);
    let token = flow::service::open(&tx, NewFlow { user: user.id, purpose, methods, device, rests_on }).await?;
    let event = Event::on(Action::MfaChallenged, user.id).with("factors", &factors);
    tx.commit(step.risk.explain(event)).await?;
    Ok(SignInAnswer::Challenge(asked(purpose, &token, factors)))
}

/// What a flow asks for.
pub(super) fn asked(purpose: Purpose, flow: &Secret<String>, factors: Vec<SecondFactor>) -> Challenge {
    let expires_in = u64::try_from(flow::LASTS.num_seconds()).unwrap_or_default();
    let status = match purpose {
        Purpose::SecondFactor => ChallengeStatus::MfaRequired,
        Purpose::Enrolment => ChallengeStatus::MfaEnrolmentRequired,
    };
    Challenge { status, flow: flow.expose().clone(), expires_in, factors }
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
