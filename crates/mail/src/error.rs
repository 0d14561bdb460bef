//! What can go wrong with mails and their templates.

use elder_access::DbError;
use elder_kernel::{Coded, ErrorCode, FieldFault};
use elder_tenancy::tenant;

use crate::template::TemplateFault;

/// Why a request was refused.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// Unknown, or not to be seen.
    #[error("No resource with this id can be reached with this credential.")]
    NotFound,
    /// Nobody can be written to there.
    #[error("The recipient is no e-mail address.")]
    NoAddress,
    /// Only what has been given up is put back into the queue.
    #[error("This mail is not dead: it was sent, or is still being tried.")]
    NotDead,
    /// A template that cannot be used.
    #[error("The template cannot be used: {}", .0.iter().map(ToString::to_string).collect::<Vec<_>>().join("; "))]
    Template(Vec<TemplateFault>),
    /// The database.
    #[error(transparent)]
    Database(#[from] DbError),
}

impl From<tenant::Error> for Error {
    /// The tenant is asked only how it shows itself.
    fn from(error: tenant::Error) -> Self {
        match error {
            tenant::Error::Database(error) => Self::Database(error),
            _ => Self::NotFound,
        }
    }
}

impl Coded for Error {
    fn code(&self) -> ErrorCode {
        match self {
            Self::NotFound => ErrorCode::NotFound,
            Self::NoAddress | Self::Template(_) => ErrorCode::ValidationFailed,
            Self::NotDead => ErrorCode::Conflict,
            Self::Database(error) => error.code(),
        }
    }

    fn faults(&self) -> Vec<FieldFault> {
        match self {
            Self::Template(faults) => faults.iter().map(TemplateFault::of_field).collect(),
            _ => Vec::new(),
        }
    }

    fn retry_after(&self) -> Option<u32> {
        match self {
            Self::Database(error) => error.retry_after(),
            _ => None,
        }
    }
}
