//! Why a licence cannot be installed or shown.

use elder_access::DbError;
use elder_kernel::{Coded, ErrorCode};

use crate::license::Refusal;

/// Why a licence cannot be installed or shown.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// It is not taken; the former one stays.
    #[error(transparent)]
    Refused(#[from] Refusal),
    /// The row of the licence is gone: a defect of ours.
    #[error("the database has no place for the licence")]
    Missing,
    /// The database.
    #[error(transparent)]
    Database(#[from] DbError),
}

impl Coded for Error {
    fn code(&self) -> ErrorCode {
        match self {
            Self::Refused(_) => ErrorCode::ValidationFailed,
            Self::Missing => ErrorCode::InternalError,
            Self::Database(error) => error.code(),
        }
    }

    fn retry_after(&self) -> Option<u32> {
        match self {
            Self::Database(error) => error.retry_after(),
            Self::Refused(_) | Self::Missing => None,
        }
    }
}
