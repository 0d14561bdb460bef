//! What is downloaded: the file or a part of it, piece by piece out of the database.

use std::ops::Range;

use actix_web::{
    HttpResponse,
    body::SizedStream,
    http::{StatusCode, header},
    web::Bytes,
};
use elder_access::{Access, Action, Change, Event, TenantTx, markers::AuditExportsWrite};
use futures_util::stream;

use super::repository;
use crate::{
    Error,
    export::{
        AuditExport, AuditExportFormat, AuditExportId, AuditExportState, CHUNK,
        part::{Beyond, Wanted},
    },
};

/// A file that may be downloaded.
pub(crate) struct File {
    export: AuditExport,
    tag: String,
    size: u64,
    part: Option<Range<u64>>,
}

/// Why a download breaks off: what is sent no longer is the file, and its reader can see that it ends too early.
#[derive(Debug, thiserror::Error)]
enum Broken {
    #[error(transparent)]
    Database(#[from] elder_access::DbError),
    #[error("the export was deleted while it was downloaded")]
    Gone,
}

/// Finds the file of an export, and the event that tells of its download.
pub(crate) async fn open(
    tx: &TenantTx<AuditExportsWrite>,
    id: AuditExportId,
    wanted: &Wanted,
) -> Result<Change<File>, Error> {
    let export = repository::find(tx, tx.tenant(), id).await?.ok_or(Error::NotFound)?;
    let (AuditExportState::Completed, Some(sha256)) = (export.state, &export.sha256) else {
        return Err(Error::NotWritten(export.state.name()));
    };
    let (tag, size) = (format!("\"{sha256}\""), export.size.unsigned_abs());
    let part = wanted.of(&tag, size).map_err(|Beyond| Error::Beyond(size))?;
    let mut event = Event::on(Action::AuditExportRead, id).with("sha256", sha256).with("size", size);
    if let Some(part) = &part {
        event = event.with("part", format!("{}-{}", part.start, part.end.saturating_sub(1)));
    }
    Ok((File { export, tag, size, part }, event))
}

impl File {
    /// The answer, which goes on reading for as long as the caller does.
    pub(crate) fn answer(self, access: Access<AuditExportsWrite>) -> HttpResponse {
        let Self { export: AuditExport { id, format, .. }, tag, size, part } = self;
        let name = format!("attachment; filename=\"audit-{id}.{}\"", format.name());
        let mut answer = HttpResponse::build(match part {
            Some(_) => StatusCode::PARTIAL_CONTENT,
            None => StatusCode::OK,
        });
        answer
            .insert_header((header::CONTENT_TYPE, media_type(format)))
            .insert_header((header::CONTENT_DISPOSITION, name))
            .insert_header((header::ACCEPT_RANGES, "bytes"))
            .insert_header((header::ETAG, tag));
        if let Some(part) = &part {
            let range = format!("bytes {}-{}/{size}", part.start, part.end.saturating_sub(1));
            answer.insert_header((header::CONTENT_RANGE, range));
        }
        let part = part.unwrap_or(0..size);
        let length = part.end - part.start;
        let pieces = stream::try_unfold((access, part), move |(access, part)| async move {
            if part.is_empty() {
                return Ok::<_, Broken>(None);
            }
            let piece = piece(&access, id, &part).await?;
            let rest = part.start + piece.len() as u64..part.end;
            Ok(Some((piece, (access, rest))))
        });
        answer.body(SizedStream::new(length, Box::pin(pieces)))
    }
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

/// The media type of a file.
fn media_type(format: AuditExportFormat) -> &'static str {
    match format {
        AuditExportFormat::Ndjson => "application/x-ndjson",
        AuditExportFormat::Csv => "text/csv; charset=utf-8; header=present",
        AuditExportFormat::Json => "application/json",
        AuditExportFormat::Pdf => "application/pdf",
    }
}
