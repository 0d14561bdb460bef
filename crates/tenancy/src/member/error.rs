//! Why somebody cannot be given, or lose, a role in an organization.

use elder_access::DbError;
use elder_kernel::{Coded, ErrorCode, FieldFault};

use crate::organization;

/// Why somebody cannot be given, or lose, a role in an organization.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The organization, the user or the role is not there, or beyond the caller's reach.
    #[error("No resource with this id can be reached with this credential.")]
    NotFound,
    /// Neither or both of the two ways to name a role.
    #[error("Give either `role` or `role_id`.")]
    OneRole,
    /// The role gives what the caller does not hold there.
    #[error("This role gives permissions that you do not hold in this organization yourself.")]
    ExceedsOwn,
    /// Nobody raises their own role.
    #[error("Nobody can give themselves more than they have: ask another admin.")]
    OwnRole,
    /// The database.
    #[error(transparent)]
    Database(DbError),
}

impl From<DbError> for Error {
    fn from(error: DbError) -> Self {
        match error.constraint() {
            Some(
                "portal_user_org_assignments_user_fkey"
                | "portal_user_org_assignments_organization_fkey"
                | "portal_user_org_assignments_role_fkey",
            ) => Self::NotFound,
            _ => Self::Database(error),
        }
    }
}

impl From<organization::Error> for Error {
    /// Members ask organizations only whether one is within reach.
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
            Self::OneRole => ErrorCode::ValidationFailed,
            Self::ExceedsOwn | Self::OwnRole => ErrorCode::GrantExceedsOwn,
            Self::Database(error) => error.code(),
        }
    }

    fn faults(&self) -> Vec<FieldFault> {
        match self {
            Self::OneRole => vec![FieldFault::new("/role", "one_of", self.to_string())],
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
