//! Does what was approved.

use elder_access::Worker;
use elder_api_types::{PrivacyRequestId, privacy::PrivacyRequestKind};
use elder_kernel::TenantId;

use crate::{PrivacyError, copy, erasure, request};

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
    let done = match request::service::kind_of_approved(worker, tenant, id).await? {
        Some(PrivacyRequestKind::Access) => {
            copy::service::make(worker, tenant, id).await?.then_some(Done::Completed)
        }
        Some(PrivacyRequestKind::Erasure) => {
            let erased = erasure::service::erase(worker, tenant, id).await?;
            erased.map(|erased| if erased { Done::Completed } else { Done::Refused })
        }
        None => None,
    };
    Ok(done.unwrap_or(Done::Settled))
}
