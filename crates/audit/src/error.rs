//! What can go wrong with the reading of the audit log.

use crate::stream::WrongTarget;
use elder_access::DbError;
use elder_kernel::{Coded, ErrorCode, collection::SelectionError};

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
    /// A list that cannot be had.
    #[error(transparent)]
    Selection(#[from] SelectionError),
    /// Proofs in a format that has no place for them.
    #[error("`proofs` go with the format `ndjson` alone.")]
    ProofsOfLinesAlone,
    /// `from` is not before `to`.
    #[error("`from` must be before `to`.")]
    NoTime,
    /// The tenant has as many exports as it may.
    #[error("The tenant has {0} exports already: delete one, or wait until one expires.")]
    TooManyExports(i64),
    /// The file of an export is not whole.
    #[error("The export is {0}, and only one that is completed can be downloaded.")]
    NotWritten(&'static str),
    /// The tenant has as many streams as it may.
    #[error("The tenant has {0} streams already.")]
    TooManyStreams(i64),
    /// Another stream has this name.
    #[error("Another stream has this name.")]
    NameTaken,
    /// A target that a stream cannot have.
    #[error(transparent)]
    Target(WrongTarget),
    /// A part that begins behind the end of a file.
    #[error("The file has {0} bytes.")]
    Beyond(u64),
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

impl Error {
    /// What a violated constraint of `audit_streams` means.
    pub(crate) fn of_stream(error: DbError) -> Self {
        match error.constraint() {
            Some("audit_streams_name_key") => Self::NameTaken,
            _ => Self::Database(error),
        }
    }
}

impl Coded for Error {
    fn code(&self) -> ErrorCode {
        match self {
            Self::NotFound | Self::NoCheckpoint(_) => ErrorCode::NotFound,
            Self::NotSealed
            | Self::Released
            | Self::TooManyExports(_)
            | Self::TooManyStreams(_)
            | Self::NotWritten(_) => ErrorCode::Conflict,
            Self::WrongOrder | Self::ProofsOfLinesAlone | Self::NoTime => ErrorCode::InvalidParameter,
            Self::Selection(error) => error.code(),
            Self::NameTaken => ErrorCode::AlreadyExists,
            Self::Target(_) | Self::TooLong(_) => ErrorCode::ValidationFailed,
            Self::Beyond(_) => ErrorCode::RangeNotSatisfiable,
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
