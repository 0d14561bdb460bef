//! Why something cannot be done to an organization.

use elder_access::DbError;
use elder_kernel::{Coded, ErrorCode, FieldFault};

use super::{MOST_LEVELS, MOST_SETTINGS_BYTES};

/// Why something cannot be done to an organization.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// There is none, or it lies beyond the caller's reach.
    #[error("No resource with this id can be reached with this credential.")]
    NotFound,
    /// A sibling has the name.
    #[error("Another organization of this name lies below the same parent.")]
    NameTaken,
    /// Others lie below it.
    #[error("Others lie below this organization: move or delete them first.")]
    HasChildren,
    /// The target of a move lies in what is moved.
    #[error("The new parent is the organization itself or lies below it.")]
    Cycle,
    /// The tree would have too many levels.
    #[error("The tree would have more than {MOST_LEVELS} levels.")]
    TooDeep,
    /// Roots, and where a reach begins, are the business of those who reach the whole tenant.
    #[error("Only who holds `organizations:write` over the whole tenant may do this.")]
    BeyondReach,
    /// The move gives the caller what they do not hold.
    #[error("There you hold permissions that you do not hold over this organization now: ask another admin.")]
    ExceedsOwn,
    /// The settings are too large.
    #[error("The settings of an organization take at most {MOST_SETTINGS_BYTES} bytes.")]
    SettingsTooLarge,
    /// The database.
    #[error(transparent)]
    Database(DbError),
}

impl From<DbError> for Error {
    fn from(error: DbError) -> Self {
        match error.constraint() {
            Some("organizations_name_key") => Self::NameTaken,
            _ => Self::Database(error),
        }
    }
}

impl Coded for Error {
    fn code(&self) -> ErrorCode {
        match self {
            Self::NotFound => ErrorCode::NotFound,
            Self::NameTaken => ErrorCode::AlreadyExists,
            Self::HasChildren => ErrorCode::Conflict,
            Self::Cycle => ErrorCode::OrganizationCycle,
            Self::TooDeep => ErrorCode::OrganizationDepth,
            Self::BeyondReach => ErrorCode::PermissionDenied,
            Self::ExceedsOwn => ErrorCode::GrantExceedsOwn,
            Self::SettingsTooLarge => ErrorCode::ValidationFailed,
            Self::Database(error) => error.code(),
        }
    }

    fn faults(&self) -> Vec<FieldFault> {
        match self {
            Self::SettingsTooLarge => vec![FieldFault::new("/settings", "too_large", self.to_string())],
            Self::Database(error) => error.faults(),
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
