//! Carries what is sealed to where streams lead: batch after batch, and the cursor only behind what has arrived.
//!
//! A batch that may or may not have arrived is sent again: each event comes at least once, and its place in the log tells
//! who has seen it. No transaction is open while a target is spoken to.

use chrono::TimeDelta;
use elder_access::{DbError, Job, Worker, work::Housekeeping};
use elder_kernel::TenantId;
use futures_util::future::join_all;

use super::{opened, repository, repository::Stored};
use crate::{
    event::service::selected,
    stream::{
        AuditStream, AuditStreamId, Targets,
        target::{Batch, Sent, gathers},
    },
    tail,
};

/// Streams that are looked after at once.
const AT_ONCE: i64 = 16;
/// Events of one batch.
const BATCH: u64 = 200;
/// Batches of one stream before another has its turn.
const BATCHES: usize = 25;
/// How long a node has a stream to itself: longer than a batch may take.
const LEASE: TimeDelta = TimeDelta::minutes(1);
/// The longest pause after failures.
const LONGEST_PAUSE: TimeDelta = TimeDelta::minutes(5);
/// Characters of an error that are kept.
const LONGEST_ERROR: usize = 300;

/// What a round has done.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Delivered {
    /// Batches that have arrived.
    pub batches: usize,
    /// Streams that have failed.
    pub failed: usize,
}

/// What became of a batch.
enum Outcome {
    Arrived,
    /// Nothing was left to send.
    Done,
    Failed,
    /// The stream was changed, deleted, or is in other hands.
    Elsewhere,
}

/// Sends what is new to every stream whose turn it is. To be called about once a second on every node.
///
/// # Errors
/// [`DbError`]; what has arrived before is noted.
pub async fn deliver_streams(worker: &Worker, targets: &Targets) -> Result<Delivered, DbError> {
    let job = worker.job::<Housekeeping>();
    let lease = job.seam().now() + LEASE;
    let due = repository::take(job.platform().await?, AT_ONCE, lease).await?;
    let turns = due.into_iter().map(|(tenant, id)| turn(&job, targets, tenant, id));
    let mut whole = Delivered::default();
    for delivered in join_all(turns).await {
        let Delivered { batches, failed } = delivered?;
        whole.batches += batches;
        whole.failed += failed;
    }
    Ok(whole)
}

/// The batches of one stream.
async fn turn(
    job: &Job<Housekeeping>,
    targets: &Targets,
    tenant: TenantId,
    id: AuditStreamId,
) -> Result<Delivered, DbError> {
    let mut delivered = Delivered::default();
    for _ in 0..BATCHES {
        match batch(job, targets, tenant, id).await? {
            Outcome::Arrived => delivered.batches += 1,
            Outcome::Failed => {
                delivered.failed += 1;
                break;
            }
            Outcome::Done | Outcome::Elsewhere => break,
        }
    }
    if delivered.batches == BATCHES {
        repository::leave(job.platform().await?, tenant, id).await?;
    }
    Ok(delivered)
}

async fn batch(
    job: &Job<Housekeeping>,
    targets: &Targets,
    tenant: TenantId,
    id: AuditStreamId,
) -> Result<Outcome, DbError> {
    // By the role that sees this tenant alone.
    let tx = job.begin(tenant).await?;
    let Some(stored) = repository::find(&tx, tenant, id).await? else { return Ok(Outcome::Elsewhere) };
    let Stored { stream, .. } = &stored;
    if !stream.is_active {
        return Ok(Outcome::Elsewhere);
    }
    let from = stream.cursor.unsigned_abs();
    let to = from + stream.lag.unsigned_abs().min(BATCH);
    if from == to {
        return Ok(Outcome::Done);
    }
    let told = tail::between(&tx, from, to).await?;
    let missing = (to - from).saturating_sub(told.len() as u64);
    let secret = opened(&tx, &stored);
    let selection = selected(stream.filter.as_deref());
    drop(tx);
    let (secret, selection) = match (secret, selection) {
        (Ok(secret), Ok(selection)) => (secret, selection),
        (Err(error), _) | (_, Err(error)) => return failed(job, tenant, stream, &error.to_string()).await,
    };
    let wanted = told.into_iter().filter(|told| selection.admits(&told.event));
    let events: Vec<_> = wanted.map(|told| Sent { seq: told.size - 1, event: told.event }).collect();
    let now = job.seam().now();
    let batch = Batch { tenant, stream: id, from, to, events: &events, now };
    // Where the filter lets nothing through, nobody need hear of it.
    if !events.is_empty()
        && let Err(error) = targets.send(&stream.target, secret.as_ref(), &batch).await
    {
        return failed(job, tenant, stream, &error.to_string()).await;
    }
    if missing > 0 {
        tracing::warn!(%tenant, stream = %id, missing, "events were gone before a stream could send them");
    }
    // While there is more, it stays with this node.
    let is_all = stream.lag.unsigned_abs() == to - from;
    let next = job.seam().now() + if is_all { gathers(&stream.target) } else { LEASE };
    let is_noted = repository::arrived(job.platform().await?, tenant, stream, (to, missing), next).await?;
    Ok(if is_noted { Outcome::Arrived } else { Outcome::Elsewhere })
}

/// Notes a failure; the next try comes after a pause that doubles.
async fn failed(
    job: &Job<Housekeeping>,
    tenant: TenantId,
    stream: &AuditStream,
    why: &str,
) -> Result<Outcome, DbError> {
    let why: String = why.chars().filter(|letter| !letter.is_control()).take(LONGEST_ERROR).collect();
    let doubled = 1_i64 << stream.failures.clamp(0, 16);
    let pause = TimeDelta::seconds(doubled).min(LONGEST_PAUSE);
    repository::failed(job.platform().await?, tenant, stream, &why, job.seam().now() + pause).await?;
    Ok(Outcome::Failed)
}
