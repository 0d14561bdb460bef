//! What can go wrong.

use elder_access::{DbError, SecondPersonError};
use elder_audit::SealError;
use elder_kernel::{Coded, ErrorCode, collection::SelectionError};

/// Why a request was refused.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// Unknown, or not to be seen.
    #[error("No resource with this id can be reached with this credential.")]
    NotFound,
    /// The same is asked already.
    #[error("The same is asked about this person already.")]
    Asked,
    /// It was decided before.
    #[error("The request is {0} already.")]
    Decided(&'static str),
    /// Somebody else must approve it.
    #[error(transparent)]
    Second(#[from] SecondPersonError),
    /// A hold covers what would go.
    #[error("A legal hold covers this person, or events that tell of them.")]
    Held,
    /// Nobody would be left.
    #[error("The person is the last active admin of the tenant.")]
    LastAdmin,
    /// No such document, or not yet, or not any more.
    #[error("The request has no such document: it is {0}.")]
    NoDocument(&'static str),
    /// A list that cannot be had.
    #[error(transparent)]
    Selection(#[from] SelectionError),
    /// The database.
    #[error(transparent)]
    Database(#[from] DbError),
}

impl Coded for Error {
    fn code(&self) -> ErrorCode {
        match self {
            Self::NotFound => ErrorCode::NotFound,
            Self::Asked => ErrorCode::AlreadyExists,
            Self::Decided(_) | Self::NoDocument(_) => ErrorCode::Conflict,
            Self::Second(error) => error.code(),
            Self::Held => ErrorCode::LegalHold,
            Self::LastAdmin => ErrorCode::LastAdmin,
            Self::Selection(error) => error.code(),
            Self::Database(error) => error.code(),
        }
    }

    fn retry_after(&self) -> Option<u32> {
        match self {
            Self::Second(error) => error.retry_after(),
            Self::Database(error) => error.retry_after(),
            _ => None,
        }
    }
}

/// What was approved could not be done now, and is to be tried again.
#[derive(Debug, thiserror::Error)]
pub enum PrivacyError {
    /// The database.
    #[error("what was asked about a person could not be done: {0}")]
    Database(#[from] DbError),
    /// What signs certificates cannot be used.
    #[error("the certificate of an erasure cannot be signed: {0}")]
    Signer(#[from] SealError),
    /// Nothing was sealed yet, so there is no key.
    #[error("the certificate of an erasure cannot be signed: no log was ever sealed")]
    NoSigner,
}
