//! What can go wrong with entitlements.

use elder_access::DbError;
use elder_api_types::entitlement::EntitlementKind;
use elder_kernel::{Coded, ErrorCode, FieldFault};

use crate::entitlement::MOST;

/// Why a request was refused.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// Unknown, or not to be seen.
    #[error("No resource with this id can be reached with this credential.")]
    NotFound,
    /// Entitlements of a kind have values of their own.
    #[error("The catalogue has this value already.")]
    ValueTaken,
    /// Rules have names of their own.
    #[error("Another rule of this tenant has this name.")]
    NameTaken,
    /// A catalogue is read whole by providers.
    #[error("A catalogue has {MOST} entries at most.")]
    TooMany,
    /// Nobody loses anything by a change of the catalogue.
    #[error("{0} people hold it: take it from them first, or set `is_supported` to false.")]
    InUse(i64),
    /// Who holds something is not given it again.
    #[error("The user was given this already.")]
    HeldAlready,
    /// What is given no more.
    #[error("This is not given to anybody any more: `is_supported` is false.")]
    Unsupported,
    /// What a directory alone gives and takes.
    #[error("A directory alone gives and takes this.")]
    ManagedByDirectory,
    /// A directory names what the catalogue does not offer to it.
    #[error("{0}: `{1}` is not in the catalogue, or is not supported")]
    Unlisted(&'static str, String),
    /// As many hold it as may.
    #[error("`{value}` is held by {most} people, and no more may.")]
    Exhausted {
        /// The value of the entitlement.
        value: String,
        /// How many people may hold it.
        most: i32,
    },
    /// Somebody would hold too much together.
    #[error("The rule `{rule}` lets nobody hold more than {most} of these: {}.", .held.join(", "))]
    Conflict {
        /// The name of the rule.
        rule: String,
        /// How many of its entitlements one person may hold.
        most: i32,
        /// The values that they would hold.
        held: Vec<String>,
    },
    /// The database.
    #[error(transparent)]
    Database(#[from] DbError),
}

impl Error {
    /// A value that a directory may not give.
    pub(crate) fn unlisted(kind: EntitlementKind, value: &str) -> Self {
        let list = match kind {
            EntitlementKind::Role => "roles",
            EntitlementKind::Entitlement => "entitlements",
        };
        Self::Unlisted(list, value.to_owned())
    }

    /// What a constraint means to who adds to the catalogue.
    pub(crate) fn of_entitlement(error: DbError) -> Self {
        match error.constraint() {
            Some("entitlements_value_key") => Self::ValueTaken,
            Some("entitlements_configuration_fkey") => Self::NotFound,
            _ => Self::Database(error),
        }
    }

    /// What a constraint means to who gives an entitlement.
    pub(crate) fn of_assignment(error: DbError) -> Self {
        match error.constraint() {
            Some("entitlement_assignments_once_key") => Self::HeldAlready,
            Some("entitlement_assignments_entitlement_fkey") => Self::NotFound,
            _ => Self::Database(error),
        }
    }

    /// What a constraint means to who makes a rule.
    pub(crate) fn of_conflict(error: DbError) -> Self {
        match error.constraint() {
            Some("entitlement_conflicts_name_key") => Self::NameTaken,
            Some("entitlement_conflict_members_entitlement_fkey") => Self::NotFound,
            _ => Self::Database(error),
        }
    }
}

impl Coded for Error {
    fn code(&self) -> ErrorCode {
        match self {
            Self::NotFound => ErrorCode::NotFound,
            Self::ValueTaken | Self::NameTaken | Self::HeldAlready => ErrorCode::AlreadyExists,
            Self::TooMany | Self::InUse(_) | Self::Unsupported => ErrorCode::Conflict,
            Self::ManagedByDirectory => ErrorCode::ManagedByDirectory,
            Self::Unlisted(..) => ErrorCode::ValidationFailed,
            Self::Exhausted { .. } => ErrorCode::EntitlementExhausted,
            Self::Conflict { .. } => ErrorCode::SodConflict,
            Self::Database(error) => error.code(),
        }
    }

    fn faults(&self) -> Vec<FieldFault> {
        let taken = |pointer: &str| vec![FieldFault::new(pointer, "already_exists", self.to_string())];
        match self {
            Self::ValueTaken => taken("/value"),
            Self::NameTaken => taken("/name"),
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
