//! What is downloaded: the copy, piece by piece out of the database.

use bytes::Bytes;
use elder_access::{Access, Action, Change, DbError, TenantTx, markers::PrivacyWrite};
use futures_util::{Stream, stream};

use super::{get, repository, told};
use crate::{
    Error,
    request::{PrivacyRequestId, PrivacyRequestKind as Kind, PrivacyRequestState as State, place_of_chunk},
};

/// Why a download breaks off: its reader can see that it ends too early.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Broken {
    /// The database.
    #[error(transparent)]
    Database(#[from] DbError),
    /// There is no such copy any more.
    #[error("the copy was deleted while it was downloaded")]
    Gone,
}

/// The size of a copy that can be had, and the event that tells of its download.
pub(crate) async fn open(tx: &TenantTx<PrivacyWrite>, id: PrivacyRequestId) -> Result<Change<u64>, Error> {
    let request = get(tx, id).await?;
    let is_there = request.expires_at.is_some_and(|end| tx.seam().now() < end);
    let (Kind::Access, State::Completed, Some(size), true) =
        (request.kind, request.state, request.size, is_there)
    else {
        return Err(Error::NoDocument(request.state.name()));
    };
    // It may have been erased since.
    if repository::chunk(tx, tx.tenant(), id, 0).await?.is_none() {
        return Err(Error::NoDocument("gone"));
    }
    let event = told(Action::PersonDownloaded, &request).with("sha256", &request.sha256);
    Ok((size.unsigned_abs(), event))
}

/// Reads a copy of so many bytes for as long as the caller goes on.
pub(crate) fn pieces(
    access: Access<PrivacyWrite>,
    id: PrivacyRequestId,
    size: u64,
) -> impl Stream<Item = Result<Bytes, Broken>> {
    stream::try_unfold((access, 0, size), move |(access, number, left)| async move {
        if left == 0 {
            return Ok(None);
        }
        let piece = piece(&access, id, number).await?;
        let left = left.checked_sub(piece.len() as u64).ok_or(Broken::Gone)?;
        Ok(Some((piece, (access, number + 1, left))))
    })
}

async fn piece(access: &Access<PrivacyWrite>, id: PrivacyRequestId, number: i32) -> Result<Bytes, Broken> {
    let tx = access.begin().await?;
    let sealed = repository::chunk(&tx, tx.tenant(), id, number).await?.ok_or(Broken::Gone)?;
    Ok(tx.unseal(&place_of_chunk(id, number), &sealed).map_err(DbError::defect)?.into())
}
