//! Why something cannot be done to a domain.

use elder_access::DbError;
use elder_kernel::{Coded, ErrorCode, FieldFault};
use hickory_resolver::net::NetError;

/// Why something cannot be done to a domain.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// There is none, or it is another tenant's.
    #[error("No resource with this id can be reached with this credential.")]
    NotFound,
    /// The tenant has claimed it before.
    #[error("The tenant has claimed this domain already.")]
    Claimed,
    /// It is verified for somebody else.
    #[error("The domain cannot be verified for this tenant; the operator can say why.")]
    Unavailable,
    /// The record is not there.
    #[error(
        "There is no TXT record {name} with the value {value}; a new record may take a while to be seen."
    )]
    ProofMissing {
        /// The record's name.
        name: String,
        /// Its value.
        value: String,
    },
    /// The look-up itself failed.
    #[error("The TXT record {name} could not be looked up: check the domain's name servers, or try again.")]
    LookUp {
        /// The record's name.
        name: String,
        /// What the resolver says.
        #[source]
        source: NetError,
    },
    /// The database.
    #[error(transparent)]
    Database(DbError),
}

impl From<DbError> for Error {
    fn from(error: DbError) -> Self {
        match error.constraint() {
            Some("tenant_domains_domain_key") => Self::Claimed,
            Some("tenant_domains_verified_key") => Self::Unavailable,
            _ => Self::Database(error),
        }
    }
}

impl Coded for Error {
    fn code(&self) -> ErrorCode {
        match self {
            Self::NotFound => ErrorCode::NotFound,
            Self::Claimed => ErrorCode::AlreadyExists,
            Self::Unavailable => ErrorCode::DomainUnavailable,
            Self::ProofMissing { .. } | Self::LookUp { .. } => ErrorCode::DomainProofMissing,
            Self::Database(error) => error.code(),
        }
    }

    fn faults(&self) -> Vec<FieldFault> {
        match self {
            Self::Claimed => vec![FieldFault::new("/domain", "already_exists", self.to_string())],
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
