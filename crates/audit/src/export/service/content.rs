//! What is downloaded: the file or a part of it, piece by piece out of the database.

use std::ops::Range;

use bytes::Bytes;
use elder_access::{Access, Action, Change, Event, TenantTx, markers::AuditExportsWrite};
use futures_util::{Stream, stream};

use super::repository;
use crate::{
    Error,
    export::{AuditExport, AuditExportFormat, AuditExportId, AuditExportState, CHUNK},
};

/// A file that may be downloaded.
pub(crate) struct File {
    pub(crate) id: AuditExportId,
    pub(crate) format: AuditExportFormat,
    /// What names this very state of it (RFC 9110 §8.8.3).
    pub(crate) tag: String,
    /// Bytes.
    pub(crate) size: u64,
}

/// Why a download breaks off: what is sent no longer is the file, and its reader can see that it ends too early.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Broken {
    /// The database.
    #[error(transparent)]
    Database(#[from] elder_access::DbError),
    /// There is no such file any more.
    #[error("the export was deleted while it was downloaded")]
    Gone,
}

/// Finds the file of an export, and the event that tells of the download of what `part` chooses of it.
pub(crate) async fn open(
    tx: &TenantTx<AuditExportsWrite>,
    id: AuditExportId,
    part: impl FnOnce(&File) -> Result<Option<Range<u64>>, Error>,
) -> Result<Change<(File, Option<Range<u64>>)>, Error> {
    let export = repository::find(tx, tx.tenant(), id).await?.ok_or(Error::NotFound)?;
    let (AuditExportState::Completed, Some(sha256)) = (export.state, &export.sha256) else {
        return Err(Error::NotWritten(export.state.name()));
    };
    let AuditExport { format, size, .. } = export;
    let file = File { id, format, tag: format!("\"{sha256}\""), size: size.unsigned_abs() };
    let part = part(&file)?;
    let mut event = Event::on(Action::AuditExportRead, id).with("sha256", sha256).with("size", file.size);
    if let Some(part) = &part {
        event = event.with("part", format!("{}-{}", part.start, part.end.saturating_sub(1)));
    }
    Ok(((file, part), event))
}

/// Reads a part of a file for as long as the caller goes on.
pub(crate) fn pieces(
    access: Access<AuditExportsWrite>,
    id: AuditExportId,
    part: Range<u64>,
) -> impl Stream<Item = Result<Bytes, Broken>> {
    stream::try_unfold((access, part), move |(access, part)| async move {
        if part.is_empty() {
            return Ok(None);
        }
        let piece = piece(&access, id, &part).await?;
        let rest = part.start + piece.len() as u64..part.end;
        Ok(Some((piece, (access, rest))))
    })
}

/// The bytes of one chunk that belong to the part, which begins in it.
async fn piece(
    access: &Access<AuditExportsWrite>,
    id: AuditExportId,
    part: &Range<u64>,
) -> Result<Bytes, Broken> {
    let tx = access.begin().await?;
    let (number, first) = (part.start / CHUNK as u64, part.start % CHUNK as u64);
    let number = i32::try_from(number).map_err(|_| Broken::Gone)?;
    let chunk = repository::chunk(&tx, tx.tenant(), id, number).await?.ok_or(Broken::Gone)?;
    let last = (first + (part.end - part.start)).min(chunk.len() as u64);
    let place = |place: u64| usize::try_from(place).unwrap_or(usize::MAX);
    let bytes = chunk.get(place(first)..place(last)).filter(|bytes| !bytes.is_empty()).ok_or(Broken::Gone)?;
    Ok(Bytes::copy_from_slice(bytes))
}
