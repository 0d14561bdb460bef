//! Exports: files of the log, written by a job and kept for a while to be downloaded.

mod format;
pub(crate) mod routes;
pub(crate) mod service;

use elder_kernel::{
    AuditExport as Kind, User,
    collection::{Collection, Field},
};

pub use elder_api_types::{
    AuditExportId,
    audit_export::{AuditExport, AuditExportFormat, AuditExportState, NewAuditExport},
};
pub use service::{forget_exports, writing::write_export};

/// The exports of a tenant, as they are listed.
#[derive(Debug)]
pub(crate) enum AuditExports {}

impl Collection for AuditExports {
    const NAME: &'static str = "audit_exports";
    const FIELDS: &'static [Field] = &[
        Field::id::<Kind>("id").sortable(),
        Field::word("format", AuditExportFormat::NAMES),
        Field::bool("proofs"),
        Field::text("filter"),
        Field::time("from"),
        Field::time("to"),
        Field::word("state", AuditExportState::NAMES),
        Field::text("error"),
        Field::integer("progress"),
        Field::integer("events"),
        Field::integer("size"),
        Field::text("sha256"),
        Field::opaque("checkpoint"),
        Field::time("created_at").sortable(),
        Field::id::<User>("created_by"),
        Field::time("completed_at"),
        Field::time("expires_at"),
    ];
}
