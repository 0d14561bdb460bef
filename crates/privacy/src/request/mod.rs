//! Requests about a person: what they are called, and how they are listed.

pub(crate) mod routes;
pub(crate) mod service;

use elder_access::Worker;
use elder_kernel::{
    PrivacyRequest as Kind, TenantId, User,
    collection::{Collection, Field},
};

pub use elder_api_types::{
    PrivacyRequestId,
    privacy::{NewPrivacyRequest, PrivacyRejection, PrivacyRequest, PrivacyRequestKind, PrivacyRequestState},
};
pub use service::forget_copies;

use crate::{PrivacyError, copy, erasure};

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

/// What became of a request that was approved.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Done {
    /// It is done.
    Completed,
    /// It cannot be done; the request says why.
    Refused,
    /// It was done before, or is not approved.
    Settled,
}

/// Does what was approved, in one transaction: a process that is killed has done nothing, and the next try begins anew.
///
/// # Errors
/// [`PrivacyError`] if it is to be tried again.
pub async fn perform(worker: &Worker, tenant: TenantId, id: PrivacyRequestId) -> Result<Done, PrivacyError> {
    match service::kind_of_approved(worker, tenant, id).await? {
        Some(PrivacyRequestKind::Access) => copy::make(worker, tenant, id).await,
        Some(PrivacyRequestKind::Erasure) => erasure::erase(worker, tenant, id).await,
        None => Ok(Done::Settled),
    }
}
