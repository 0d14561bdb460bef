//! Writes the file of an export: events in pages by keyset, bytes in chunks, each with the progress in one transaction.
//!
//! The file is of what one checkpoint covers. All of that is committed and none of it changes, so that reading by time
//! misses nothing that commits late, and a second attempt finds the same events. Every attempt begins anew, and who was
//! overtaken by another one can write no more: a file is either whole or not there.

use chrono::{DateTime, Utc};
use elder_access::{DbError, PlatformTx, Worker, work::Housekeeping};
use elder_kernel::{TenantId, collection::Selection};
use sha2::{Digest as _, Sha256};
use tokio::task::spawn_blocking;

use super::repository;
pub(crate) use super::repository::{Begun, Placed};
use crate::{
    Error,
    event::service::selected,
    export::{
        AuditExportId, CHUNK,
        format::{self, Entry, Format, FormatError},
    },
    hex::hex,
    proof::service::Paths,
};

/// Bytes of a file.
const LARGEST: i64 = 512 << 20;
/// How often an export is begun.
const MOST_ATTEMPTS: i32 = 8;

/// What became of an export.
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
pub enum ExportError {
    /// The database.
    #[error("the export could not be read or written: {0}")]
    Database(#[from] DbError),
    /// The tree over the log has a gap.
    #[error("the proofs cannot be made: {0}")]
    Proofs(#[source] Error),
}

/// Why an attempt ends before the file is whole.
enum Stopped {
    /// Somebody else writes it, or it was deleted.
    Overtaken,
    /// It never can be written.
    GivenUp(String),
    /// Perhaps later.
    Later(ExportError),
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

/// Writes the file of an export that waits for it, from its beginning.
///
/// # Errors
/// [`ExportError`] if it is to be tried again, after a pause.
pub async fn write_export(
    worker: &Worker,
    tenant: TenantId,
    id: AuditExportId,
) -> Result<Written, ExportError> {
    let platform = async || worker.job::<Housekeeping>().platform().await;
    let Some(begun) = repository::start(platform().await?, tenant, id).await? else {
        return Ok(Written::Settled);
    };
    let attempt = begun.attempt;
    let written = match attempt {
        ..=MOST_ATTEMPTS => Attempt::of(worker, tenant, &begun).write(&begun).await,
        _ => Err(Stopped::GivenUp(format!("it could not be written in {MOST_ATTEMPTS} attempts"))),
    };
    match written {
        Ok(()) => Ok(Written::Completed),
        Err(Stopped::Overtaken) => Ok(Written::Settled),
        Err(Stopped::Later(error)) => Err(error),
        Err(Stopped::GivenUp(why)) => {
            tracing::warn!(export = %id, %tenant, error = why, "an export of the audit log was given up");
            let tx = platform().await?;
            if !repository::is_mine(&tx, tenant, id, attempt).await? {
                return Ok(Written::Settled);
            }
            repository::fail(tx, tenant, id, &why, worker.seam().now()).await?;
            Ok(Written::Failed)
        }
    }
}

/// One attempt, and how far it has come.
struct Attempt<'a> {
    worker: &'a Worker,
    tenant: TenantId,
    id: AuditExportId,
    number: i32,
    paths: Paths,
    /// What is not in a chunk yet.
    rest: Vec<u8>,
    hash: Sha256,
    chunks: i32,
    events: i64,
    size: i64,
}

impl<'a> Attempt<'a> {
    fn of(worker: &'a Worker, tenant: TenantId, begun: &Begun) -> Self {
        Self {
            worker,
            tenant,
            id: begun.export.id,
            number: begun.attempt,
            paths: Paths::to(begun.sealed),
            rest: Vec::new(),
            hash: Sha256::new(),
            chunks: 0,
            events: 0,
            size: 0,
        }
    }

    async fn write(mut self, begun: &Begun) -> Result<(), Stopped> {
        let export = &begun.export;
        let given_up = |error: Error| Stopped::GivenUp(error.to_string());
        let mut selection = selected(export.filter.as_deref()).map_err(given_up)?;
        let from = export.from.unwrap_or(DateTime::UNIX_EPOCH);
        let mut form = format::of(self.tenant, begun);
        form.begin(&mut self.rest)?;
        let mut first = None;
        loop {
            let (entries, next) = self.page(begun, (from, export.to), &selection).await?;
            first = first.or_else(|| entries.first().map(|entry| entry.event.timestamp));
            let reached = first.zip(entries.last().map(|entry| entry.event.timestamp));
            self.events += i64::try_from(entries.len()).unwrap_or(i64::MAX);
            form.add(entries, &mut self.rest)?;
            self.keep_full(progress(reached, export.to)).await?;
            let Some(next) = next else { break };
            if !selection.continue_behind(next) {
                return Err(Stopped::GivenUp("the list of events has no place to go on from".to_owned()));
            }
        }
        self.rest = ended(form, std::mem::take(&mut self.rest)).await?;
        self.keep_full(100).await?;
        self.complete().await
    }

    /// The next events that the checkpoint covers, and where the ones behind them begin.
    async fn page(
        &mut self,
        begun: &Begun,
        period: (DateTime<Utc>, DateTime<Utc>),
        selection: &Selection,
    ) -> Result<(Vec<Entry>, Option<Vec<elder_kernel::collection::Operand>>), Stopped> {
        // By the role that sees this tenant alone.
        let tx = self.worker.job::<Housekeeping>().begin(self.tenant).await?;
        let found = repository::events(&tx, self.tenant, period, selection).await?;
        let sealed = found.rows.into_iter().filter_map(|Placed { event, salt, seq }| {
            let seq = seq.filter(|seq| *seq < begun.sealed)?;
            Some((event, salt, seq))
        });
        let sealed: Vec<_> = sealed.collect();
        let note = begun.export.checkpoint.as_deref().filter(|_| begun.export.proofs);
        let Some(note) = note else {
            let mut sealed = sealed;
            tx.open_personal(sealed.iter_mut().map(|(event, ..)| event)).await?;
            let bare = sealed.into_iter().map(|(event, _, seq)| Entry { event, seq, proof: None });
            return Ok((bare.collect(), found.next));
        };
        let proven = self.paths.prove(&tx, sealed, note).await;
        let proven = proven.map_err(|error| Stopped::Later(ExportError::Proofs(error)))?;
        let entry = |proof: elder_api_types::audit::AuditProof| Entry {
            event: proof.event.clone(),
            seq: proof.seq,
            proof: Some(Box::new(proof)),
        };
        Ok((proven.into_iter().map(entry).collect(), found.next))
    }

    /// Writes the chunks that are full.
    async fn keep_full(&mut self, progress: i32) -> Result<(), Stopped> {
        if self.rest.len() < CHUNK {
            return Ok(());
        }
        let tx = self.mine().await?;
        while self.rest.len() >= CHUNK {
            let behind = self.rest.split_off(CHUNK);
            let chunk = std::mem::replace(&mut self.rest, behind);
            self.keep(&tx, chunk).await?;
        }
        if self.size > LARGEST {
            let why = format!("it has more than {} MiB; ask for less time", LARGEST >> 20);
            return Err(Stopped::GivenUp(why));
        }
        Ok(repository::go_on(tx, self.tenant, self.id, (progress, self.events, self.size)).await?)
    }

    async fn complete(mut self) -> Result<(), Stopped> {
        let tx = self.mine().await?;
        let last = std::mem::take(&mut self.rest);
        if !last.is_empty() {
            self.keep(&tx, last).await?;
        }
        let sha256 = hex(&self.hash.finalize());
        let now = self.worker.seam().now();
        Ok(repository::complete(tx, self.tenant, self.id, (self.events, self.size, sha256), now).await?)
    }

    /// A transaction in which no other attempt begins.
    async fn mine(&self) -> Result<PlatformTx<Housekeeping>, Stopped> {
        let tx = self.worker.job::<Housekeeping>().platform().await?;
        let is_mine = repository::is_mine(&tx, self.tenant, self.id, self.number).await?;
        is_mine.then_some(tx).ok_or(Stopped::Overtaken)
    }

    async fn keep(&mut self, tx: &PlatformTx<Housekeeping>, chunk: Vec<u8>) -> Result<(), Stopped> {
        self.hash.update(&chunk);
        self.size += i64::try_from(chunk.len()).unwrap_or(i64::MAX);
        repository::add_chunk(tx, self.tenant, self.id, self.chunks, chunk).await?;
        self.chunks += 1;
        Ok(())
    }
}

/// Pages are set when all events are there, which takes a second or two of a processor: beside what answers requests.
async fn ended(form: Box<dyn Format>, mut out: Vec<u8>) -> Result<Vec<u8>, Stopped> {
    let ending = spawn_blocking(move || form.end(&mut out).map(|()| out));
    match ending.await {
        Ok(out) => Ok(out?),
        Err(ended) => Err(DbError::defect(ended).into()),
    }
}

/// How much of the time from the first event on is written, in percent; the last one is for the end.
fn progress(reached: Option<(DateTime<Utc>, DateTime<Utc>)>, to: DateTime<Utc>) -> i32 {
    let Some((first, reached)) = reached else { return 0 };
    let whole = (to - first).num_seconds().max(1);
    let percent = (reached - first).num_seconds().saturating_mul(100) / whole;
    i32::try_from(percent.clamp(0, 99)).unwrap_or(99)
}
