//! What can go wrong with the reading of the audit log.

use elder_access::DbError;
use elder_kernel::{Coded, ErrorCode};

/// Why a request was refused.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// Unknown, or not to be seen.
    #[error("No resource with this id can be reached with this credential.")]
    NotFound,
    /// The event is younger than the newest checkpoint.
    #[error("The event is not sealed yet: that takes about a second.")]
    NotSealed,
    /// No checkpoint has this size.
    #[error("There is no checkpoint of {0} events.")]
    NoCheckpoint(i64),
    /// `from` is behind `to`.
    #[error("`from` must not be larger than `to`.")]
    WrongOrder,
    /// A number of days beyond what the operator allows.
    #[error("The operator allows events to be kept for at most {0} days.")]
    TooLong(u32),
    /// A hold is released once.
    #[error("The hold is released already.")]
    Released,
    /// A part of the tree is not there, or not of its form: somebody else has changed it.
    #[error("the tree over the audit log has a gap")]
    Broken,
    /// The database.
    #[error(transparent)]
    Database(#[from] DbError),
}

impl Coded for Error {
    fn code(&self) -> ErrorCode {
        match self {
            Self::NotFound | Self::NoCheckpoint(_) => ErrorCode::NotFound,
            Self::NotSealed | Self::Released => ErrorCode::Conflict,
            Self::TooLong(_) => ErrorCode::ValidationFailed,
            Self::WrongOrder => ErrorCode::InvalidParameter,
            Self::Broken => ErrorCode::InternalError,
            Self::Database(error) => error.code(),
        }
    }

    fn retry_after(&self) -> Option<u32> {
        match self {
            Self::NotSealed => Some(1),
            Self::Database(error) => error.retry_after(),
            _ => None,
        }
    }
}
