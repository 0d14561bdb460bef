//! Why something cannot be done to a feature flag.

use elder_access::DbError;
use elder_kernel::{Coded, ErrorCode, FieldFault};

/// Why something cannot be done to a feature flag.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// There is no such flag or tenant.
    #[error("No resource with this id can be reached with this credential.")]
    NotFound,
    /// Another flag has the name.
    #[error("There is a feature flag of this name already.")]
    NameTaken,
    /// The database.
    #[error(transparent)]
    Database(DbError),
}

impl From<DbError> for Error {
    fn from(error: DbError) -> Self {
        match error.constraint() {
            Some("feature_flags_pkey") => Self::NameTaken,
            _ => Self::Database(error),
        }
    }
}

impl Coded for Error {
    fn code(&self) -> ErrorCode {
        match self {
            Self::NotFound => ErrorCode::NotFound,
            Self::NameTaken => ErrorCode::AlreadyExists,
            Self::Database(error) => error.code(),
        }
    }

    fn faults(&self) -> Vec<FieldFault> {
        match self {
            Self::NameTaken => vec![FieldFault::new("/name", "already_exists", self.to_string())],
            Self::NotFound | Self::Database(_) => Vec::new(),
        }
    }

    fn retry_after(&self) -> Option<u32> {
        match self {
            Self::Database(error) => error.retry_after(),
            Self::NotFound | Self::NameTaken => None,
        }
    }
}
