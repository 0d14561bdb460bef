//! What can go wrong with accounts, passwords and sessions.

use elder_access::{DbError, InvalidCursor, session::RefreshFault};
use elder_crypto::Busy;
use elder_kernel::{Coded, ErrorCode, FieldFault};

use crate::password::Weaknesses;

/// A fault of this crate.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// No such resource, or none that the caller may know of.
    #[error("No resource with this id can be reached with this credential.")]
    NotFound,
    /// The address belongs to another account of the tenant.
    #[error("another user of this tenant has this e-mail address")]
    EmailTaken,
    /// The tenant or the platform would have no admin any more.
    #[error("this is the last active admin {of}: appoint another one first")]
    LastAdmin {
        /// `of the tenant` or `of the platform`.
        of: &'static str,
    },
    /// A directory manages these attributes.
    #[error("a directory manages {}: change them where it has them from", .0.join(", "))]
    ManagedByDirectory(Vec<&'static str>),
    /// The roles in question go beyond the caller's own.
    #[error("these roles go beyond your own: somebody who holds them must do this")]
    ExceedsOwn,
    /// A password that breaks a rule.
    #[error("the password breaks a rule; `errors` names each")]
    WeakPassword(#[from] Weaknesses),
    /// Too many passwords are waiting to be hashed.
    #[error(transparent)]
    Busy(#[from] Busy),
    /// A cursor of another list.
    #[error(transparent)]
    Cursor(#[from] InvalidCursor),
    /// A session that could not be started or renewed.
    #[error(transparent)]
    Session(#[from] RefreshFault),
    /// The database.
    #[error(transparent)]
    Database(#[from] DbError),
}

impl Coded for Error {
    fn code(&self) -> ErrorCode {
        match self {
            Self::NotFound => ErrorCode::NotFound,
            Self::EmailTaken => ErrorCode::AlreadyExists,
            Self::LastAdmin { .. } => ErrorCode::LastAdmin,
            Self::ManagedByDirectory(_) => ErrorCode::ManagedByDirectory,
            Self::ExceedsOwn => ErrorCode::GrantExceedsOwn,
            Self::WeakPassword(_) => ErrorCode::ValidationFailed,
            Self::Busy(_) => ErrorCode::Busy,
            Self::Cursor(error) => error.code(),
            Self::Session(error) => error.code(),
            Self::Database(error) => error.code(),
        }
    }

    fn faults(&self) -> Vec<FieldFault> {
        match self {
            Self::WeakPassword(weaknesses) => weaknesses.faults(),
            _ => Vec::new(),
        }
    }

    fn retry_after(&self) -> Option<u32> {
        match self {
            Self::Busy(busy) => Some(u32::try_from(busy.retry_after.as_secs()).unwrap_or(1).max(1)),
            Self::Database(error) => error.retry_after(),
            Self::Session(error) => error.retry_after(),
            _ => None,
        }
    }
}
