//! Legal holds: what they are called, and how they are listed. Triggers of the database see to it that they hold.

pub(crate) mod routes;
mod service;

use elder_kernel::{
    LegalHold as Kind, Organization, User,
    collection::{Collection, Field},
};

pub use elder_api_types::{
    LegalHoldId,
    legal_hold::{HoldRelease, HoldScope, LegalHold, NewLegalHold},
};

/// The holds of a tenant, as they are listed: the newest first, whether in force or not.
#[derive(Debug)]
pub(crate) enum LegalHolds {}

impl Collection for LegalHolds {
    const NAME: &'static str = "legal_holds";
    const FIELDS: &'static [Field] = &[
        Field::id::<Kind>("id").sortable(),
        Field::word("scope", HoldScope::NAMES),
        Field::id::<Organization>("organization_id"),
        Field::id::<User>("user_id"),
        Field::text("reason"),
        Field::bool("is_in_force"),
        Field::time("created_at").sortable(),
        Field::id::<User>("created_by"),
        Field::optional_time("release_asked_at"),
        Field::id::<User>("release_asked_by"),
        Field::text("release_reason"),
        Field::optional_time("released_at"),
        Field::id::<User>("released_by"),
    ];
    const DEFAULT_SORT: &'static str = "-created_at";
}
