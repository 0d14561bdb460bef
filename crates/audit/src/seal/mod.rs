//! The sealer: numbers new events, appends them to the trees, and signs what comes of it.

mod service;
mod snapshot;

use elder_access::DbError;
use elder_crypto::{NoEd25519Key, Unsealable};
use elder_kernel::TenantId;

use crate::leaf::NotCanonical;

pub(crate) use service::LEVELS_A_STEP;
pub use service::{Signer, lag, rotate_key, seal, signer};
pub(crate) use snapshot::{NoSnapshot, Snapshot};

/// Why nothing was sealed.
#[derive(Debug, thiserror::Error)]
pub enum SealError {
    /// The database.
    #[error(transparent)]
    Database(#[from] DbError),
    /// An event has no leaf.
    #[error("an event of tenant {0} cannot be sealed")]
    Event(TenantId, #[source] NotCanonical),
    /// The stored state of a tree has not the form that it was written in.
    #[error("the stored edge of the audit log of tenant {0} is not one")]
    Edge(TenantId),
    /// The stored moment has not the form that it was written in.
    #[error("the sealer does not know where to go on")]
    Moment(#[from] NotAMoment),
    /// The key cannot be opened.
    #[error("the key that signs checkpoints cannot be opened")]
    Unsealable(#[from] Unsealable),
    /// The key is none.
    #[error("the key that signs checkpoints is none")]
    NoKey(#[from] NoEd25519Key),
}

/// A moment that cannot be read.
#[derive(Debug, thiserror::Error)]
#[error(transparent)]
pub struct NotAMoment(NoSnapshot);

impl From<NoSnapshot> for SealError {
    fn from(error: NoSnapshot) -> Self {
        Self::Moment(NotAMoment(error))
    }
}

/// With what the names of all logs of an installation begin: its address, without what a name may not have.
pub fn origin_of(public_url: &str) -> String {
    let address = public_url.split_once("://").map_or(public_url, |(_, address)| address);
    address.trim_end_matches('/').replace(|letter: char| letter == '+' || letter.is_whitespace(), "-")
}

/// What checkpoints call the log of a tenant.
pub fn log_name(origin: &str, tenant: TenantId) -> String {
    format!("{origin}/audit/{tenant}")
}
