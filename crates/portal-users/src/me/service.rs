//! What may happen to one's own account.

mod repository;

use elder_access::{Action, Event, Myself, Outcome, OwnRead, TenantTx};
use elder_crypto::PasswordHasher;
use elder_kernel::Secret;

use super::{Me, OwnPassword};
use crate::{
    Error, account,
    attempt::{self, Proof},
    password,
};

/// Profile, tenant and roles.
pub(super) async fn profile(tx: &TenantTx<OwnRead>, myself: &Myself) -> Result<Me, Error> {
    Ok(Me {
        user: account::service::get(tx, myself.user()).await?,
        tenant: repository::tenant(tx, tx.tenant()).await?.ok_or(Error::NotFound)?,
        permissions: myself.holds().rows().map(|row| row.name).collect(),
        organizations: repository::memberships(tx, tx.tenant(), myself.user()).await?,
    })
}

/// Changes one's password, if the present one is right, and ends all other sessions. A wrong one counts like a
/// sign-in that failed.
pub(super) async fn change_password(
    myself: &Myself,
    hasher: &PasswordHasher,
    change: OwnPassword,
) -> Result<(), Error> {
    let tx = myself.read().await?;
    let stored = repository::password_hash(&tx, tx.tenant(), myself.user()).await?.map(Secret::new);
    drop(tx);
    let hash = stored.as_ref().map(|hash| hash.expose().clone());
    let matches = hasher.verify(change.current_password, hash).await?.matches;
    let new = if matches { Some(hash_new(myself, hasher, change.password).await?) } else { None };
    let tx = myself.write().await?;
    let limits = elder_tenancy::settings::of(&tx).await?.lockout;
    let proof = Proof { stored, matches, rehash: None };
    let judged = attempt::service::judge(&tx, myself.user(), &proof, &limits).await?;
    match (judged, new) {
        (Ok(_), Some(new)) => {
            let keep = Some(myself.principal().session);
            account::service::set_password(&tx, myself.user(), &new, keep).await?;
            tx.commit(Event::on(Action::PasswordChanged, myself.user())).await?;
            Ok(())
        }
        (refused, _) => {
            let reason = refused.err().map_or("wrong_password", attempt::Refusal::reason);
            let event = Event::on(Action::SignInFailed, myself.user()).ended(Outcome::Failure, reason);
            tx.commit(event.with("door", "password_change")).await?;
            Err(Error::WrongPassword)
        }
    }
}

async fn hash_new(
    myself: &Myself,
    hasher: &PasswordHasher,
    new: Secret<String>,
) -> Result<Secret<String>, Error> {
    let tx = myself.read().await?;
    let user = account::service::get(&tx, myself.user()).await?;
    password::service::hash(tx, hasher, new, (&user.email, user.full_name.as_str())).await
}
