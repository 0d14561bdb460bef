//! Why something cannot be done to a custom role.

use elder_access::DbError;
use elder_kernel::{Coded, ErrorCode, FieldFault};

/// Why something cannot be done to a custom role.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// There is none.
    #[error("No resource with this id can be reached with this credential.")]
    NotFound,
    /// Another role has the name.
    #[error("Another role of the tenant has this name.")]
    NameTaken,
    /// Some permissions do not belong to the role's tier.
    #[error("Some permissions cannot be in a role of this tier; `errors` names each.")]
    WrongTier(Vec<FieldFault>),
    /// The role has, or would have, what the caller does not hold.
    #[error("The role has or would have permissions that you do not hold yourself.")]
    ExceedsOwn,
    /// Somebody has the role.
    #[error("The role is given {0} times: take it away there first.")]
    InUse(i64),
    /// The database.
    #[error(transparent)]
    Database(DbError),
}

impl From<DbError> for Error {
    fn from(error: DbError) -> Self {
        match error.constraint() {
            Some("roles_name_key") => Self::NameTaken,
            _ => Self::Database(error),
        }
    }
}

impl Coded for Error {
    fn code(&self) -> ErrorCode {
        match self {
            Self::NotFound => ErrorCode::NotFound,
            Self::NameTaken => ErrorCode::AlreadyExists,
            Self::WrongTier(_) => ErrorCode::ValidationFailed,
            Self::ExceedsOwn => ErrorCode::GrantExceedsOwn,
            Self::InUse(_) => ErrorCode::Conflict,
            Self::Database(error) => error.code(),
        }
    }

    fn faults(&self) -> Vec<FieldFault> {
        match self {
            Self::WrongTier(faults) => faults.clone(),
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
