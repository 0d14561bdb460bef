//! Requests about a person: what they are called, and how they are listed.

pub(crate) mod routes;
pub(crate) mod service;

use elder_kernel::{
    PrivacyRequest as Kind, User,
    collection::{Collection, Field},
};

pub use elder_api_types::{
    PrivacyRequestId,
    privacy::{NewPrivacyRequest, PrivacyRejection, PrivacyRequest, PrivacyRequestKind, PrivacyRequestState},
};
pub use service::forget_copies;

/// The requests of a tenant, as they are listed: the newest first.
#[derive(Debug)]
pub(crate) enum PrivacyRequests {}

impl Collection for PrivacyRequests {
    const NAME: &'static str = "privacy_requests";
    const FIELDS: &'static [Field] = &[
        Field::id::<Kind>("id").sortable(),
        Field::word("kind", PrivacyRequestKind::NAMES),
        Field::id::<User>("user_id"),
        Field::text("reason"),
        Field::word("state", PrivacyRequestState::NAMES),
        Field::time("created_at").sortable(),
        Field::id::<User>("created_by"),
        Field::time("decided_at"),
        Field::id::<User>("decided_by"),
        Field::text("reject_reason"),
        Field::text("error"),
        Field::time("completed_at"),
        Field::time("expires_at"),
        Field::integer("size"),
        Field::text("sha256"),
    ];
    const DEFAULT_SORT: &'static str = "-created_at";
}

/// What stands against an erasure.
pub(crate) struct Standing {
    /// A hold covers the person, or events by or about them.
    pub(crate) is_held: bool,
    /// Nobody else would be an active admin.
    pub(crate) is_last_admin: bool,
}

/// What a piece of a copy is bound to.
pub(crate) fn place_of_chunk(id: PrivacyRequestId, number: i32) -> String {
    format!("privacy_request_chunks/sealed/{id}/{number}")
}
