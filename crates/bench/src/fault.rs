//! What can go wrong with a measurement. Each fault ends it: a figure from a broken run is worth nothing.

use std::{error::Error, io};

/// A fault of the benchmark.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Fault {
    /// A file, a socket or a process.
    #[error(transparent)]
    Io(#[from] io::Error),
    /// The private PostgreSQL.
    #[error("the private PostgreSQL does not start")]
    Cluster(#[from] elder_server::embedded::Error),
    /// The schema.
    #[error("the benchmark's database could not be migrated")]
    Migrate(#[from] elder_server::MigrateError),
    /// A statement.
    #[error("the benchmark's database refused a statement")]
    Database(#[from] tokio_postgres::Error),
    /// Something is not as it must be for the figures to mean anything.
    #[error("{0}")]
    Broken(String),
}

impl Fault {
    /// A fault in words.
    pub(crate) fn broken(words: impl Into<String>) -> Self {
        Self::Broken(words.into())
    }
}

/// A fault with all its causes.
pub(crate) fn chain(fault: &Fault) -> String {
    let mut text = fault.to_string();
    let mut cause = fault.source();
    while let Some(error) = cause {
        text = format!("{text}: {error}");
        cause = error.source();
    }
    text
}
