//! Archives: months of a log that were moved out of the database, readable by this installation alone, and verified before a
//! row went.

mod content;
mod file;
mod policy;
pub(crate) mod routes;
mod service;
mod store;

use elder_access::DbError;
use elder_crypto::{Unsealable, WeakMasterKey};
use elder_kernel::{
    AuditArchive as Kind, TenantId,
    collection::{Collection, Field},
};

use crate::{ExpiryError, note::InvalidNote};

pub use elder_api_types::audit_archive::AuditArchive;
pub use service::{archive, archives, forget, restore};
pub use store::{S3, Store, StoreError};

/// What an archive has gone through, in this order; `void` is one that did not fit what it was planned of.
pub(crate) const STATUSES: &[&str] = &["planned", "written", "verified", "archived", "expired", "void"];

/// The archives of a tenant, as they are listed: the newest first.
#[derive(Debug)]
pub(crate) enum AuditArchives {}

impl Collection for AuditArchives {
    const NAME: &'static str = "audit_archives";
    const FIELDS: &'static [Field] = &[
        Field::id::<Kind>("id").sortable(),
        Field::text("month"),
        Field::opaque("categories"),
        Field::word("status", STATUSES),
        Field::integer("events"),
        Field::integer("bytes").unfiltered(),
        Field::time("created_at").sortable(),
        Field::optional_time("verified_at"),
        Field::optional_time("archived_at"),
        Field::optional_time("expired_at"),
        Field::optional_time("restored_until"),
    ];
    const DEFAULT_SORT: &'static str = "-created_at";
}

/// Why an archive is not there, or cannot be read back.
#[derive(Debug, thiserror::Error)]
pub enum ArchiveError {
    /// The database.
    #[error(transparent)]
    Database(#[from] DbError),
    /// Events could not be taken out of the log.
    #[error(transparent)]
    Removal(#[from] ExpiryError),
    /// The place where archives are.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// It cannot be compressed or written.
    #[error("an archive cannot be written or unpacked")]
    File(#[from] std::io::Error),
    /// It was altered, moved, cut, or sealed under another key.
    #[error("an archive cannot be opened: it is not as it was written, or the master key is another one")]
    Unsealable(#[from] Unsealable),
    /// The tenant's key is none.
    #[error("the key of the archives of tenant {0} is none")]
    Key(TenantId, #[source] WeakMasterKey),
    /// A line is not of its form.
    #[error("a line of an archive is not of its form")]
    Line(#[from] serde_json::Error),
    /// What was read back is not what was sealed.
    #[error("what was read back of an archive is not what was sealed: {0}")]
    Unsound(&'static str),
    /// The checkpoint in it is not good.
    #[error("the checkpoint in an archive is not good")]
    Checkpoint(#[source] InvalidNote),
    /// The tree has a gap.
    #[error("the tree over the audit log of tenant {0} has a gap")]
    Broken(TenantId),
    /// There is nothing of that month.
    #[error("there is no archive of that month that could be read back")]
    NoArchive,
}
