//! Why a user's roles in the tenant, or on the platform, cannot be changed.

use elder_access::DbError;
use elder_kernel::{Coded, ErrorCode};

/// Why a user's roles in the tenant, or on the platform, cannot be changed.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The user or a role is not there.
    #[error("No resource with this id can be reached with this credential.")]
    NotFound,
    /// The change gives or takes what the caller does not hold.
    #[error("This would give or take permissions that you do not hold yourself.")]
    ExceedsOwn,
    /// Nobody changes their own roles.
    #[error("Nobody can change their own roles: ask another admin.")]
    OwnRoles,
    /// No active admin would be left.
    #[error("This is the last active admin: appoint another one first.")]
    LastAdmin,
    /// Operators belong to System.
    #[error("Only users of the tenant System can have a global role.")]
    NotInSystem,
    /// The database.
    #[error(transparent)]
    Database(DbError),
}

impl From<DbError> for Error {
    fn from(error: DbError) -> Self {
        match error.constraint() {
            Some("portal_user_roles_role_fkey") => Self::NotFound,
            _ => Self::Database(error),
        }
    }
}

impl Coded for Error {
    fn code(&self) -> ErrorCode {
        match self {
            Self::NotFound => ErrorCode::NotFound,
            Self::ExceedsOwn => ErrorCode::GrantExceedsOwn,
            Self::OwnRoles => ErrorCode::PermissionDenied,
            Self::LastAdmin => ErrorCode::LastAdmin,
            Self::NotInSystem => ErrorCode::Conflict,
            Self::Database(error) => error.code(),
        }
    }

    fn retry_after(&self) -> Option<u32> {
        match self {
            Self::Database(error) => error.retry_after(),
            _ => None,
        }
    }
}
