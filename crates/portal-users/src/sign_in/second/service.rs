//! From a flow and a second factor to a session.

use elder_access::{Action, Event, Guest, TenantTx, flows};
use elder_kernel::Secret;
use elder_mfa::{
    Presented,
    flow::{self, Flow, Purpose, service::FlowToken},
    policy::{self, Admission, Person},
    proving, totp,
    webauthn::{self, RelyingParty},
};
use elder_tenancy::settings;

use super::{MfaVerification, TotpEnrolment, WebauthnOptions};
use crate::{
    Error,
    account::{self, Account},
    attempt::{self, Guess, Origin, Proved},
    sign_in::{
        Challenge, SignInAnswer,
        service::{Step, admit, advance, asked, tell},
    },
};

/// The challenge for a key that the person has.
pub(crate) async fn webauthn_options(
    guest: &Guest<flows::SignIn>,
    relying_party: &RelyingParty,
    flow: &Secret<String>,
) -> Result<WebauthnOptions, Error> {
    let (tx, flow) = begin(guest, flow, Purpose::SecondFactor).await?;
    Ok(webauthn::service::proof(&tx, relying_party, (flow.user, flow.id.uuid())).await?)
}

/// A secret for an authenticator application, for who cannot go on without a factor.
pub(crate) async fn enrol_totp(
    guest: &Guest<flows::SignIn>,
    flow: &Secret<String>,
) -> Result<TotpEnrolment, Error> {
    let (tx, flow) = begin(guest, flow, Purpose::Enrolment).await?;
    let (enrolment, event) = totp::service::begin(&tx, flow.user, None).await?;
    flow::service::set_factor(&tx, &flow, enrolment.id).await?;
    tx.commit(event.with("user", flow.user).with("door", "sign_in")).await?;
    Ok(enrolment)
}

/// The same secret once more, after a code that was not right; none if there is none to be shown.
pub(crate) async fn totp_again(
    guest: &Guest<flows::SignIn>,
    flow: &Secret<String>,
) -> Result<Option<TotpEnrolment>, Error> {
    let (tx, flow) = begin(guest, flow, Purpose::Enrolment).await?;
    let Some(factor) = flow.factor else { return Ok(None) };
    match totp::service::again(&tx, flow.user, factor).await {
        Ok(enrolment) => Ok(Some(enrolment)),
        Err(elder_mfa::Error::NotFound) => Ok(None),
        Err(error) => Err(error.into()),
    }
}

/// The challenge for a new key, for who cannot go on without a factor.
pub(crate) async fn enrol_webauthn(
    guest: &Guest<flows::SignIn>,
    relying_party: &RelyingParty,
    flow: &Secret<String>,
) -> Result<WebauthnOptions, Error> {
    let (tx, flow) = begin(guest, flow, Purpose::Enrolment).await?;
    Ok(webauthn::service::registration(&tx, relying_party, (flow.user, flow.id.uuid())).await?)
}

/// Ends the sign-in, or counts one more failure: of the flow and of the account.
pub(crate) async fn verify(
    guest: &Guest<flows::SignIn>,
    relying_party: &RelyingParty,
    sent: MfaVerification,
) -> Result<SignInAnswer, Error> {
    let presented = Presented::one_of(sent.code, sent.backup_code, sent.ceremony, sent.credential);
    let presented = presented.map_err(elder_mfa::Error::from)?;
    let token = FlowToken::parse(&sent.flow)?;
    let tx = guest.begin(token.tenant()).await?;
    let flow = flow::service::get(&tx, &token).await?;
    flow::service::count(&tx, &flow).await?;
    let settings = settings::of(&tx).await?;
    let (guess, holder) = (Guess::of(&presented), (flow.user, flow.id.uuid()));
    let verifying = Box::pin(async {
        match flow.purpose {
            Purpose::SecondFactor => {
                proving::verify(&tx, relying_party, holder, &settings.mfa, presented).await
            }
            Purpose::Enrolment => proving::enrol(&tx, relying_party, holder, flow.factor, presented).await,
        }
    });
    let origin = Origin::Flow(flow.device);
    match attempt::service::judge_factor(&tx, flow.user, &origin, &settings, guess, verifying).await? {
        Ok(Proved { account: user, method, device, risk }) => {
            admit(&*guest.platform().await?, user.global_role)?;
            flow::service::end(&tx, &flow).await?;
            let enrolled = flow.factor.filter(|_| flow.purpose == Purpose::Enrolment);
            let methods = flow.methods.iter().copied().chain([method]).collect();
            let (remember, rests_on) = (sent.remember_device, flow.rests_on);
            let step = Step { enrolled, remember, rests_on, ..Step::after(methods, device, guess, risk) };
            advance(tx, &settings, user, step).await
        }
        Err(refusal) => {
            let event = refusal.explain(Event::on(Action::SignInFailed, flow.user));
            let tenant = tx.tenant();
            tx.commit(event.with("door", "second_factor")).await?;
            tell(guest, tenant, flow.user, &refusal);
            Err(Error::InvalidProof)
        }
    }
}

/// What a flow waits for, to be asked for once more.
pub(crate) async fn standing(
    guest: &Guest<flows::SignIn>,
    token: &Secret<String>,
) -> Result<Challenge, Error> {
    let parsed = FlowToken::parse(token)?;
    let tx = guest.begin(parsed.tenant()).await?;
    let flow = flow::service::get(&tx, &parsed).await?;
    let settings = settings::of(&tx).await?;
    let Account { id, global_role, tenant_role, .. } = account::service::get(&tx, flow.user).await?;
    let person = Person { user: id, global_role, tenant_role, is_remembered: false };
    match (flow.purpose, policy::admit(&tx, &settings.mfa, person, &flow.methods).await?) {
        (Purpose::SecondFactor, Admission::SecondFactor(factors))
        | (Purpose::Enrolment, Admission::Enrolment(factors)) => Ok(asked(flow.purpose, token, factors)),
        _ => Err(elder_mfa::Error::InvalidFlow.into()),
    }
}

/// A flow that waits for this.
async fn begin(
    guest: &Guest<flows::SignIn>,
    flow: &Secret<String>,
    purpose: Purpose,
) -> Result<(TenantTx<flows::SignIn>, Flow), Error> {
    let token = FlowToken::parse(flow)?;
    let tx = guest.begin(token.tenant()).await?;
    let flow = flow::service::get(&tx, &token).await?;
    if flow.purpose == purpose { Ok((tx, flow)) } else { Err(elder_mfa::Error::InvalidFlow.into()) }
}
