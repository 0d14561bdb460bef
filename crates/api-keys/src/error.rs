//! What can go wrong with service accounts and API keys.

use elder_access::DbError;
use elder_kernel::{Coded, ErrorCode, FieldFault};
use elder_tenancy::organization;

/// Why a request was refused.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// Unknown, or not to be seen.
    #[error("No resource with this id can be reached with this credential.")]
    NotFound,
    /// Service accounts have names of their own.
    #[error("Another service account of this tenant has this name.")]
    NameTaken,
    /// Permissions that no key or service account of this kind can have.
    #[error("Some of these permissions cannot be given here.")]
    NotGivable(Vec<FieldFault>),
    /// Nobody gives what they do not hold, and no key more than its owner has.
    #[error("This goes beyond what you hold yourself, or beyond what the owner of the key holds.")]
    ExceedsOwn,
    /// Only its owner rotates a person's key.
    #[error("This key acts in a person's name: only they can rotate it.")]
    OfAPerson,
    /// A key that is revoked or expired.
    #[error("This key is revoked or has expired: make another one.")]
    Ended,
    /// The secret before the last rotation is still good.
    #[error(
        "The secret before the last rotation is still good: wait until it ends, or send `overlap_seconds` 0."
    )]
    Overlapping,
    /// The database.
    #[error(transparent)]
    Database(#[from] DbError),
}

impl Error {
    /// What a constraint means to who sets up a service account.
    pub(crate) fn of_account(error: DbError) -> Self {
        match error.constraint() {
            Some("service_accounts_name_key") => Self::NameTaken,
            _ => Self::Database(error),
        }
    }
}

impl From<organization::Error> for Error {
    /// Organizations are asked only whether one is there.
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
            Self::NameTaken => ErrorCode::AlreadyExists,
            Self::NotGivable(_) => ErrorCode::ValidationFailed,
            Self::ExceedsOwn => ErrorCode::GrantExceedsOwn,
            Self::OfAPerson => ErrorCode::PermissionDenied,
            Self::Ended | Self::Overlapping => ErrorCode::Conflict,
            Self::Database(error) => error.code(),
        }
    }

    fn faults(&self) -> Vec<FieldFault> {
        match self {
            Self::NameTaken => vec![FieldFault::new("/name", "already_exists", self.to_string())],
            Self::NotGivable(faults) => faults.clone(),
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
