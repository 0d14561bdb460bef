//! Expiry: the job that takes events out of the log whose time has ended, and has the log itself say so.

mod service;

use elder_access::DbError;
use elder_kernel::TenantId;

pub use service::expire;
pub(crate) use service::{licensed, take, wait};

/// Why events stay that should go.
#[derive(Debug, thiserror::Error)]
pub enum ExpiryError {
    /// The database.
    #[error(transparent)]
    Database(#[from] DbError),
    /// Other events were found than those that were recorded.
    #[error("of the audit log of tenant {tenant} {found} events were to go and {recorded} are recorded")]
    Mismatch {
        /// The tenant.
        tenant: TenantId,
        /// What the record says.
        recorded: i64,
        /// What was found.
        found: u64,
    },
    /// The stored retention has not the form in which it was written.
    #[error("the retention of tenant {0} cannot be read")]
    Retention(TenantId, #[source] serde_json::Error),
}
