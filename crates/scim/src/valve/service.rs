//! Counts who goes, and closes the valve.

mod repository;

use chrono::{DateTime, Utc};
use elder_access::{Access, Action, Authority, Changes, Event, Outcome, TenantTx, Write, markers::ScimWrite};
use elder_api_types::DirectoryId;
use elder_kernel::{Id, User};
use elder_portal_users::account::service as accounts;

use super::{AT_ONCE, WINDOW, enough};
use crate::{Error, resource::Within};

/// Lets somebody go whom the directory is about to deactivate or remove, and who has been here since then.
///
/// # Errors
/// [`Error::TooManyRemovals`]: then nothing of the transaction may be kept, and [`heed`] has to be told.
pub(crate) async fn let_go(
    tx: &TenantTx<ScimWrite>,
    within: Within,
    (user, since): (Id<User>, DateTime<Utc>),
) -> Result<(), Error> {
    let now = tx.seam().now();
    if now - since < WINDOW {
        return Ok(());
    }
    let (percent, removed) =
        repository::note(tx, within, (user, now, now - WINDOW)).await?.ok_or(Error::NotFound)?;
    // Far from the limit nobody waits for another. Near it each waits for all who go on, and counts them.
    if repository::share(tx, within, enough(removed + AT_ONCE, percent)).await? {
        return Ok(());
    }
    repository::lock(tx, within).await?;
    let removed = repository::removed(tx, within, now - WINDOW).await?;
    let enough = enough(removed, percent);
    if removed >= enough {
        return Ok(());
    }
    let people = removed + repository::others(tx, within, enough - removed).await?;
    if people >= enough { Ok(()) } else { Err(Error::TooManyRemovals { removed, people }) }
}

/// Somebody who went is back.
pub(crate) async fn come_back(tx: &TenantTx<ScimWrite>, within: Within, user: Id<User>) -> Result<(), Error> {
    Ok(repository::forget(tx, within, user).await?)
}

/// Begins to count anew: an admin has seen who went.
pub(crate) async fn reset(
    tx: &TenantTx<impl Authority<Mode = Write>>,
    directory: DirectoryId,
) -> Result<(), Error> {
    Ok(repository::forget_all(tx, tx.tenant(), directory).await?)
}

/// Goes on with a push, or ends it. If too many people were to go, the directory is paused and the tenant's admins are
/// told; if the last admin was, that is written down. In a transaction of its own: nothing is left of the push.
pub(crate) async fn heed<T>(
    access: &Access<ScimWrite>,
    within: Within,
    tx: TenantTx<ScimWrite>,
    done: Result<T, Error>,
) -> Result<(TenantTx<ScimWrite>, T), Error> {
    let error = match done {
        Ok(done) => return Ok((tx, done)),
        Err(error) => error,
    };
    // It may hold the valve.
    drop(tx);
    match error {
        Error::TooManyRemovals { removed, people } => {
            let tx = access.begin().await?;
            if let Some(event) = close(&tx, within, (removed, people)).await? {
                tx.commit(event).await?;
            }
        }
        Error::LastAdmin(user) => {
            let event = Event::on(Action::ScimRemovalRefused, user).with("directory", within.directory);
            access.begin().await?.commit(event.ended(Outcome::Denied, "last_admin")).await?;
        }
        _ => {}
    }
    Err(error)
}

/// None if somebody else was faster.
async fn close(
    tx: &TenantTx<ScimWrite>,
    within: Within,
    (removed, people): (u64, u64),
) -> Result<Option<Event>, Error> {
    let Some(name) = repository::pause(tx, within, tx.seam().now()).await? else { return Ok(None) };
    accounts::tell_of_pause(tx, &name, removed, people).await?;
    let event = Event::on(Action::DirectoryPaused, within.directory)
        .changed(Changes::default().field("is_active", &true, &false))
        .with("removed", removed)
        .with("people", people);
    Ok(Some(event))
}
