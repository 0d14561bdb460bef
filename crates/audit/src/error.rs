//! What can go wrong with the reading of the audit log.

use crate::stream::WrongTarget;
use elder_access::{DbError, SecondPersonError};
use elder_kernel::{Coded, ErrorCode, collection::SelectionError};

/// Why a request was refused.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// Unknown, or not to be seen.
    #[error("No resource with this id can be reached with this credential.")]
    NotFound,
    /// The event is younger than the newest checkpoint.
    #[error("The event is not sealed yet: that takes about a second.")]
    NotSealed,
    /// No checkpoint has this size.
    #[error("There is no checkpoint of {0} events.")]
    NoCheckpoint(i64),
    /// `from` is behind `to`.
    #[error("`from` must not be larger than `to`.")]
    WrongOrder,
    /// A list that cannot be had.
    #[error(transparent)]
    Selection(#[from] SelectionError),
    /// Proofs in a format that has no place for them.
    #[error("`proofs` go with the format `ndjson` alone.")]
    ProofsOfLinesAlone,
    /// A search for words that would read too much.
    #[error("More than {0} events have these words: name rarer ones, or a range of time in `filter`.")]
    TooCommon(i32),
    /// `from` is not before `to`.
    #[error("`from` must be before `to`.")]
    NoTime,
    /// The tenant has as many exports as it may.
    #[error("The tenant has {0} exports already: delete one, or wait until one expires.")]
    TooManyExports(i64),
    /// The file of an export is not whole.
    #[error("The export is {0}, and only one that is completed can be downloaded.")]
    NotWritten(&'static str),
    /// The tenant has as many streams as it may.
    #[error("The tenant has {0} streams already.")]
    TooManyStreams(i64),
    /// The tenant, or the person, has as many searches as it may.
    #[error("{0} searches are saved already.")]
    TooManySearches(i64),
    /// The tenant has as many alerts as it may.
    #[error("The tenant has {0} alerts already.")]
    TooManyAlerts(i64),
    /// Something else has this name.
    #[error("Another {0} has this name.")]
    NameTaken(&'static str),
    /// An alert counts the events of the search.
    #[error("An alert counts the events of this search: change or delete the alert first.")]
    InUse,
    /// A search that is not shared belongs to a person.
    #[error("A search that is not shared belongs to a person, and who asks is none.")]
    Ownerless,
    /// No shared search has this id.
    #[error("`search_id` is not the id of a shared search.")]
    NoSearch,
    /// A mail that cannot be written, or a wrong number of addresses.
    #[error("A notice by mail goes to 1 to 10 addresses.")]
    Addresses,
    /// A mail.
    #[error(transparent)]
    Mail(#[from] elder_mail::Error),
    /// A target that a stream cannot have.
    #[error(transparent)]
    Target(WrongTarget),
    /// A part that begins behind the end of a file.
    #[error("The file has {0} bytes.")]
    Beyond(u64),
    /// A number of days beyond what the operator allows.
    #[error("The operator allows events to be kept for at most {0} days.")]
    TooLong(u32),
    /// A hold is released once.
    #[error("The hold is released already.")]
    Released,
    /// What is kept of a call is not what its event has the hash of: somebody else has changed it.
    #[error("the bodies that are kept of a call are not those of its event")]
    OtherBody,
    /// The same was asked before.
    #[error("It is asked already that the hold be released: somebody else must approve it.")]
    ReleaseAsked,
    /// Nobody has asked for anything.
    #[error("Nothing waits here for a second person.")]
    NothingAsked,
    /// A second person is needed.
    #[error(transparent)]
    Second(#[from] SecondPersonError),
    /// A part of the tree is not there, or not of its form: somebody else has changed it.
    #[error("the tree over the audit log has a gap")]
    Broken,
    /// The database.
    #[error(transparent)]
    Database(#[from] DbError),
}

impl Error {
    /// What a violated constraint of `audit_streams` means.
    pub(crate) fn of_stream(error: DbError) -> Self {
        match error.constraint() {
            Some("audit_streams_name_key") => Self::NameTaken("stream"),
            _ => Self::Database(error),
        }
    }

    /// What a violated constraint of `audit_searches` means.
    pub(crate) fn of_search(error: DbError) -> Self {
        match error.constraint() {
            Some("audit_searches_name_key") => Self::NameTaken("search"),
            Some("audit_alerts_search_fkey") => Self::InUse,
            _ => Self::Database(error),
        }
    }

    /// What a violated constraint of `audit_alerts` means.
    pub(crate) fn of_alert(error: DbError) -> Self {
        match error.constraint() {
            Some("audit_alerts_name_key") => Self::NameTaken("alert"),
            Some("audit_alerts_search_fkey") => Self::NoSearch,
            _ => Self::Database(error),
        }
    }
}

impl Coded for Error {
    fn code(&self) -> ErrorCode {
        match self {
            Self::NotFound | Self::NoCheckpoint(_) => ErrorCode::NotFound,
            Self::NotSealed
            | Self::Released
            | Self::ReleaseAsked
            | Self::NothingAsked
            | Self::TooManyExports(_)
            | Self::TooManyStreams(_)
            | Self::TooManySearches(_)
            | Self::TooManyAlerts(_)
            | Self::InUse
            | Self::NotWritten(_) => ErrorCode::Conflict,
            Self::WrongOrder | Self::ProofsOfLinesAlone | Self::NoTime | Self::TooCommon(_) => {
                ErrorCode::InvalidParameter
            }
            Self::Selection(error) => error.code(),
            Self::NameTaken(_) => ErrorCode::AlreadyExists,
            Self::Target(_) | Self::TooLong(_) | Self::Ownerless | Self::NoSearch | Self::Addresses => {
                ErrorCode::ValidationFailed
            }
            Self::Beyond(_) => ErrorCode::RangeNotSatisfiable,
            Self::Mail(error) => error.code(),
            Self::Second(error) => error.code(),
            Self::Broken | Self::OtherBody => ErrorCode::InternalError,
            Self::Database(error) => error.code(),
        }
    }

    fn retry_after(&self) -> Option<u32> {
        match self {
            Self::NotSealed => Some(1),
            Self::Mail(error) => error.retry_after(),
            Self::Second(error) => error.retry_after(),
            Self::Database(error) => error.retry_after(),
            _ => None,
        }
    }
}
