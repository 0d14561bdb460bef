//! Entitlements: the catalogue of what people may be given.

mod batch;
pub(crate) mod routes;
pub mod service;

use elder_kernel::{
    Directory, Entitlement as Kind, User,
    collection::{Collection, Field},
};

pub use elder_api_types::{
    DirectoryId, EntitlementId,
    entitlement::{Entitlement, EntitlementKind, EntitlementPatch, NewEntitlement},
};

/// Most entries of a catalogue: providers read it whole.
pub(crate) const MOST: i64 = 2_000;

/// The catalogue of a tenant, as it is listed.
#[derive(Debug)]
pub(crate) enum Entitlements {}

impl Collection for Entitlements {
    const NAME: &'static str = "entitlements";
    const FIELDS: &'static [Field] = &[
        Field::id::<Kind>("id").sortable(),
        Field::word("kind", EntitlementKind::NAMES),
        Field::folded("value").sortable(),
        Field::folded("display").sortable(),
        Field::text("category"),
        Field::text("description"),
        Field::opaque("permissions"),
        Field::bool("is_supported"),
        Field::integer("max_holders"),
        Field::integer("holders").unfiltered(),
        Field::id::<Directory>("directory_id"),
        Field::integer("version").unfiltered(),
        Field::time("created_at").sortable(),
        Field::id::<User>("created_by"),
        Field::time("updated_at").sortable(),
    ];
}

/// What a catalogue begins with: a role's value, its name, what it is for and what it allows.
const FIRST: [(&str, &str, &str, &[&str]); 5] = [
    (
        "admin",
        "Administrator",
        "Everything, people and settings included.",
        &["read", "write", "delete", "manage_users"],
    ),
    ("user", "User", "Everyday work.", &["read", "write"]),
    ("readonly", "Read only", "Looks at everything, changes nothing.", &["read"]),
    ("support", "Support", "Helps others.", &["read", "write", "view_tickets"]),
    ("billing", "Billing", "Invoices and payments.", &["read", "invoices", "payments"]),
];
