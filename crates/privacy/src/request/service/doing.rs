//! What jobs do with requests: take those that are approved, and say what became of them.

use chrono::{DateTime, Utc};
use elder_access::{Authority, DbError, PlatformTx, TenantTx, Worker, work::Privacy};
use elder_api_types::UserId;
use elder_kernel::TenantId;

use super::repository;
use crate::request::{
    PrivacyRequest, PrivacyRequestId, PrivacyRequestKind as Kind, PrivacyRequestState as State, Standing,
    place_of_chunk,
};

/// What an approved request asks.
pub(crate) async fn kind_of_approved(
    worker: &Worker,
    tenant: TenantId,
    id: PrivacyRequestId,
) -> Result<Option<Kind>, DbError> {
    let tx = worker.job::<Privacy>().begin(tenant).await?;
    let found = repository::find(&tx, tenant, id).await?;
    Ok(found.filter(|request| request.state == State::Approved).map(|request| request.kind))
}

/// An erasure that is approved, locked, and what stands against it: no hold is put and no admin goes meanwhile.
pub(crate) async fn take_erasure(
    tx: &PlatformTx<Privacy>,
    tenant: TenantId,
    id: PrivacyRequestId,
) -> Result<Option<(PrivacyRequest, Standing)>, DbError> {
    let Some(request) = repository::take(tx, tenant, id).await? else { return Ok(None) };
    let standing = repository::standing_now(tx, tenant, request.user_id).await?;
    Ok(Some((request, standing)))
}

/// A copy that is approved, locked.
pub(crate) async fn take_copy(
    tx: &TenantTx<Privacy>,
    id: PrivacyRequestId,
) -> Result<Option<PrivacyRequest>, DbError> {
    let found = repository::lock(tx, tx.tenant(), id).await?;
    Ok(found.filter(|request| (request.kind, request.state) == (Kind::Access, State::Approved)))
}

/// Says why an erasure is not done.
pub(crate) async fn refuse<A: Authority>(
    tx: &PlatformTx<A>,
    tenant: TenantId,
    id: PrivacyRequestId,
    why: &str,
) -> Result<u64, DbError> {
    repository::refuse(tx, tenant, id, why).await
}

/// Says that an erasure is done.
pub(crate) async fn complete<A: Authority>(
    tx: &PlatformTx<A>,
    tenant: TenantId,
    id: PrivacyRequestId,
    certificate: &str,
) -> Result<u64, DbError> {
    repository::complete(tx, tenant, id, certificate, tx.seam().now()).await
}

/// Writes down that an erasure was repeated, in place of a request that a restored database may not have.
pub(crate) async fn note_again<A: Authority>(
    tx: &PlatformTx<A>,
    tenant: TenantId,
    user: UserId,
    id: PrivacyRequestId,
) -> Result<u64, DbError> {
    repository::note_again(tx, tenant, user, id, tx.seam().now()).await
}

/// Stores a piece of a copy.
pub(crate) async fn add_piece(
    tx: &TenantTx<Privacy>,
    id: PrivacyRequestId,
    number: i32,
    piece: &[u8],
) -> Result<u64, DbError> {
    let sealed = tx.seal(&place_of_chunk(id, number), piece);
    repository::add_chunk(tx, tx.tenant(), id, number, sealed).await
}

/// Says that a copy is there until `expires_at`, with its size and hash.
pub(crate) async fn complete_copy(
    tx: &TenantTx<Privacy>,
    id: PrivacyRequestId,
    expires_at: DateTime<Utc>,
    what: (i64, String),
) -> Result<(), DbError> {
    repository::complete_copy(tx, tx.tenant(), id, (tx.seam().now(), expires_at), what).await
}
