//! Judges a proof by whatever kind of factor it is of.

use elder_access::TenantTx;
use elder_api_types::FactorId;
use elder_kernel::{Id, User};
use uuid::Uuid;

use crate::{
    Error, Method, Presented, ProvesFactors, Verdict, backup_code,
    policy::MfaSettings,
    totp,
    webauthn::{self, NewPasskey, RelyingParty},
};

/// Looks whether a proof is right, and uses it up. What is asked here was guessed at under the account's counter: the
/// caller has locked the account. `holder` is the flow or the session that the proof is for.
///
/// # Errors
/// [`Error::NoRelyingParty`], [`Error::Database`]; whatever is wrong with the proof itself is a [`Verdict`].
pub async fn verify<A: ProvesFactors>(
    tx: &TenantTx<A>,
    relying_party: &RelyingParty,
    (user, holder): (Id<User>, Uuid),
    policy: &MfaSettings,
    presented: Presented,
) -> Result<Verdict, Error> {
    if !policy.takes(presented.kind()) {
        return Ok(Verdict::Wrong("factor_not_taken"));
    }
    match presented {
        Presented::Code(code) => totp::service::verify(tx, user, &code).await,
        Presented::BackupCode(code) => backup_code::service::verify(tx, user, &code).await,
        Presented::Credential { ceremony, credential } => {
            webauthn::service::verify(tx, relying_party, (user, holder), &ceremony, credential).await
        }
    }
}

/// Sets up the factor that a sign-in cannot go on without, by its first proof. `pending` is the authenticator
/// application that was begun in the flow `holder`.
///
/// # Errors
/// [`Error::Registered`], [`Error::NotTaken`], [`Error::Database`]; whatever is wrong with the proof itself is a
/// [`Verdict`].
pub async fn enrol<A: ProvesFactors>(
    tx: &TenantTx<A>,
    relying_party: &RelyingParty,
    (user, holder): (Id<User>, Uuid),
    pending: Option<FactorId>,
    presented: Presented,
) -> Result<Verdict, Error> {
    let (enrolled, method) = match (presented, pending) {
        (Presented::Code(code), Some(id)) => {
            (totp::service::confirm(tx, user, id, &code).await, Method::Totp)
        }
        (Presented::Credential { ceremony, credential }, _) => {
            let new = NewPasskey { name: None, ceremony, credential };
            let registered = webauthn::service::register(tx, relying_party, (user, holder), new).await;
            (registered, Method::Passkey { is_synced: false })
        }
        (Presented::Code(_) | Presented::BackupCode(_), _) => return Ok(Verdict::Wrong("nothing_begun")),
    };
    match enrolled {
        Ok(_) => Ok(Verdict::Right(method)),
        Err(Error::InvalidProof | Error::NotFound) => Ok(Verdict::Wrong("wrong_first_proof")),
        Err(other) => Err(other),
    }
}
