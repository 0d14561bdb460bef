//! Checkpoints of a tenant's log, and the keys that have signed them.

pub(crate) mod routes;
pub(crate) mod service;

use elder_kernel::collection::{Collection, Field};

pub use elder_api_types::audit::{AuditCheckpoint, AuditKey, AuditKeys};

/// The checkpoints of a tenant, as they are listed: the newest first.
#[derive(Debug)]
pub(crate) enum AuditCheckpoints {}

impl Collection for AuditCheckpoints {
    const NAME: &'static str = "audit_checkpoints";
    const FIELDS: &'static [Field] = &[
        Field::integer("size").sortable(),
        Field::opaque("root"),
        Field::time("created_at"),
        Field::opaque("note"),
    ];
    const DEFAULT_SORT: &'static str = "-size";
    const KEY: &'static str = "size";
}
