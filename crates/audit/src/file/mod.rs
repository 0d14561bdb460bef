//! Files that jobs make for people to download: whole or not there, kept in chunks, read by ranges.
//!
//! A kind of file has a table of its own, with a row a file, and one for the chunks; [`shelf!`](crate::shelf) makes the
//! statements of both. What is common to all kinds stands here: the attempt that writes, the download, and the forms.

pub mod cells;
pub mod pages;
pub(crate) mod routes;
pub(crate) mod service;
mod sheet;

pub use routes::{Wanted, answer};
pub use service::{
    Shelf,
    content::File,
    writing::{Begun, Pen, Stopped, WriteError, Written, write},
};

use elder_api_types::audit::AuditEvent;
use serde_json::Value;

/// Bytes of each piece of a file, but for the last.
pub(crate) const CHUNK: usize = 1 << 20;

/// Why there is no file.
#[derive(Debug, thiserror::Error)]
pub enum FormatError {
    /// More rows than pages for people are made of.
    #[error("there are more than {0} events, too many for pages; ask for less time, or for another format")]
    TooMany(usize),
    /// Something that cannot be written as JSON: a defect.
    #[error("an event cannot be written as JSON")]
    Json(#[from] serde_json::Error),
    /// A line that cannot be written: a defect.
    #[error("an event cannot be written as a line of a table")]
    Csv(#[from] ::csv::Error),
    /// Pages that cannot be made: a defect.
    #[error("the pages cannot be made: {0}")]
    Pages(String),
}

/// Of an event, for a person: why, what changed from what to what, and what else was noted.
pub fn details(event: &AuditEvent) -> String {
    let mut parts: Vec<String> = event.reason.iter().map(|reason| format!("reason: {reason}")).collect();
    for (field, change) in event.changes.as_object().into_iter().flatten() {
        let side = |name: &str| change.get(name).map_or_else(|| "–".to_owned(), plain);
        parts.push(format!("{field}: {} → {}", side("before"), side("after")));
    }
    for (name, value) in event.metadata.as_object().into_iter().flatten() {
        parts.push(format!("{name}: {}", plain(value)));
    }
    parts.join("; ")
}

/// A value as people read it.
pub fn plain(value: &Value) -> String {
    match value {
        Value::Null => "–".to_owned(),
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}
