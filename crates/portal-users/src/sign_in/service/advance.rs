//! From a proof that was judged right to the next step, or to the session.

use elder_access::{
    Action, Event, Feature, Outcome, TenantTx, flows,
    session::{self, EndReason, SessionLifetime, StartsSession},
};
use elder_api_types::{FactorId, settings::SecondFactor};
use elder_kernel::{Coded as _, Id, Secret, SsoSession, User};
use elder_mfa::{
    Method,
    flow::{self, NewFlow, Purpose},
    policy::{self, Admission, Cleared, Person as Admitted},
};
use elder_tenancy::settings::{BeyondLimit, SessionSettings, TenantSettings};

use super::repository;
use crate::{
    Error,
    account::Account,
    attempt::{self, Guess},
    device::{self, DeviceId},
    notice,
    risk::Assessment,
    sign_in::{Challenge, ChallengeStatus, SignInAnswer, SignedIn, SignedInStatus, shown},
};

/// Proofs that were judged right in the transaction that goes on.
pub(in crate::sign_in) struct Step {
    /// What was proven, in this request and those before.
    pub(in crate::sign_in) methods: Vec<Method>,
    /// The device of the account that the sign-in comes from, if it is not a new one.
    pub(in crate::sign_in) device: Option<DeviceId>,
    /// Whether that device stands for a second factor that was proven with it.
    pub(in crate::sign_in) is_remembered: bool,
    /// Whether the last of them could have been guessed at.
    pub(in crate::sign_in) guess: Guess,
    /// A factor that was set up on the way.
    pub(in crate::sign_in) enrolled: Option<FactorId>,
    /// Whether the device is to be remembered: no second factor is asked for with it for a while.
    pub(in crate::sign_in) remember: bool,
    /// How unlike its owner's the sign-in looks that begins with it.
    pub(in crate::sign_in) risk: Assessment,
    /// The sign-in by an identity provider that it began with.
    pub(in crate::sign_in) rests_on: Option<Id<SsoSession>>,
}

impl Step {
    /// After these proofs, and nothing else.
    pub(in crate::sign_in) fn after(
        methods: Vec<Method>,
        device: Option<DeviceId>,
        guess: Guess,
        risk: Assessment,
    ) -> Self {
        Self {
            methods,
            device,
            is_remembered: false,
            guess,
            enrolled: None,
            remember: false,
            risk,
            rests_on: None,
        }
    }
}

/// Goes on after a proof: to the session, if the policy lacks nothing, else to the next step.
pub(in crate::sign_in) async fn advance(
    tx: TenantTx<flows::SignIn>,
    settings: &TenantSettings,
    user: Account,
    step: Step,
) -> Result<SignInAnswer, Error> {
    if step.rests_on.is_none() && is_by_provider_alone(&tx, settings, user.id).await? {
        return Err(refuse(tx, user.id, Error::SsoRequired).await);
    }
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
    let token =
        flow::service::open(&tx, NewFlow { user: user.id, purpose, methods, device, rests_on }).await?;
    let event = Event::on(Action::MfaChallenged, user.id).with("factors", &factors);
    tx.commit(step.risk.explain(event)).await?;
    Ok(SignInAnswer::Challenge(asked(purpose, &token, factors)))
}

/// What a flow asks for.
pub(in crate::sign_in) fn asked(
    purpose: Purpose,
    flow: &Secret<String>,
    factors: Vec<SecondFactor>,
) -> Challenge {
    let expires_in = u64::try_from(flow::LASTS.num_seconds()).unwrap_or_default();
    let status = match purpose {
        Purpose::SecondFactor => ChallengeStatus::MfaRequired,
        Purpose::Enrolment => ChallengeStatus::MfaEnrolmentRequired,
    };
    Challenge { status, flow: flow.expose().clone(), expires_in, factors }
}

/// Whether nothing but an identity provider opens this account.
async fn is_by_provider_alone(
    tx: &TenantTx<flows::SignIn>,
    settings: &TenantSettings,
    user: Id<User>,
) -> Result<bool, Error> {
    // Where no provider may be used nobody is locked out: a password, set by mail if there is none, opens the account.
    Ok(tx.covers(Feature::Sso)
        && !settings.break_glass_users.contains(&user)
        && repository::enforces_provider(tx, tx.tenant()).await?)
}

/// Writes down why somebody with the right password does not get in.
pub(in crate::sign_in) async fn refuse(tx: TenantTx<flows::SignIn>, user: Id<User>, why: Error) -> Error {
    let event = Event::on(Action::SignInFailed, user).ended(Outcome::Failure, why.code().slug());
    tx.commit(event).await.map_or_else(Error::from, |()| why)
}

/// Whether one more session may start; ends the oldest if that is the tenant's way. The lock on the account, which the
/// caller has, lets one sign-in at a time count.
pub(in crate::sign_in) async fn make_room<A: StartsSession>(
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
