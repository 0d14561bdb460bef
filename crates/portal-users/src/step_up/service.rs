//! From a new proof to a session that has stepped up.

use elder_access::{Action, Change, Event, Myself, OwnWrite, TenantTx, session};
use elder_crypto::PasswordHasher;
use elder_kernel::Secret;
use elder_mfa::{
    Method, NotOneProof, Presented, amr, proving,
    webauthn::{self, RelyingParty},
};
use elder_tenancy::settings;

use super::{StepUp, SteppedUp, WebauthnOptions};
use crate::{
    Error,
    attempt::{self, Guess, Origin, Proved},
    me,
};

/// What the audit log calls this way.
const DOOR: &str = "step_up";

/// The challenge for a key that the person has.
pub(super) async fn options(myself: &Myself, relying_party: &RelyingParty) -> Result<WebauthnOptions, Error> {
    let tx = myself.write().await?;
    let holder = myself.principal().session.uuid();
    Ok(webauthn::service::proof(&tx, relying_party, (myself.user(), holder)).await?)
}

/// Judges the proof and raises the session; the caller commits.
pub(super) async fn prove(
    myself: &Myself,
    hasher: &PasswordHasher,
    relying_party: &RelyingParty,
    sent: StepUp,
) -> Result<(TenantTx<OwnWrite>, Change<SteppedUp>), Error> {
    let StepUp { password, code, backup_code, ceremony, credential } = sent;
    let presented = Presented::one_of(code, backup_code, ceremony, credential);
    let (tx, method) = match (password, presented) {
        (None, Ok(presented)) => by_factor(myself, relying_party, presented).await?,
        (Some(password), Err(NotOneProof::None)) => by_password(myself, hasher, password).await?,
        _ => return Err(elder_mfa::Error::from(NotOneProof::Several).into()),
    };
    let session = myself.principal().session;
    let raised = session::step_up(&tx, myself.user(), session, amr(&[method])).await?;
    let event = Event::on(Action::SteppedUp, session).with("amr", method.amr());
    let stepped_up = SteppedUp {
        access_token: raised.access.expose().clone(),
        token_type: "Bearer".to_owned(),
        expires_in: raised.expires_in,
    };
    Ok((tx, (stepped_up, event)))
}

/// By the password, for who has nothing besides it. A wrong one counts like a sign-in that failed.
async fn by_password(
    myself: &Myself,
    hasher: &PasswordHasher,
    password: Secret<String>,
) -> Result<(TenantTx<OwnWrite>, Method), Error> {
    let factors = &myself.principal().assurance.factors;
    if !factors.is_empty() {
        return Err(Error::SecondFactorNeeded(factors.clone()));
    }
    let proof = me::service::compare(myself, hasher, password).await?;
    let tx = me::service::proven(myself, &proof, DOOR).await.map_err(|error| match error {
        Error::WrongPassword => Error::InvalidProof,
        other => other,
    })?;
    Ok((tx, Method::Password))
}

/// By a second factor. A wrong one counts where a wrong password does.
async fn by_factor(
    myself: &Myself,
    relying_party: &RelyingParty,
    presented: Presented,
) -> Result<(TenantTx<OwnWrite>, Method), Error> {
    let tx = myself.write().await?;
    let settings = settings::of(&tx).await?;
    let user = myself.user();
    let session = myself.principal().session;
    let (guess, holder, origin) = (Guess::of(&presented), (user, session.uuid()), Origin::Session(session));
    let verifying = Box::pin(proving::verify(&tx, relying_party, holder, &settings.mfa, presented));
    match attempt::service::judge_factor(&tx, user, &origin, &settings, guess, verifying).await? {
        Ok(Proved { method, .. }) => Ok((tx, method)),
        Err(refusal) => {
            let event = refusal.explain(Event::on(Action::SignInFailed, user));
            tx.commit(event.with("door", DOOR)).await?;
            me::service::tell_of_lock(myself, &refusal).await?;
            Err(Error::InvalidProof)
        }
    }
}
