//! From an identity provider's word to a session.

use elder_access::{Action, Event, Guest, flows};
use elder_kernel::Secret;
use elder_mfa::{Method, Verdict};
use elder_tenancy::settings;

use super::Vouched;
use crate::{
    Error,
    attempt::{self, Guess, Origin, Proved},
    device::DeviceToken,
    risk::Places,
    sign_in::{
        SignInAnswer,
        service::{Step, admit, advance, refuse, tell},
    },
};

/// Signs in whom a provider has named. The account, its tenant and the network are judged as for every other proof, and the
/// tenant's policy of second factors is asked as for a password (P-17).
pub(crate) async fn verify(
    guest: &Guest<flows::SignIn>,
    places: &Places,
    vouched: Vouched,
    device: Option<&Secret<String>>,
) -> Result<SignInAnswer, Error> {
    let Vouched { tenant, user, sign_in, is_multi_factor } = vouched;
    let tx = guest.begin(tenant).await?;
    let settings = settings::of(&tx).await?;
    let guess = Guess::Impossible;
    let verdict = async { Ok(Verdict::Right(Method::Provider { is_multi_factor })) };
    let origin = Origin::Anywhere { device: device.and_then(DeviceToken::read), places: places.clone() };
    match attempt::service::judge_factor(&tx, user, &origin, &settings, guess, verdict).await? {
        Ok(Proved { account: user, method, device, risk }) => {
            admit(&*guest.platform().await?, user.global_role)?;
            let (id, methods) = (user.id, vec![method]);
            let step = Step { rests_on: Some(sign_in), ..Step::after(methods, device, guess, risk) };
            match advance(tx, &settings, user, step).await {
                // The provider has ended it, or is gone, in the same moment.
                Err(error) if error.is_without_sign_in() => {
                    Err(refuse(guest.begin(tenant).await?, id, Error::InvalidCredentials).await)
                }
                advanced => advanced,
            }
        }
        Err(refusal) => {
            let event = refusal.explain(Event::on(Action::SignInFailed, user));
            tx.commit(event.with("door", "single_sign_on")).await?;
            tell(guest, tenant, user, &refusal);
            Err(Error::InvalidCredentials)
        }
    }
}
