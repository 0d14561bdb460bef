//! Restored events: what was read back from archives, apart from the log, for a while.

pub(crate) mod routes;
mod service;

use elder_access::{Category, Outcome};
use elder_kernel::collection::{Collection, Field};

pub use elder_api_types::audit_archive::RestoredAuditEvent;

/// The restored events of a tenant, as they are listed: the newest first.
#[derive(Debug)]
pub(crate) enum RestoredEvents {}

impl Collection for RestoredEvents {
    const NAME: &'static str = "restored_audit_events";
    const FIELDS: &'static [Field] =
        crate::event::fields!(Field::id::<elder_kernel::AuditArchive>("archive_id"));
    const DEFAULT_SORT: &'static str = "-timestamp";
}
