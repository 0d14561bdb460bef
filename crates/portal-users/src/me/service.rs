//! What may happen to one's own account.

mod repository;

use elder_access::{Action, Event, Myself, Outcome, OwnRead, OwnWrite, TenantTx};
use elder_crypto::PasswordHasher;
use elder_kernel::Secret;

use super::{Me, OwnPassword};
use crate::{
    Error, account,
    attempt::{self, Proof},
    password::{self, service::Person},
};

/// Profile, tenant and roles.
pub(crate) async fn profile(tx: &TenantTx<OwnRead>, myself: &Myself) -> Result<Me, Error> {
    Ok(Me {
        user: account::service::get(tx, myself.user()).await?,
        tenant: repository::tenant(tx, tx.tenant()).await?.ok_or(Error::NotFound)?,
        permissions: myself.holds().rows().map(|row| row.name.to_owned()).collect(),
        organizations: repository::memberships(tx, tx.tenant(), myself.user()).await?,
    })
}

/// Changes one's password, if the present one is right, and ends all other sessions. A wrong one counts like a
/// sign-in that failed.
pub(crate) async fn change_password(
    myself: &Myself,
    hasher: &PasswordHasher,
    change: OwnPassword,
) -> Result<(), Error> {
    let tx = myself.read().await?;
    let stored = repository::password_hash(&tx, tx.tenant(), myself.user()).await?.map(Secret::new);
    drop(tx);
    let hash = stored.as_ref().map(|hash| hash.expose().clone());
    let matches = hasher.verify(change.current_password, hash).await?.matches;
    let proof = Proof { stored, matches, rehash: None };
    // Judged before anything is said of the new password, or that would tell a guess that is right past every limit.
    let tx = proven(myself, &proof).await?;
    let user = account::service::get(&tx, myself.user()).await?;
    let new = password::service::hash(tx, hasher, change.password, Person::from(&user)).await?;
    let tx = proven(myself, &proof).await?;
    let keep = Some(myself.principal().session);
    account::service::set_password(&tx, myself.user(), &new, keep).await?;
    Ok(tx.commit(Event::on(Action::PasswordChanged, myself.user())).await?)
}

/// A transaction in which the present password was judged right.
async fn proven(myself: &Myself, proof: &Proof) -> Result<TenantTx<OwnWrite>, Error> {
    let tx = myself.write().await?;
    let settings = elder_tenancy::settings::of(&tx).await?;
    let Err(refusal) = attempt::service::judge(&tx, myself.user(), proof, &settings).await? else {
        return Ok(tx);
    };
    let event = Event::on(Action::SignInFailed, myself.user()).ended(Outcome::Failure, refusal.reason());
    tx.commit(event.with("door", "password_change")).await?;
    Err(Error::WrongPassword)
}
