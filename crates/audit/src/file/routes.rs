//! The answer to a download: headers of the file, and its bytes or a part of them.

mod part;

use std::ops::Range;

use actix_web::{
    HttpResponse,
    body::SizedStream,
    http::{StatusCode, header},
};
use elder_access::{Access, Permission, Write};
use elder_kernel::Kind;

use super::service::content::{File, pieces};

pub use part::Wanted;

/// The whole file, or the part of it (RFC 9110 §15.3.7).
pub fn answer<P: Permission<Mode = Write>, K: Kind>(
    file: File<K>,
    part: Option<Range<u64>>,
    access: Access<P>,
) -> HttpResponse {
    let File { shelf, id, name, media_type, tag, size } = file;
    let mut answer = HttpResponse::build(match part {
        Some(_) => StatusCode::PARTIAL_CONTENT,
        None => StatusCode::OK,
    });
    answer
        .insert_header((header::CONTENT_TYPE, media_type))
        .insert_header((header::CONTENT_DISPOSITION, format!("attachment; filename=\"{name}\"")))
        .insert_header((header::ACCEPT_RANGES, "bytes"))
        .insert_header((header::ETAG, tag));
    if let Some(part) = &part {
        let range = format!("bytes {}-{}/{size}", part.start, part.end.saturating_sub(1));
        answer.insert_header((header::CONTENT_RANGE, range));
    }
    let part = part.unwrap_or(0..size);
    let length = part.end - part.start;
    answer.body(SizedStream::new(length, Box::pin(pieces(access, (shelf, id), part))))
}
