//! The register of erasures: a file elsewhere, by which they are applied again to a database that was restored.

mod service;

use std::{io, path::PathBuf};

use chrono::{DateTime, Utc};
use elder_access::DbError;
use elder_api_types::{PrivacyRequestId, UserId};
use elder_kernel::TenantId;
use serde::{Deserialize, Serialize};

pub use service::{erase_again, keep_register};

/// Why the register was not kept, or not applied.
#[derive(Debug, thiserror::Error)]
pub enum RegisterError {
    /// The file.
    #[error("the register of erasures {0}: {1}")]
    File(PathBuf, #[source] io::Error),
    /// A line that is none of the register.
    #[error("the register of erasures {0}: line {1} is not of its form")]
    Line(PathBuf, usize, #[source] serde_json::Error),
    /// The database.
    #[error("the erasures could not be read or repeated: {0}")]
    Database(#[from] DbError),
}

/// A line of the register: ids alone.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
struct Line {
    tenant_id: TenantId,
    user_id: UserId,
    request_id: PrivacyRequestId,
    erased_at: DateTime<Utc>,
}
