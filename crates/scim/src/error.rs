//! What can go wrong with directories and pushes.

use elder_access::DbError;
use elder_crypto::Busy;
use elder_kernel::{Coded, ErrorCode, FieldFault, Id, User};
use elder_scim_protocol::error::{ScimError, ScimType};

use crate::valve::RETRY_AFTER;

/// Why a request was refused.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// Unknown, or not to be seen.
    #[error("No resource with this id can be reached with this credential.")]
    NotFound,
    /// Directories have names of their own.
    #[error("Another directory of this tenant has this name.")]
    NameTaken,
    /// Users of a directory have names of their own.
    #[error("Another user of this directory has this userName.")]
    UserNameTaken,
    /// Groups of a directory have names of their own.
    #[error("Another group of this directory has this displayName.")]
    GroupNameTaken,
    /// The directory is set to take users alone.
    #[error("This directory takes no groups.")]
    NoGroups,
    /// An account that this directory may not take over.
    #[error("An account with this e-mail address exists, and this directory may not manage it.")]
    AccountTaken,
    /// One role goes to the same people once.
    #[error("This directory gives this role to these people already.")]
    MappingTaken,
    /// The directory gives, or shall give, what the caller does not hold.
    #[error("This directory would give permissions that you do not hold yourself.")]
    ExceedsOwn,
    /// More people would go than the directory may take away.
    #[error(
        "With this, {removed} of {people} people would be deactivated or removed within an hour. The directory is paused \
         until an admin of the tenant resumes it."
    )]
    TooManyRemovals {
        /// How many it would be.
        removed: u64,
        /// Of how many.
        people: u64,
    },
    /// Somebody has to stay who can let others in.
    #[error("This is the last active admin of the tenant: no push deactivates or deletes them.")]
    LastAdmin(Id<User>),
    /// A version that is no longer the newest.
    #[error("The resource has changed meanwhile: get it again.")]
    VersionMismatch,
    /// The account.
    #[error(transparent)]
    Account(#[from] elder_portal_users::Error),
    /// What the catalogue of entitlements forbids.
    #[error(transparent)]
    Entitlement(#[from] elder_entitlements::Error),
    /// Too many passwords are waiting to be hashed.
    #[error(transparent)]
    Busy(#[from] Busy),
    /// The engine refused it.
    #[error(transparent)]
    Protocol(#[from] ScimError),
    /// The database.
    #[error(transparent)]
    Database(#[from] DbError),
}

impl From<elder_tenancy::grant::Error> for Error {
    /// Mappings ask grants only what roles give.
    fn from(error: elder_tenancy::grant::Error) -> Self {
        match error {
            elder_tenancy::grant::Error::Database(error) => Self::Database(error),
            _ => Self::NotFound,
        }
    }
}

impl Error {
    /// What it means to who pushes somebody that they cannot go.
    pub(crate) fn of_removal(error: elder_portal_users::Error, user: Id<User>) -> Self {
        match error {
            elder_portal_users::Error::LastAdmin { .. } => Self::LastAdmin(user),
            error => Self::Account(error),
        }
    }

    /// What a constraint means to who sets up a directory.
    pub(crate) fn of_directory(error: DbError) -> Self {
        match error.constraint() {
            Some("scim_configurations_name_key") => Self::NameTaken,
            _ => Self::Database(error),
        }
    }

    /// What a constraint means to who makes a role mapping.
    pub(crate) fn of_mapping(error: DbError) -> Self {
        match error.constraint() {
            Some("scim_role_mappings_once_key") => Self::MappingTaken,
            Some(
                "scim_role_mappings_configuration_fkey"
                | "scim_role_mappings_organization_fkey"
                | "scim_role_mappings_role_fkey",
            ) => Self::NotFound,
            _ => Self::Database(error),
        }
    }

    /// What a constraint means to who makes a token.
    pub(crate) fn of_token(error: DbError) -> Self {
        match error.constraint() {
            Some("scim_tokens_configuration_fkey") => Self::NotFound,
            _ => Self::Database(error),
        }
    }

    /// What a constraint means to who pushes a group.
    pub(crate) fn of_group(error: DbError) -> Self {
        match error.constraint() {
            Some("scim_groups_display_name_key") => Self::GroupNameTaken,
            Some("scim_groups_configuration_fkey") => Self::NotFound,
            _ => Self::Database(error),
        }
    }

    /// What a constraint means to who pushes a user.
    pub(crate) fn of_user(error: DbError) -> Self {
        match error.constraint() {
            Some("scim_users_user_name_key") => Self::UserNameTaken,
            Some("scim_users_managed_once_key") => Self::AccountTaken,
            Some("scim_users_configuration_fkey") => Self::NotFound,
            _ => Self::Database(error),
        }
    }
}

impl Coded for Error {
    fn code(&self) -> ErrorCode {
        match self {
            Self::NotFound => ErrorCode::NotFound,
            Self::NameTaken
            | Self::UserNameTaken
            | Self::GroupNameTaken
            | Self::AccountTaken
            | Self::MappingTaken => ErrorCode::AlreadyExists,
            Self::ExceedsOwn => ErrorCode::GrantExceedsOwn,
            Self::LastAdmin(_) => ErrorCode::LastAdmin,
            Self::TooManyRemovals { .. } => ErrorCode::DirectoryPaused,
            Self::NoGroups => ErrorCode::NotImplemented,
            Self::VersionMismatch => ErrorCode::VersionMismatch,
            Self::Account(error) => error.code(),
            Self::Entitlement(error) => error.code(),
            Self::Busy(_) => ErrorCode::Busy,
            Self::Protocol(error) => code_of(error),
            Self::Database(error) => error.code(),
        }
    }

    fn faults(&self) -> Vec<FieldFault> {
        match self {
            Self::NameTaken => vec![FieldFault::new("/name", "already_exists", self.to_string())],
            _ => Vec::new(),
        }
    }

    fn retry_after(&self) -> Option<u32> {
        match self {
            Self::Account(error) => error.retry_after(),
            Self::Entitlement(error) => error.retry_after(),
            Self::Busy(_) => Some(1),
            Self::TooManyRemovals { .. } => Some(RETRY_AFTER),
            Self::Database(error) => error.retry_after(),
            _ => None,
        }
    }

    fn protocol_kind(&self) -> Option<&'static str> {
        match self {
            Self::Protocol(error) => error.scim_type.map(ScimType::name),
            Self::Account(elder_portal_users::Error::EmailDomain(_)) => Some(ScimType::InvalidValue.name()),
            _ => None,
        }
    }
}

/// The row of the table for an error of the engine; status and meaning are the same.
fn code_of(error: &ScimError) -> ErrorCode {
    match (error.scim_type, error.status) {
        (Some(ScimType::InvalidFilter), _) => ErrorCode::InvalidFilter,
        (Some(ScimType::Uniqueness), _) => ErrorCode::AlreadyExists,
        (Some(ScimType::Sensitive), _) => ErrorCode::PermissionDenied,
        (Some(ScimType::InvalidSyntax), _) => ErrorCode::MalformedJson,
        (Some(ScimType::TooMany), _) => ErrorCode::InvalidParameter,
        (_, 413) => ErrorCode::PayloadTooLarge,
        _ => ErrorCode::ValidationFailed,
    }
}
