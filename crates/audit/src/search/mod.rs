//! Saved searches of the log: somebody's own, or shared with everybody who reads it.

pub(crate) mod routes;
pub(crate) mod service;

use elder_kernel::{
    AuditSearch as Kind, User,
    collection::{Collection, Field},
};

pub use elder_api_types::{
    AuditSearchId,
    audit_search::{AuditSearch, AuditSearchPatch, NewAuditSearch},
};

/// The saved searches that somebody sees, as they are listed.
#[derive(Debug)]
pub(crate) enum AuditSearches {}

impl Collection for AuditSearches {
    const NAME: &'static str = "audit_searches";
    const FIELDS: &'static [Field] = &[
        Field::id::<Kind>("id").sortable(),
        Field::folded("name").sortable(),
        Field::text("description"),
        Field::text("filter"),
        Field::bool("is_shared"),
        Field::id::<User>("owner_id"),
        Field::integer("version").unfiltered(),
        Field::time("created_at").sortable(),
        Field::id::<User>("created_by"),
        Field::time("updated_at").sortable(),
    ];
}
