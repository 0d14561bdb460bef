//! What may happen to requests.

pub(crate) mod content;
pub(crate) mod doing;
mod repository;

use elder_access::{
    Action, Asked, Authority, Change, Changes, DbError, Event, Found, Person, TenantTx, Worker, Write,
    markers::{PrivacyRead, PrivacyWrite},
    work::Housekeeping,
};
use elder_kernel::collection::Selection;

pub(crate) use doing::kind_of_approved;

use super::{
    NewPrivacyRequest, PrivacyRequest, PrivacyRequestId, PrivacyRequestKind as Kind,
    PrivacyRequestState as State,
};
use crate::Error;

pub(super) async fn list(
    tx: &TenantTx<PrivacyRead>,
    selection: &Selection,
) -> Result<Found<PrivacyRequest>, Error> {
    Ok(repository::list(tx, tx.tenant(), selection).await?)
}

pub(super) async fn get<A: Authority>(
    tx: &TenantTx<A>,
    id: PrivacyRequestId,
) -> Result<PrivacyRequest, Error> {
    repository::find(tx, tx.tenant(), id).await?.ok_or(Error::NotFound)
}

pub(super) async fn create(
    tx: &TenantTx<PrivacyWrite>,
    new: NewPrivacyRequest,
) -> Result<Change<PrivacyRequest>, Error> {
    let NewPrivacyRequest { kind, user_id, reason } = new;
    let known = repository::known(tx, tx.tenant(), user_id).await?;
    // Of whom nothing but events is left, there is only that to erase.
    if !(known.has_account || kind == Kind::Erasure && known.is_in_log) {
        return Err(Error::NotFound);
    }
    let request = PrivacyRequest {
        id: tx.seam().id(),
        kind,
        user_id,
        reason,
        state: State::Requested,
        created_at: tx.seam().now(),
        created_by: tx.actor().user,
        decided_at: None,
        decided_by: None,
        reject_reason: None,
        error: None,
        completed_at: None,
        expires_at: None,
        size: None,
        sha256: None,
    };
    ensure_possible(tx, &request).await?;
    repository::insert(tx, tx.tenant(), &request).await.map_err(asked)?;
    let changes = Changes::default().new_field("kind", &kind).new_field("user_id", &user_id).new_personal(
        &Person::Of(user_id),
        "reason",
        &request.reason,
    );
    let event = told(Action::PrivacyAsked, &request).changed(changes);
    Ok((request, event))
}

pub(super) async fn approve(
    tx: &TenantTx<PrivacyWrite>,
    id: PrivacyRequestId,
) -> Result<Change<PrivacyRequest>, Error> {
    let before = lock_waiting(tx, id).await?;
    let asked = Asked { by: before.created_by, at: before.created_at, about: Some(before.user_id) };
    tx.second_person(&asked).await?;
    ensure_possible(tx, &before).await?;
    decide(tx, before, State::Approved, None).await
}

pub(super) async fn reject(
    tx: &TenantTx<PrivacyWrite>,
    id: PrivacyRequestId,
    reason: String,
) -> Result<Change<PrivacyRequest>, Error> {
    let before = lock_waiting(tx, id).await?;
    decide(tx, before, State::Rejected, Some(reason)).await
}

pub(super) async fn certificate(tx: &TenantTx<PrivacyRead>, id: PrivacyRequestId) -> Result<String, Error> {
    let request = get(tx, id).await?;
    let note = repository::certificate(tx, tx.tenant(), id).await?;
    note.ok_or(Error::NoDocument(request.state.name()))
}

async fn lock_waiting(tx: &TenantTx<PrivacyWrite>, id: PrivacyRequestId) -> Result<PrivacyRequest, Error> {
    let before = repository::lock(tx, tx.tenant(), id).await?.ok_or(Error::NotFound)?;
    tx.expect(&before)?;
    if before.state == State::Requested { Ok(before) } else { Err(Error::Decided(before.state.name())) }
}

async fn decide(
    tx: &TenantTx<PrivacyWrite>,
    before: PrivacyRequest,
    state: State,
    reject_reason: Option<String>,
) -> Result<Change<PrivacyRequest>, Error> {
    let after = PrivacyRequest {
        state,
        decided_at: Some(tx.seam().now()),
        decided_by: tx.actor().user,
        reject_reason,
        ..before.clone()
    };
    repository::decide(tx, tx.tenant(), &after).await?;
    let action = if state == State::Approved { Action::PrivacyApproved } else { Action::PrivacyRejected };
    let changes = Changes::default().field("state", &before.state, &after.state).personal(
        &Person::Of(after.user_id),
        "reject_reason",
        &before.reject_reason,
        &after.reject_reason,
    );
    let event = told(action, &after).changed(changes);
    Ok((after, event))
}

/// Refuses an erasure that would not be done.
async fn ensure_possible<A: Authority<Mode = Write>>(
    tx: &TenantTx<A>,
    request: &PrivacyRequest,
) -> Result<(), Error> {
    if request.kind == Kind::Access {
        return Ok(());
    }
    let standing = repository::standing(tx, tx.tenant(), request.user_id).await?;
    if standing.is_held {
        return Err(Error::Held);
    }
    if standing.is_last_admin { Err(Error::LastAdmin) } else { Ok(()) }
}

/// An event about a request, which names the person by their id alone.
pub(crate) fn told(action: Action, request: &PrivacyRequest) -> Event {
    Event::on(action, request.id).with("kind", request.kind).with("user_id", request.user_id)
}

fn asked(error: DbError) -> Error {
    match error.constraint() {
        Some("privacy_requests_open_key") => Error::Asked,
        _ => Error::Database(error),
    }
}

/// Deletes copies whose time is over.
///
/// # Errors
/// [`DbError`].
pub async fn forget_copies(worker: &Worker) -> Result<(), DbError> {
    let now = worker.seam().now();
    repository::forget(worker.job::<Housekeeping>().platform().await?, now).await
}
