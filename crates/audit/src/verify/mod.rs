//! Looks whether a log is what its checkpoints say, and names what is not.

mod examination;
mod export;
mod removals;
mod service;

use std::{fmt, io};

use chrono::{DateTime, Utc};
use elder_access::DbError;
use elder_api_types::AuditEventId;
use uuid::Uuid;

use crate::{note::InvalidNote, tree::Digest};

pub(crate) use examination::{Examination, Leaf};
pub(crate) use export::{Sealed, Signed};
pub use export::{kept, verify_export};
pub(crate) use service::{StoredLeaf, keys_for, leaves};
pub use service::{export, keys, newest, verify};

/// Findings that are named; those beyond are counted.
const MOST_NAMED: usize = 100;

/// Something that is not as it was sealed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Finding {
    /// The event is not the one that was sealed.
    Changed {
        /// Its place.
        seq: u64,
        /// Its id.
        id: AuditEventId,
    },
    /// The event is gone.
    Removed {
        /// Its place.
        seq: u64,
        /// Its id.
        id: AuditEventId,
    },
    /// The leaf is gone, and with it the way to all checkpoints behind.
    Missing {
        /// Its place.
        seq: u64,
    },
    /// The event was never sealed, though it claims to be older than what was.
    Inserted {
        /// Its id.
        id: AuditEventId,
        /// When it claims to have happened.
        timestamp: DateTime<Utc>,
    },
    /// The event claims to be older by more than an hour than what was signed before it: it was put in later, a clock was
    /// wrong, or a transaction took that long. Somebody should look; the log is what was sealed.
    Backdated {
        /// Its place.
        seq: u64,
        /// Its id.
        id: AuditEventId,
        /// When it claims to have happened.
        timestamp: DateTime<Utc>,
    },
    /// The leaves are not those that were signed: they were exchanged, moved, or hashed anew.
    Rewritten {
        /// The last size at which a checkpoint fits.
        after: u64,
        /// The size of the first checkpoint that does not.
        size: u64,
    },
    /// The tail is gone: a checkpoint was signed over more.
    Cut {
        /// How many leaves there are.
        size: u64,
        /// How many there were.
        signed: u64,
    },
    /// No checkpoint covers the leaves from here on.
    Unsigned {
        /// How many leaves are covered.
        after: u64,
    },
    /// A checkpoint that is none.
    Forged {
        /// Which size it claims.
        size: u64,
        /// What is wrong.
        why: InvalidNote,
    },
    /// Events are gone by a record of a removal that no event of the log tells of.
    Unrecorded {
        /// The record.
        removal: Uuid,
        /// The place of the first event.
        first: u64,
        /// How many.
        events: u64,
    },
    /// The proof of a single event does not lead to its checkpoint.
    Unproven {
        /// Its place.
        seq: u64,
        /// Its id.
        id: AuditEventId,
    },
}

/// What was found of one log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Report {
    /// How many leaves were looked at.
    pub size: u64,
    /// The root over them.
    pub root: Digest,
    /// How many checkpoints fit.
    pub checkpoints: u64,
    /// How many events were proven each by itself.
    pub proven: u64,
    /// How many events are gone as retention demands it, and the log says so.
    pub removed: u64,
    /// Whether all is as it was sealed.
    pub is_good: bool,
    /// What is not right, or worth a look.
    pub findings: Vec<Finding>,
    /// How much more of that there is.
    pub more: u64,
}

/// Why nothing can be said.
#[derive(Debug, thiserror::Error)]
pub enum VerifyError {
    /// The database.
    #[error(transparent)]
    Database(#[from] DbError),
    /// The file.
    #[error("the export cannot be read or written")]
    File(#[from] io::Error),
    /// A line of the export is not one.
    #[error("line {0} of the export is not of its form")]
    Line(usize, #[source] serde_json::Error),
    /// A checkpoint that was kept elsewhere is not good.
    #[error("a checkpoint that was kept elsewhere is not good, or none is of this log")]
    Kept(#[source] InvalidNote),
    /// A stored key is none.
    #[error("the database has a key that is none")]
    Key,
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Changed { seq, id } => {
                write!(f, "changed: event {id} at place {seq} is not what was sealed")
            }
            Self::Removed { seq, id } => write!(f, "removed: event {id} at place {seq} is gone"),
            Self::Missing { seq } => write!(f, "removed: the leaf at place {seq} is gone"),
            Self::Inserted { id, timestamp } => {
                write!(f, "inserted: event {id} of {timestamp} was never sealed")
            }
            Self::Backdated { seq, id, timestamp } => {
                write!(
                    f,
                    "backdated: event {id} at place {seq} claims {timestamp}, long before what was signed already"
                )
            }
            Self::Rewritten { after, size } => {
                write!(
                    f,
                    "rewritten: the events at places {after} to {} are not those that were signed",
                    size - 1
                )
            }
            Self::Cut { size, signed } => {
                write!(f, "cut: {size} events are left of {signed} that were signed")
            }
            Self::Unsigned { after } => {
                write!(f, "unsigned: no checkpoint covers the events from place {after} on")
            }
            Self::Forged { size, why } => write!(f, "forged: the checkpoint over {size} events: {why}"),
            Self::Unrecorded { removal, first, events } => write!(
                f,
                "unrecorded: {events} events from place {first} on are gone, and no event of the log tells of their removal {removal}"
            ),
            Self::Unproven { seq, id } => {
                write!(f, "unproven: event {id} at place {seq} is not in the tree that its checkpoint signs")
            }
        }
    }
}
