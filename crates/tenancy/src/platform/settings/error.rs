//! Why the platform's settings cannot be read or changed.

use elder_access::DbError;
use elder_kernel::{Coded, ErrorCode};

/// Why the platform's settings cannot be read or changed.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The one row that every migrated database has is gone.
    #[error("the row of the platform's settings is missing")]
    Missing,
    /// The database.
    #[error(transparent)]
    Database(#[from] DbError),
}

impl Coded for Error {
    fn code(&self) -> ErrorCode {
        match self {
            Self::Missing => ErrorCode::InternalError,
            Self::Database(error) => error.code(),
        }
    }

    fn retry_after(&self) -> Option<u32> {
        match self {
            Self::Missing => None,
            Self::Database(error) => error.retry_after(),
        }
    }
}
