//! Conflicts: entitlements that nobody may hold together (separation of duties).

mod batch;
pub(crate) mod routes;
pub(crate) mod service;

use elder_kernel::{
    EntitlementConflict as Kind, User,
    collection::{Collection, Field},
};

pub use elder_api_types::{
    EntitlementConflictId,
    entitlement_conflict::{
        EntitlementConflict, EntitlementConflictPatch, EntitlementViolation, NewEntitlementConflict,
    },
};

/// The rules of a tenant, as they are listed.
#[derive(Debug)]
pub(crate) enum Conflicts {}

impl Collection for Conflicts {
    const NAME: &'static str = "entitlement_conflicts";
    const FIELDS: &'static [Field] = &[
        Field::id::<Kind>("id").sortable(),
        Field::folded("name").sortable(),
        Field::text("description"),
        Field::opaque("entitlement_ids"),
        Field::integer("most"),
        Field::integer("version").unfiltered(),
        Field::time("created_at").sortable(),
        Field::id::<User>("created_by"),
        Field::time("updated_at").sortable(),
    ];
}

/// Who breaks a rule, as they are listed.
#[derive(Debug)]
pub(crate) enum Violations {}

impl Collection for Violations {
    const NAME: &'static str = "entitlement_violations";
    const FIELDS: &'static [Field] =
        &[Field::id::<User>("user_id").sortable(), Field::opaque("entitlement_ids")];
    const DEFAULT_SORT: &'static str = "user_id";
    const KEY: &'static str = "user_id";
}
