//! Writes a file: bytes in chunks, each with the progress in one transaction.
//!
//! Every attempt begins anew over what one checkpoint covers, and who was overtaken by another one can write no more: a
//! file is either whole or not there.

use elder_access::{DbError, PlatformTx, Row, Worker, work::Housekeeping};
use elder_kernel::{Id, Kind, TenantId};
use sha2::{Digest as _, Sha256};

use super::{Shelf, repository};
use crate::{
    Error,
    file::{CHUNK, FormatError},
    hex::hex,
};

/// How often a file is begun.
const MOST_ATTEMPTS: i32 = 8;

/// What became of a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Written {
    /// The file is whole.
    Completed,
    /// It was given up.
    Failed,
    /// It is done already, was deleted, or is in other hands.
    Settled,
}

/// An attempt that has failed and is to be repeated.
#[derive(Debug, thiserror::Error)]
pub enum WriteError {
    /// The database.
    #[error("the file could not be read or written: {0}")]
    Database(#[from] DbError),
    /// The tree over the log has a gap.
    #[error("the proofs cannot be made: {0}")]
    Proofs(#[source] Error),
}

/// Why an attempt ends before the file is whole.
#[derive(Debug)]
pub enum Stopped {
    /// Somebody else writes it, or it was deleted.
    Overtaken,
    /// It never can be written.
    GivenUp(String),
    /// Perhaps later.
    Later(WriteError),
}

impl From<DbError> for Stopped {
    fn from(error: DbError) -> Self {
        Self::Later(error.into())
    }
}

impl From<FormatError> for Stopped {
    fn from(error: FormatError) -> Self {
        Self::GivenUp(error.to_string())
    }
}

/// A file whose writing has begun.
pub struct Begun {
    /// Its row.
    pub row: Row,
    /// How many events the checkpoint covers: what is at this place of the log and behind it is not in the file.
    pub sealed: u64,
    /// The checkpoint; none if nothing was sealed.
    pub checkpoint: Option<String>,
    /// The tenant's name.
    pub tenant_name: String,
    /// And its short one.
    pub tenant_slug: String,
    /// The address of who asked for the file, if that was a person who is still there.
    pub requester: Option<String>,
}

impl Begun {
    fn of(row: Row) -> Result<Self, DbError> {
        Ok(Self {
            sealed: row.get::<i64>("sealed")?.unsigned_abs(),
            checkpoint: row.get("checkpoint")?,
            tenant_name: row.get("tenant_name")?,
            tenant_slug: row.get("tenant_slug")?,
            requester: row.get("requester")?,
            row,
        })
    }
}

/// Writes a file that waits for it, from its beginning: `make` gets its row and a pen.
///
/// # Errors
/// [`WriteError`] if it is to be tried again, after a pause.
pub async fn write<'a, K: Kind, Making: Future<Output = Result<(), Stopped>>>(
    worker: &'a Worker,
    shelf: &'static Shelf,
    (tenant, id): (TenantId, Id<K>),
    make: impl FnOnce(Begun, Pen<'a, K>) -> Making,
) -> Result<Written, WriteError> {
    let platform = async || worker.job::<Housekeeping>().platform().await;
    let Some(row) = repository::start(platform().await?, shelf, tenant, id).await? else {
        return Ok(Written::Settled);
    };
    let attempt: i32 = row.get("attempts")?;
    let written = match attempt {
        ..=MOST_ATTEMPTS => make(Begun::of(row)?, Pen::of(worker, shelf, (tenant, id), attempt)).await,
        _ => Err(Stopped::GivenUp(format!("it could not be written in {MOST_ATTEMPTS} attempts"))),
    };
    match written {
        Ok(()) => Ok(Written::Completed),
        Err(Stopped::Overtaken) => Ok(Written::Settled),
        Err(Stopped::Later(error)) => Err(error),
        Err(Stopped::GivenUp(why)) => {
            tracing::warn!(file = %id, %tenant, error = why, "a file was given up");
            let tx = platform().await?;
            if !repository::is_mine(&tx, shelf, (tenant, id), attempt).await? {
                return Ok(Written::Settled);
            }
            repository::fail(tx, shelf, (tenant, id), &why).await?;
            Ok(Written::Failed)
        }
    }
}

/// One attempt, and how far it has come.
pub struct Pen<'a, K> {
    worker: &'a Worker,
    shelf: &'static Shelf,
    key: (TenantId, Id<K>),
    number: i32,
    /// What is not in a chunk yet: new bytes go behind it.
    pub rest: Vec<u8>,
    hash: Sha256,
    chunks: i32,
    size: i64,
}

impl<'a, K: Kind> Pen<'a, K> {
    fn of(worker: &'a Worker, shelf: &'static Shelf, key: (TenantId, Id<K>), number: i32) -> Self {
        Self { worker, shelf, key, number, rest: Vec::new(), hash: Sha256::new(), chunks: 0, size: 0 }
    }

    /// Writes the chunks that are full, and how far it is: percent, events.
    ///
    /// # Errors
    /// [`Stopped`] if nothing more shall be written.
    pub async fn keep_full(&mut self, progress: i32, events: i64) -> Result<(), Stopped> {
        if self.rest.len() < CHUNK {
            return Ok(());
        }
        let tx = self.mine().await?;
        while self.rest.len() >= CHUNK {
            let behind = self.rest.split_off(CHUNK);
            let chunk = std::mem::replace(&mut self.rest, behind);
            self.keep(&tx, chunk).await?;
        }
        if self.size > self.shelf.largest {
            let why = format!("it has more than {} MiB; ask for less time", self.shelf.largest >> 20);
            return Err(Stopped::GivenUp(why));
        }
        Ok(repository::go_on(tx, self.shelf, self.key, (progress, events, self.size)).await?)
    }

    /// Writes the last chunk, and that the file is whole.
    ///
    /// # Errors
    /// [`Stopped`]; then it is not.
    pub async fn complete(mut self, events: i64) -> Result<(), Stopped> {
        self.keep_full(100, events).await?;
        let tx = self.mine().await?;
        let last = std::mem::take(&mut self.rest);
        if !last.is_empty() {
            self.keep(&tx, last).await?;
        }
        let sha256 = hex(&self.hash.finalize());
        Ok(repository::complete(tx, self.shelf, self.key, (events, self.size, sha256)).await?)
    }

    /// A transaction in which no other attempt begins.
    async fn mine(&self) -> Result<PlatformTx<Housekeeping>, Stopped> {
        let tx = self.worker.job::<Housekeeping>().platform().await?;
        let is_mine = repository::is_mine(&tx, self.shelf, self.key, self.number).await?;
        is_mine.then_some(tx).ok_or(Stopped::Overtaken)
    }

    async fn keep(&mut self, tx: &PlatformTx<Housekeeping>, chunk: Vec<u8>) -> Result<(), Stopped> {
        self.hash.update(&chunk);
        self.size += i64::try_from(chunk.len()).unwrap_or(i64::MAX);
        repository::add_chunk(tx, self.shelf, self.key, (self.chunks, chunk)).await?;
        self.chunks += 1;
        Ok(())
    }
}
