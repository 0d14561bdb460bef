//! What can go wrong with reports, their templates and their schedules.

use elder_access::DbError;
use elder_audit::WrongTarget;
use elder_kernel::{Coded, ErrorCode, collection::SelectionError};

/// Why a request was refused.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// Unknown, or not to be seen.
    #[error("No resource with this id can be reached with this credential.")]
    NotFound,
    /// A list that cannot be had.
    #[error(transparent)]
    Selection(#[from] SelectionError),
    /// `from` is not before `to`.
    #[error("`from` must be before `to`.")]
    NoTime,
    /// The tenant has as many reports as it may.
    #[error("The tenant has {0} reports already: delete one, or wait until one expires.")]
    TooManyReports(i64),
    /// The tenant has as many templates or schedules as it may.
    #[error("The tenant has {0} of them already.")]
    TooMany(i64),
    /// The file of a report is not whole.
    #[error("The report is {0}, and only one that is completed can be downloaded.")]
    NotWritten(&'static str),
    /// A part of a file that it has not.
    #[error(transparent)]
    File(elder_audit::Error),
    /// Another one has this name.
    #[error("Another one has this name.")]
    NameTaken,
    /// A template by which reports are made on schedule.
    #[error("A schedule goes by this template.")]
    InUse,
    /// A template that is not there.
    #[error("There is no such template.")]
    NoTemplate,
    /// Only people have rights that can end with their account.
    #[error("A schedule belongs to a person: sign in, or use a key of your own.")]
    NoPerson,
    /// A name of no time zone.
    #[error("`{0}` is no time zone that the database knows.")]
    NoZone(String),
    /// A day that the frequency has not.
    #[error(
        "`day` is one of the week from 1 to 7 for `weekly`, one of the month for `monthly`, and none for `daily`."
    )]
    NoDay,
    /// No recipients, too many, or some that are no users.
    #[error("`recipients` are 1 to 20 users of the tenant.")]
    NoRecipients,
    /// A webhook that may not be called, or has no good secret.
    #[error(transparent)]
    Target(#[from] WrongTarget),
    /// A mail is not signed.
    #[error("A mail has no `secret`.")]
    NoUse,
    /// What is stored cannot be read: somebody else has changed it, or the master key is another one.
    #[error("the secret of a schedule cannot be read")]
    Sealed,
    /// The database.
    #[error(transparent)]
    Database(#[from] DbError),
}

impl Error {
    /// What a violated constraint of a template or a schedule means.
    pub(crate) fn of_row(error: DbError) -> Self {
        match error.constraint() {
            Some("compliance_templates_name_key" | "compliance_schedules_name_key") => Self::NameTaken,
            Some("compliance_schedules_template_fkey") => Self::InUse,
            _ => Self::Database(error),
        }
    }
}

impl Coded for Error {
    fn code(&self) -> ErrorCode {
        match self {
            Self::NotFound => ErrorCode::NotFound,
            Self::Selection(error) => error.code(),
            Self::File(error) => error.code(),
            Self::Database(error) => error.code(),
            Self::NoTime => ErrorCode::InvalidParameter,
            Self::TooManyReports(_)
            | Self::TooMany(_)
            | Self::NotWritten(_)
            | Self::InUse
            | Self::NoPerson => ErrorCode::Conflict,
            Self::NameTaken => ErrorCode::AlreadyExists,
            Self::NoTemplate
            | Self::NoZone(_)
            | Self::NoDay
            | Self::NoRecipients
            | Self::Target(_)
            | Self::NoUse => ErrorCode::ValidationFailed,
            Self::Sealed => ErrorCode::InternalError,
        }
    }

    fn retry_after(&self) -> Option<u32> {
        match self {
            Self::Database(error) => error.retry_after(),
            _ => None,
        }
    }
}
