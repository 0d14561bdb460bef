//! The forms of an export: each makes bytes of events, page after page.

mod csv;
mod lines;
mod pdf;
mod sheet;

use elder_api_types::{
    TenantId,
    audit::{AuditEvent, AuditProof},
    audit_export::AuditExportFormat,
};

use super::service::writing::Begun;

/// An event on its way into a file.
pub(super) struct Entry {
    pub(super) event: AuditEvent,
    pub(super) seq: u64,
    /// What proves it, where that was asked for.
    pub(super) proof: Option<Box<AuditProof>>,
}

/// Why there is no file.
#[derive(Debug, thiserror::Error)]
pub(super) enum FormatError {
    /// More events than pages for people are made of.
    #[error("there are more than {0} events, too many for pages; ask for less time, or for another format")]
    TooMany(usize),
    /// An event that cannot be written as JSON: a defect.
    #[error("an event cannot be written as JSON")]
    Json(#[from] serde_json::Error),
    /// A line that cannot be written: a defect.
    #[error("an event cannot be written as a line of a table")]
    Csv(#[from] ::csv::Error),
    /// Pages that cannot be made: a defect.
    #[error("the pages cannot be made: {0}")]
    Pages(String),
}

/// Makes the bytes of a file. What it has made is taken out of `out` while it goes on.
pub(super) trait Format: Send {
    /// What comes before the first event.
    fn begin(&mut self, out: &mut Vec<u8>) -> Result<(), FormatError>;
    /// Some events, in the order of the file.
    fn add(&mut self, entries: Vec<Entry>, out: &mut Vec<u8>) -> Result<(), FormatError>;
    /// What comes behind the last one.
    fn end(self: Box<Self>, out: &mut Vec<u8>) -> Result<(), FormatError>;
}

/// The form that an export has.
pub(super) fn of(tenant: TenantId, begun: &Begun) -> Box<dyn Format> {
    match begun.export.format {
        AuditExportFormat::Ndjson => Box::new(lines::Lines),
        AuditExportFormat::Json => Box::new(lines::Document::of(tenant, &begun.export)),
        AuditExportFormat::Csv => Box::new(csv::Table),
        AuditExportFormat::Pdf => Box::new(pdf::Pages::of(tenant, begun)),
    }
}
