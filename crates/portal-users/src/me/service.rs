//! What may happen to one's own account.

mod repository;

use elder_access::{Action, Event, Myself, Own, OwnRead, OwnWrite, TenantTx};
use elder_crypto::PasswordHasher;
use elder_kernel::Secret;

use super::{Me, OwnPassword};
use crate::{
    Error, account,
    attempt::{self, Origin, Proof, Refusal},
    notice,
    password::{self, service::Person},
};

/// Profile, tenant and roles.
pub(crate) async fn profile<A: Own>(tx: &TenantTx<OwnRead>, myself: &Myself<A>) -> Result<Me, Error> {
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
    const DOOR: &str = "password_change";
    let proof = compare(myself, hasher, change.current_password).await?;
    // Judged before anything is said of the new password, or that would tell a guess that is right past every limit.
    let tx = proven(myself, &proof, DOOR).await?;
    let user = account::service::get(&tx, myself.user()).await?;
    let new = password::service::hash(tx, hasher, change.password, Person::from(&user)).await?;
    let tx = proven(myself, &proof, DOOR).await?;
    let keep = Some(myself.principal().session);
    account::service::change_password(&tx, &user, &new, keep).await?;
    Ok(tx.commit(Event::on(Action::PasswordChanged, myself.user())).await?)
}

/// A transaction in which the present password was judged right, for a change that needs it. A wrong one counts like a
/// sign-in that failed at this `door`.
pub(crate) async fn prove(
    myself: &Myself,
    hasher: &PasswordHasher,
    password: Secret<String>,
    door: &'static str,
) -> Result<TenantTx<OwnWrite>, Error> {
    let proof = compare(myself, hasher, password).await?;
    proven(myself, &proof, door).await
}

/// Compares a password with one's own. Nothing of it is believed before it is judged.
pub(crate) async fn compare(
    myself: &Myself,
    hasher: &PasswordHasher,
    password: Secret<String>,
) -> Result<Proof, Error> {
    let tx = myself.read().await?;
    let stored = repository::password_hash(&tx, tx.tenant(), myself.user()).await?.map(Secret::new);
    drop(tx);
    let hash = stored.as_ref().map(|hash| hash.expose().clone());
    let matches = hasher.verify(password, hash).await?.matches;
    let origin = Origin::Session(myself.principal().session);
    Ok(Proof { stored, matches, rehash: None, origin, is_beyond_budget: false })
}

/// A transaction in which the present password was judged right.
pub(crate) async fn proven(
    myself: &Myself,
    proof: &Proof,
    door: &'static str,
) -> Result<TenantTx<OwnWrite>, Error> {
    let tx = myself.write().await?;
    let settings = elder_tenancy::settings::of(&tx).await?;
    let Err(refusal) = attempt::service::judge(&tx, myself.user(), proof, &settings).await? else {
        return Ok(tx);
    };
    let event = refusal.explain(Event::on(Action::SignInFailed, myself.user()));
    tx.commit(event.with("door", door)).await?;
    tell_of_lock(myself, &refusal).await?;
    Err(Error::WrongPassword)
}

/// Tells the owner of a session that what failed in it has locked their account.
pub(crate) async fn tell_of_lock(myself: &Myself, refusal: &Refusal) -> Result<(), Error> {
    let Some(until) = refusal.locks_until() else { return Ok(()) };
    let tx = myself.write().await?;
    let account = account::service::get(&tx, myself.user()).await?;
    notice::locked(tx, &account, until).await
}
