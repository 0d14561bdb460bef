//! Events: what the log of a tenant says has happened.

pub(crate) mod routes;
mod row;
pub(crate) mod service;

use chrono::{DateTime, Utc};
use elder_access::{Category, Outcome};
use elder_api_types::{OrganizationId, UserId};
use elder_kernel::collection::{Collection, Field};
use uuid::Uuid;

pub use elder_api_types::{AuditEventId, audit::AuditEvent};
pub(crate) use row::{columns, read};
pub use service::{Looked, addresses_of, naming, of_person};
pub use service::{ReadsLog, of_actions};

/// Everything that acts.
pub(crate) const ACTORS: &[&str] = &["user", "api_key", "service_account", "directory", "guest", "system"];

/// The fields by which events are listed, of one tenant or, behind the tenant's own, of all.
macro_rules! fields {
    ($($first:expr)?) => {
        &[
            $($first,)?
            Field::id::<elder_kernel::AuditEvent>("id").sortable(),
            Field::time("timestamp").sortable(),
            Field::text("correlation_id"),
            Field::word("actor_type", $crate::event::ACTORS),
            Field::id::<elder_kernel::User>("actor_user_id"),
            Field::opaque("actor_key_id"),
            Field::id::<elder_kernel::User>("impersonator_id"),
            Field::text("actor_ip").unfiltered(),
            Field::text("actor_user_agent").unfiltered(),
            Field::text("action"),
            Field::word("category", Category::NAMES),
            Field::text("resource_type"),
            Field::text("resource_id"),
            Field::id::<elder_kernel::Organization>("organization_id"),
            Field::opaque("changes"),
            Field::word("outcome", Outcome::NAMES),
            Field::text("reason"),
            Field::opaque("metadata"),
        ]
    };
}
pub(crate) use fields;

/// The events of a tenant, as they are listed: the newest first.
#[derive(Debug)]
pub(crate) enum AuditEvents {}

impl Collection for AuditEvents {
    const NAME: &'static str = "audit_events";
    const FIELDS: &'static [Field] = fields!();
    const DEFAULT_SORT: &'static str = "-timestamp";
}

/// Whom events are to be about.
#[derive(Debug, Clone, Default)]
pub struct About {
    /// People who have done it, in whose name it was done, or to whom.
    pub people: Vec<UserId>,
    /// Organizations in which it was done, or to which.
    pub organizations: Vec<OrganizationId>,
}

/// Which events are wanted: of some actions in a time, and where they begin.
#[derive(Debug, Clone)]
pub struct Wanted {
    /// The actions.
    pub actions: Vec<&'static str>,
    /// Whom they are about; all, if that does not matter.
    pub about: Option<About>,
    /// Behind which event: its time and id. In the beginning, the first moment.
    pub after: (DateTime<Utc>, Uuid),
    /// Before which moment.
    pub to: DateTime<Utc>,
}

impl Wanted {
    /// Events that are given at once.
    pub const PAGE: usize = 500;

    /// Goes on behind an event.
    pub fn go_on_behind(&mut self, event: &AuditEvent) {
        self.after = (event.timestamp, event.id.uuid());
    }
}
