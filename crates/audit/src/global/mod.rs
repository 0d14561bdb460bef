//! Events of all tenants, for operators.

pub(crate) mod routes;
mod service;

use elder_access::{Category, Outcome};
use elder_kernel::collection::{Collection, Field};

pub use elder_api_types::audit::GlobalAuditEvent;

use crate::event;

/// The events of all tenants, as they are listed: the newest first.
#[derive(Debug)]
pub(crate) enum GlobalAuditEvents {}

impl Collection for GlobalAuditEvents {
    const NAME: &'static str = "global_audit_events";
    const FIELDS: &'static [Field] = event::fields!(Field::integer("tenant_id"));
    const DEFAULT_SORT: &'static str = "-timestamp";
}
