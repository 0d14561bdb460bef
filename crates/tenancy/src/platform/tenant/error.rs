//! Why something cannot be done to a tenant.

use elder_access::DbError;
use elder_kernel::{Coded, ErrorCode, FieldFault};

/// Why something cannot be done to a tenant.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// There is none.
    #[error("No resource with this id can be reached with this credential.")]
    NotFound,
    /// Another tenant has the slug.
    #[error("There is a tenant of this slug already.")]
    SlugTaken,
    /// System can be neither renamed, deactivated nor deleted.
    #[error("The System tenant keeps its slug and can be neither deactivated nor deleted.")]
    System,
    /// A legal hold is on it.
    #[error("The tenant is on legal hold: take that off first.")]
    LegalHold,
    /// The database.
    #[error(transparent)]
    Database(DbError),
}

impl From<DbError> for Error {
    fn from(error: DbError) -> Self {
        match error.constraint() {
            Some("tenants_slug_key") => Self::SlugTaken,
            Some("tenants_system_stays") => Self::System,
            _ => Self::Database(error),
        }
    }
}

impl Coded for Error {
    fn code(&self) -> ErrorCode {
        match self {
            Self::NotFound => ErrorCode::NotFound,
            Self::SlugTaken => ErrorCode::AlreadyExists,
            Self::System => ErrorCode::SystemTenant,
            Self::LegalHold => ErrorCode::LegalHold,
            Self::Database(error) => error.code(),
        }
    }

    fn faults(&self) -> Vec<FieldFault> {
        match self {
            Self::SlugTaken => vec![FieldFault::new("/slug", "already_exists", self.to_string())],
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
