//! Copies of checkpoints in a second place, which holds the log to them even against who owns the database.

mod service;

use std::{collections::BTreeMap, io, path::PathBuf};

use elder_access::DbError;
use elder_kernel::{Secret, TenantId};
use elder_outbound::http::{CallError, Outbound};

/// Where copies go, and how far they have come. A node knows that only for as long as it runs: at its start it sends the
/// newest checkpoint of each log again. What it knew from the database, its owner could have changed.
pub struct Copies {
    file: Option<(PathBuf, Sent)>,
    webhook: Option<(Webhook, Sent)>,
}

/// The size of the last checkpoint of each log that has arrived.
type Sent = BTreeMap<TenantId, i64>;

/// A URL that takes checkpoints.
pub struct Webhook {
    /// The URL.
    pub url: String,
    /// What is sent along as bearer token.
    pub token: Option<Secret<String>>,
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
}

impl Copies {
    /// Copies go to these places; none if there is none.
    pub fn new(file: Option<PathBuf>, webhook: Option<Webhook>) -> Self {
        let sent = Sent::new;
        Self { file: file.map(|file| (file, sent())), webhook: webhook.map(|hook| (hook, sent())) }
    }

    /// Sends the newest checkpoint of each log that has one since the last time. One place does not wait for the other.
    ///
    /// # Errors
    /// [`CopyError`] of the first place that has failed.
    pub async fn send(&mut self, worker: &elder_access::Worker) -> Result<(), CopyError> {
        service::send(self, worker).await
    }
}
