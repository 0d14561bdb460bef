//! What can go wrong with applications and the way back to them.

use elder_access::DbError;
use elder_kernel::{Coded, ErrorCode, FieldFault};

/// Why a request was refused.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// Unknown, or not to be seen.
    #[error("No resource with this id can be reached with this credential.")]
    NotFound,
    /// Applications have names of their own.
    #[error("Another application of this tenant has this name.")]
    NameTaken,
    /// A URI to which nobody returns.
    #[error("The application has not registered this URI to return to.")]
    NotRegistered,
    /// A code that is not good, for whatever reason.
    #[error("the code is not valid (any more): send the person to `/authorize` again")]
    InvalidCode,
    /// The session that should come of the code.
    #[error(transparent)]
    SignIn(#[from] elder_portal_users::Error),
    /// The database.
    #[error(transparent)]
    Database(#[from] DbError),
}

impl Error {
    /// What a constraint means to who registers an application.
    pub(crate) fn of_application(error: DbError) -> Self {
        match error.constraint() {
            Some("applications_name_key") => Self::NameTaken,
            _ => Self::Database(error),
        }
    }
}

impl Coded for Error {
    fn code(&self) -> ErrorCode {
        match self {
            Self::NotFound => ErrorCode::NotFound,
            Self::NameTaken => ErrorCode::AlreadyExists,
            Self::NotRegistered => ErrorCode::UnregisteredUri,
            Self::InvalidCode => ErrorCode::InvalidCode,
            Self::SignIn(error) => error.code(),
            Self::Database(error) => error.code(),
        }
    }

    fn faults(&self) -> Vec<FieldFault> {
        match self {
            Self::NameTaken => vec![FieldFault::new("/name", "already_exists", self.to_string())],
            _ => Vec::new(),
        }
    }

    fn retry_after(&self) -> Option<u32> {
        match self {
            Self::SignIn(error) => error.retry_after(),
            Self::Database(error) => error.retry_after(),
            _ => None,
        }
    }
}
