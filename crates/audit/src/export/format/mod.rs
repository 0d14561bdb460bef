//! The forms of an export: each makes bytes of events, page after page.

mod lines;
mod pdf;
mod table;

use elder_api_types::{
    TenantId,
    audit::{AuditEvent, AuditProof},
    audit_export::AuditExportFormat,
};

use super::service::writing::Exporting;
use crate::file::FormatError;

/// An event on its way into a file.
pub(super) struct Entry {
    pub(super) event: AuditEvent,
    pub(super) seq: u64,
    /// What proves it, where that was asked for.
    pub(super) proof: Option<Box<AuditProof>>,
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
pub(super) fn of(tenant: TenantId, exporting: &Exporting) -> Box<dyn Format> {
    match exporting.export.format {
        AuditExportFormat::Ndjson => Box::new(lines::Lines),
        AuditExportFormat::Json => Box::new(lines::Document::of(tenant, &exporting.export)),
        AuditExportFormat::Csv => Box::new(table::Table),
        AuditExportFormat::Pdf => Box::new(pdf::Pages::of(tenant, exporting)),
    }
}
