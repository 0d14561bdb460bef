//! What can go wrong between Elder and PostgreSQL, by what a caller can do about it.

use std::{error::Error, sync::Arc};

use elder_http::Repeated;
use elder_kernel::{Coded, ErrorCode, VersionMismatch};
use sea_orm::DbErr;
use tokio_postgres::error::SqlState;

use crate::entitlements::Unlicensed;

/// With what the names of limits of the licence begin, as triggers tell them.
const LICENSED: &str = "license_";
/// By this name the triggers refuse what a legal hold covers.
const HOLDS: &str = "legal_holds";

/// A statement or a transaction that failed.
#[derive(Debug, thiserror::Error)]
pub enum DbError {
    /// A constraint refused the rows; domains map its name to an error of their own. What none of them expects is told
    /// without the name, which is the schema's own.
    #[error("what is stored does not allow this change")]
    Constraint {
        /// The constraint's name in the schema.
        name: String,
        /// PostgreSQL's answer.
        #[source]
        source: Arc<tokio_postgres::Error>,
    },
    /// A legal hold covers what was to be deleted.
    #[error("A legal hold forbids this.")]
    Held(#[source] Arc<tokio_postgres::Error>),
    /// Row-level security or a grant refused the statement (42501): a defect of ours. The tenant of every statement is
    /// that of its transaction, and a foreign row is not found before it could be refused.
    #[error("the database role may not do this")]
    Forbidden(#[source] Arc<tokio_postgres::Error>),
    /// A value that PostgreSQL cannot hold, such as U+0000 in a text.
    #[error("a value cannot be stored")]
    Value(#[source] Arc<tokio_postgres::Error>),
    /// Two transactions stood in each other's way; trying again helps.
    #[error("the transaction met another one")]
    Contended(#[source] Arc<tokio_postgres::Error>),
    /// The resource is not as the caller believes.
    #[error(transparent)]
    Stale(#[from] VersionMismatch),
    /// The request was sent before, under a key.
    #[error(transparent)]
    Repeated(#[from] Repeated),
    /// The licence does not cover what the statement would have done.
    #[error(transparent)]
    Unlicensed(#[from] Unlicensed),
    /// No connection, or one that broke.
    #[error("the database does not answer")]
    Unavailable(#[source] Arc<dyn Error + Send + Sync>),
    /// Anything else: a defect of ours.
    #[error("the database refused a statement")]
    Driver(#[source] Arc<dyn Error + Send + Sync>),
}

impl DbError {
    /// The name of the constraint that refused the change, if one did.
    pub fn constraint(&self) -> Option<&str> {
        match self {
            Self::Constraint { name, .. } => Some(name),
            _ => None,
        }
    }

    /// Something of ours that cannot be: what the database holds has not the form in which we write it.
    pub fn defect(source: impl Error + Send + Sync + 'static) -> Self {
        Self::Driver(Arc::new(source))
    }

    pub(crate) fn unavailable(source: impl Error + Send + Sync + 'static) -> Self {
        Self::Unavailable(Arc::new(source))
    }
}

impl Coded for DbError {
    fn code(&self) -> ErrorCode {
        match self {
            Self::Constraint { .. } => ErrorCode::Conflict,
            Self::Held(_) => ErrorCode::LegalHold,
            Self::Value(_) => ErrorCode::ValidationFailed,
            Self::Stale(_) => ErrorCode::VersionMismatch,
            Self::Repeated(Repeated::InProgress | Repeated::Answered) => ErrorCode::IdempotencyInProgress,
            Self::Repeated(Repeated::AnotherRequest) => ErrorCode::IdempotencyKeyReused,
            Self::Unlicensed(missing) => missing.code(),
            Self::Contended(_) | Self::Unavailable(_) => ErrorCode::Unavailable,
            Self::Forbidden(_) | Self::Driver(_) => ErrorCode::InternalError,
        }
    }

    fn retry_after(&self) -> Option<u32> {
        let again = [ErrorCode::Unavailable, ErrorCode::IdempotencyInProgress];
        again.contains(&self.code()).then_some(1)
    }
}

impl From<tokio_postgres::Error> for DbError {
    fn from(error: tokio_postgres::Error) -> Self {
        let error = Arc::new(error);
        let Some(state) = error.code() else {
            return if error.is_closed() || error.source().is_some_and(<dyn Error>::is::<std::io::Error>) {
                Self::Unavailable(error)
            } else {
                Self::Driver(error)
            };
        };
        let constraint = error.as_db_error().and_then(|database| database.constraint()).map(str::to_owned);
        match (state, constraint) {
            (state, Some(name)) if state.code().starts_with("23") && name.starts_with(LICENSED) => {
                Self::Unlicensed(Unlicensed::Limit(name.replacen(LICENSED, "", 1)))
            }
            (&SqlState::RESTRICT_VIOLATION, Some(name)) if name == HOLDS => Self::Held(error),
            (state, Some(name)) if state.code().starts_with("23") => Self::Constraint { name, source: error },
            (&SqlState::T_R_SERIALIZATION_FAILURE | &SqlState::T_R_DEADLOCK_DETECTED, _) => {
                Self::Contended(error)
            }
            (&SqlState::INSUFFICIENT_PRIVILEGE, _) => Self::Forbidden(error),
            (state, _) if state.code().starts_with("22") => Self::Value(error),
            // A standby: another server leads by now. A transaction of ours that only reads writes nothing.
            (&SqlState::READ_ONLY_SQL_TRANSACTION, _) => Self::Unavailable(error),
            // 08 connection, 53 resources, 57 an operator's intervention (restart, shutdown, timeout).
            (state, _) if ["08", "53", "57"].iter().any(|class| state.code().starts_with(class)) => {
                Self::Unavailable(error)
            }
            _ => Self::Driver(error),
        }
    }
}

/// Carries a typed error through sea-orm, whose own variants hold texts.
impl From<DbError> for DbErr {
    fn from(error: DbError) -> Self {
        DbErr::TryIntoErr { from: "PostgreSQL", into: "result", source: Arc::new(error) }
    }
}

impl From<DbErr> for DbError {
    fn from(error: DbErr) -> Self {
        match &error {
            DbErr::TryIntoErr { source, .. } => match source.downcast_ref::<Self>() {
                Some(ours) => ours.share(),
                None => Self::Driver(Arc::new(error)),
            },
            _ => Self::Driver(Arc::new(error)),
        }
    }
}

impl DbError {
    fn share(&self) -> Self {
        match self {
            Self::Constraint { name, source } => {
                Self::Constraint { name: name.clone(), source: source.clone() }
            }
            Self::Held(source) => Self::Held(source.clone()),
            Self::Forbidden(source) => Self::Forbidden(source.clone()),
            Self::Value(source) => Self::Value(source.clone()),
            Self::Stale(mismatch) => Self::Stale(*mismatch),
            Self::Repeated(why) => Self::Repeated(*why),
            Self::Contended(source) => Self::Contended(source.clone()),
            Self::Unlicensed(missing) => Self::Unlicensed(missing.clone()),
            Self::Unavailable(source) => Self::Unavailable(source.clone()),
            Self::Driver(source) => Self::Driver(source.clone()),
        }
    }
}
