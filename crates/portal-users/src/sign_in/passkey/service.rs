//! From a passkey to a session.

use elder_access::{Action, Event, Guest, flows};
use elder_api_types::settings::SecondFactor;
use elder_kernel::TenantId;
use elder_mfa::{
    Verdict,
    webauthn::{
        RelyingParty,
        service::{Claim, sign_in},
    },
};
use elder_tenancy::settings;

use super::{PasskeySignIn, WebauthnOptions};
use crate::{
    Error,
    attempt::{self, Guess, Origin, Proved},
    device::DeviceToken,
    risk::Places,
    sign_in::{
        SignInAnswer,
        service::{Step, admit, advance, tell},
    },
};

/// A challenge for whoever holds a passkey.
pub(crate) async fn options(
    guest: &Guest<flows::SignIn>,
    relying_party: &RelyingParty,
) -> Result<WebauthnOptions, Error> {
    Ok(sign_in(&guest.begin(TenantId::SYSTEM).await?, relying_party)?)
}

/// Signs in whom the passkey names, if it answers the challenge.
pub(crate) async fn verify(
    guest: &Guest<flows::SignIn>,
    relying_party: &RelyingParty,
    places: &Places,
    sent: PasskeySignIn,
) -> Result<SignInAnswer, Error> {
    let device = sent.device_token.as_ref().and_then(DeviceToken::read);
    let claim = Claim::read(&guest.begin(TenantId::SYSTEM).await?, relying_party, sent)?;
    let tenant = claim.tenant(&guest.lookup().await?).await?;
    let tx = guest.begin(tenant).await?;
    let settings = settings::of(&tx).await?;
    let (user, guess) = (claim.user, Guess::Impossible);
    let verifying = Box::pin(async {
        if settings.mfa.takes(SecondFactor::Webauthn) {
            claim.verify(&tx, relying_party).await
        } else {
            Ok(Verdict::Wrong("factor_not_taken"))
        }
    });
    let origin = Origin::Anywhere { device, places: places.clone() };
    match attempt::service::judge_factor(&tx, user, &origin, &settings, guess, verifying).await? {
        Ok(Proved { account: user, method, device, risk }) => {
            admit(&*guest.platform().await?, user.global_role)?;
            let methods = vec![method];
            let step = Step::after(methods, device, guess, risk);
            advance(tx, &settings, user, step).await
        }
        Err(refusal) => {
            let event = refusal.explain(Event::on(Action::SignInFailed, user));
            tx.commit(event.with("door", "passkey")).await?;
            tell(guest, tenant, user, &refusal);
            Err(Error::InvalidProof)
        }
    }
}
