//! The answer to a download: headers of the file, and its bytes or a part of them.

use std::ops::Range;

use actix_web::{
    HttpResponse,
    body::SizedStream,
    http::{StatusCode, header},
};
use elder_access::{Access, markers::AuditExportsWrite};

use crate::export::{
    AuditExportFormat,
    service::content::{File, pieces},
};

/// The whole file, or the part of it (RFC 9110 §15.3.7).
pub(super) fn answer(
    file: File,
    part: Option<Range<u64>>,
    access: Access<AuditExportsWrite>,
) -> HttpResponse {
    let File { id, format, tag, size } = file;
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
    answer.body(SizedStream::new(length, Box::pin(pieces(access, id, part))))
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
