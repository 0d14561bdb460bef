//! Why a tenant cannot be read or changed by its own people.

use elder_access::DbError;
use elder_kernel::{Coded, ErrorCode, FieldFault};

use crate::settings::InvalidSettings;

/// Why a tenant cannot be read or changed by its own people.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// It was removed meanwhile.
    #[error("No resource with this id can be reached with this credential.")]
    NotFound,
    /// Settings that are not valid.
    #[error(transparent)]
    Settings(#[from] InvalidSettings),
    /// A list of networks without that of the caller.
    #[error("none of these networks holds the address that you send this from: you would shut yourself out")]
    ShutsOutCaller,
    /// The database.
    #[error(transparent)]
    Database(#[from] DbError),
}

impl Coded for Error {
    fn code(&self) -> ErrorCode {
        match self {
            Self::NotFound => ErrorCode::NotFound,
            Self::Settings(error) => error.code(),
            Self::ShutsOutCaller => ErrorCode::ValidationFailed,
            Self::Database(error) => error.code(),
        }
    }

    fn faults(&self) -> Vec<FieldFault> {
        match self {
            Self::Settings(error) => error.faults(),
            Self::ShutsOutCaller => {
                vec![FieldFault::new("/settings/ip_allowlist", "shuts_out_caller", self.to_string())]
            }
            Self::NotFound | Self::Database(_) => Vec::new(),
        }
    }

    fn retry_after(&self) -> Option<u32> {
        match self {
            Self::Database(error) => error.retry_after(),
            Self::NotFound | Self::Settings(_) | Self::ShutsOutCaller => None,
        }
    }
}
