//! Why an access check has no answer.

use elder_access::DbError;
use elder_kernel::{Coded, ErrorCode};

use crate::organization;

/// Why an access check has no answer.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The user or the organization is not there.
    #[error("No resource with this id can be reached with this credential.")]
    NotFound,
    /// The database.
    #[error(transparent)]
    Database(#[from] DbError),
}

impl From<organization::Error> for Error {
    /// A check asks organizations only for the way up from one.
    fn from(error: organization::Error) -> Self {
        match error {
            organization::Error::Database(error) => Self::Database(error),
            _ => Self::NotFound,
        }
    }
}

impl Coded for Error {
    fn code(&self) -> ErrorCode {
        match self {
            Self::NotFound => ErrorCode::NotFound,
            Self::Database(error) => error.code(),
        }
    }

    fn retry_after(&self) -> Option<u32> {
        match self {
            Self::NotFound => None,
            Self::Database(error) => error.retry_after(),
        }
    }
}
