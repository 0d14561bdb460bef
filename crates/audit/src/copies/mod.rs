//! Copies of checkpoints in a second place, which holds the log to them even against who owns the database.

mod place;
mod service;

use std::{collections::BTreeMap, io, path::PathBuf};

use elder_access::{DbError, Worker};
use elder_kernel::{Secret, TenantId};
use elder_outbound::http::{CallError, Outbound};

use crate::{archive::S3, stream::SendError};

/// Where copies go, and how far they have come. A node knows that only for as long as it runs: at its start it sends the
/// newest checkpoint of each log again. What it knew from the database, its owner could have changed.
pub struct Copies(Vec<Kept>);

/// A place, and what has arrived there.
struct Kept {
    place: Place,
    /// The size of the last checkpoint of each log that has arrived.
    sent: BTreeMap<TenantId, i64>,
    /// How many rounds in a row something did not arrive.
    missed: u32,
}

/// A second place.
pub enum Place {
    /// A file, to which lines are appended.
    File(PathBuf),
    /// A URL.
    Webhook(Webhook),
    /// A bucket with object lock.
    Bucket(Box<Bucket>),
    /// A receiver of syslog.
    Syslog(Syslog),
}

/// A URL that takes checkpoints.
pub struct Webhook {
    /// The URL.
    pub url: String,
    /// What is sent along as bearer token.
    pub token: Option<Secret<String>>,
    /// The way there.
    pub outbound: Outbound,
}

/// A bucket that lets nobody overwrite or delete what it has taken, for as long as it is locked.
pub struct Bucket {
    /// The bucket, and who may write to it.
    pub s3: S3,
    /// For how many days an object is locked.
    pub days: u32,
    /// The way there.
    pub outbound: Outbound,
}

/// A receiver of syslog (RFC 5424).
pub struct Syslog {
    /// The host.
    pub host: String,
    /// The port.
    pub port: u16,
    /// Whether by TLS (RFC 5425).
    pub tls: bool,
    /// The way there.
    pub outbound: Outbound,
}

/// Why a copy has not arrived; it is sent again with the next round.
#[derive(Debug, thiserror::Error)]
pub enum CopyError {
    /// The database.
    #[error(transparent)]
    Database(#[from] DbError),
    /// The file.
    #[error("checkpoints cannot be appended to {0}")]
    File(PathBuf, #[source] io::Error),
    /// The URL cannot be called.
    #[error("the URL that takes checkpoints cannot be called")]
    Call(#[from] CallError),
    /// The URL or the token has not the form that a request may have.
    #[error("the URL that takes checkpoints, or its token, has a wrong form")]
    Request(#[from] http::Error),
    /// Somebody else answered than who takes checkpoints.
    #[error("the URL that takes checkpoints answers {0}")]
    Refused(u16),
    /// The bucket would let go what it has taken.
    #[error(
        "the bucket {0} has no object lock: whoever may write to it could overwrite and delete checkpoints"
    )]
    NoLock(String),
    /// The bucket does not take it.
    #[error("the bucket {0} does not take checkpoints")]
    Bucket(String, #[source] SendError),
    /// The receiver of syslog does not take it.
    #[error("the receiver of syslog {0} does not take checkpoints")]
    Syslog(String, #[source] SendError),
}

impl Copies {
    /// Copies go to these places.
    pub fn new(places: impl IntoIterator<Item = Place>) -> Self {
        let kept = |place| Kept { place, sent: BTreeMap::new(), missed: 0 };
        Self(places.into_iter().map(kept).collect())
    }

    /// Sends each place the checkpoints that it has not got: of each log the last of every quarter of a minute, in their order.
    /// One place does not wait for the other.
    ///
    /// # Errors
    /// [`CopyError`] of each place that has not got all.
    pub async fn send(&mut self, worker: &Worker) -> Result<(), Vec<CopyError>> {
        service::send(self, worker).await
    }

    /// Each kind of place, and how many rounds in a row something has not arrived there.
    pub fn missed(&self) -> impl Iterator<Item = (&'static str, u32)> {
        self.0.iter().map(|kept| (kept.place.kind(), kept.missed))
    }

    /// Looks whether the places can be reached and are what they should be, and sends nothing.
    ///
    /// # Errors
    /// [`CopyError`] of each place that is not.
    pub async fn look(&self) -> Result<(), Vec<CopyError>> {
        let mut faults = Vec::new();
        for kept in &self.0 {
            faults.extend(kept.place.look().await.err());
        }
        if faults.is_empty() { Ok(()) } else { Err(faults) }
    }
}

/// A checkpoint that may be new to a place.
struct Copy {
    tenant: TenantId,
    size: i64,
    note: String,
}
