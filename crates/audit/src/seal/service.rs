//! One batch after the other: what is new in all tenants, in one transaction with the checkpoints over it.

mod repository;

use std::{collections::BTreeMap, time::Duration};

use elder_access::{
    Action, Authority, Event, Job, PlatformTx, Work, Worker, Write,
    work::{Housekeeping, Shell},
};
use elder_crypto::Ed25519Key;
use elder_kernel::{Secret, TenantId};

use self::repository::{Batch, Key, NewEvent, State};
use super::{SealError, Snapshot, log_name};
use crate::{
    leaf,
    note::{self, Checkpoint},
    tree::{Digest, Edge, Subtree},
};

/// Events that are sealed at once: what waits beyond them waits for the next batch.
const MOST: i64 = 10_000;
/// Of every so many levels of a tree the full subtrees are kept.
pub(crate) const LEVELS_A_STEP: u32 = 8;

/// What became of a batch.
enum Outcome {
    /// Another node is sealing.
    Elsewhere,
    /// No key is there to sign with.
    NoKey,
    /// So many events; whether there may be more.
    Sealed(u64, bool),
}

/// What a batch adds to the tables.
#[derive(Default)]
struct Additions {
    leaves: Vec<(TenantId, u64, NewEvent, Digest)>,
    nodes: Vec<(TenantId, Subtree, Digest)>,
    checkpoints: Vec<(TenantId, Checkpoint, String)>,
    edges: Vec<(TenantId, Edge)>,
}

/// Seals all events that are committed and not sealed yet, and says how many. To be called once a second on every node:
/// where another node is at it, nothing is done. `origin` begins the names of the logs, from the first time on.
///
/// # Errors
/// [`SealError`]; what was sealed before stays sealed.
pub async fn seal(worker: &Worker, origin: &str) -> Result<u64, SealError> {
    seal_by(worker, origin, MOST).await
}

/// The same with batches of another size.
async fn seal_by(worker: &Worker, origin: &str, most: i64) -> Result<u64, SealError> {
    let mut sealed = 0;
    loop {
        match batch(worker, most).await? {
            Outcome::Elsewhere => return Ok(sealed),
            Outcome::NoKey => add_key(&worker.job::<Housekeeping>(), origin, true).await?,
            Outcome::Sealed(count, goes_on) => {
                sealed += count;
                if !goes_on {
                    return Ok(sealed);
                }
            }
        }
    }
}

/// How old the oldest event is that is committed and not sealed; no age if all are. It looks at few rows, however many wait,
/// and takes nothing that the sealer needs. In a database that was restored elsewhere it has to look for what has no leaf,
/// until the sealer has come through.
///
/// # Errors
/// [`SealError`].
pub async fn lag(worker: &Worker) -> Result<Duration, SealError> {
    let tx = worker.job::<Housekeeping>().platform().await?;
    let oldest = match repository::state(&tx).await?.seen {
        Some(seen) => repository::oldest(&tx, &seen).await?,
        None => repository::unsealed(&tx, 1).await?.events.first().map(|new| new.event.timestamp),
    };
    // A clock that runs behind the one that an event was written by makes no age.
    Ok(oldest.and_then(|oldest| (tx.seam().now() - oldest).to_std().ok()).unwrap_or_default())
}

/// Makes the next key: it signs from now on, and what was signed before is verified by the keys of before.
///
/// # Errors
/// [`SealError`].
pub async fn rotate_key(job: &Job<Shell>, origin: &str) -> Result<(), SealError> {
    add_key(job, origin, false).await
}

/// Makes a key; where only the `first` is wanted, none if another node was quicker.
async fn add_key<J: Work + Authority<Mode = Write>>(
    job: &Job<J>,
    origin: &str,
    first: bool,
) -> Result<(), SealError> {
    let tx = job.platform().await?;
    repository::wait(&tx).await?;
    if first && repository::state(&tx).await?.key.is_some() {
        return Ok(());
    }
    let private = Ed25519Key::generate()?;
    let public = Ed25519Key::from_pkcs8(&private)?.public();
    let sealed_private = tx.seal(&place(&public.0), private.expose());
    let now = tx.seam().now();
    repository::add_key(&tx, Key { public: public.0.to_vec(), sealed_private }, now, origin).await?;
    let event = Event::about(Action::AuditKeyCreated, Digest(public.0).to_string());
    Ok(tx.commit(TenantId::SYSTEM, event).await?)
}

/// What a sealed key is bound to.
fn place(public: &[u8]) -> String {
    format!("audit_signing_keys/sealed_private/{}", crate::hex::hex(public))
}

/// What signs in the name of the logs.
pub struct Signer {
    origin: String,
    key: Ed25519Key,
}

impl Signer {
    /// The name of a tenant's log.
    pub fn log(&self, tenant: TenantId) -> String {
        log_name(&self.origin, tenant)
    }

    /// Signs a text, which ends with a line break, in the name of a tenant's log (C2SP `signed-note`).
    pub fn sign(&self, tenant: TenantId, text: &str) -> String {
        note::signed(&self.log(tenant), text, &self.key)
    }
}

/// What signs now; none before the first event was sealed.
///
/// # Errors
/// [`SealError`].
pub async fn signer<A: Authority>(tx: &PlatformTx<A>) -> Result<Option<Signer>, SealError> {
    let State { origin: Some(origin), key: Some(key), .. } = repository::state(tx).await? else {
        return Ok(None);
    };
    let private = Secret::new(tx.unseal(&place(&key.public), &key.sealed_private)?);
    Ok(Some(Signer { origin, key: Ed25519Key::from_pkcs8(&private)? }))
}

async fn batch(worker: &Worker, most: i64) -> Result<Outcome, SealError> {
    let tx = worker.job::<Housekeeping>().platform().await?;
    if !repository::is_free(&tx).await? {
        return Ok(Outcome::Elsewhere);
    }
    // Only now: what the one before has written is seen by a statement that begins after it has let go.
    let State { origin: Some(origin), key: Some(key), seen, cluster } = repository::state(&tx).await? else {
        return Ok(Outcome::NoKey);
    };
    let is_known = seen.is_some();
    let Batch { events, now, last } = match seen {
        Some(seen) => repository::since(&tx, &seen, most).await?,
        None => repository::unsealed(&tx, most).await?,
    };
    let count = events.len() as u64;
    if count == 0 && is_known {
        return Ok(Outcome::Sealed(0, false));
    }
    let is_full = last.is_some();
    let seen = match (is_known, last) {
        (true, Some(last)) => Some(now.up_to(last)),
        // While it is looked for what has no leaf at all, only the end of that is a moment to go on from.
        (false, Some(_)) => None,
        (_, None) => Some(now),
    };
    let private = Secret::new(tx.unseal(&place(&key.public), &key.sealed_private)?);
    let key = Ed25519Key::from_pkcs8(&private)?;
    let additions = append(&tx, &origin, &key, events).await?;
    write(tx, &additions, seen.as_ref(), cluster).await?;
    Ok(Outcome::Sealed(count, is_full))
}

/// Appends events to the trees of their tenants, by their time within the batch.
async fn append(
    tx: &PlatformTx<Housekeeping>,
    origin: &str,
    key: &Ed25519Key,
    events: Vec<NewEvent>,
) -> Result<Additions, SealError> {
    let mut by_tenant: BTreeMap<TenantId, Vec<NewEvent>> = BTreeMap::new();
    for event in events {
        by_tenant.entry(event.tenant).or_default().push(event);
    }
    let mut edges = repository::edges(tx, by_tenant.keys()).await?;
    let mut additions = Additions::default();
    for (tenant, mut events) in by_tenant {
        events.sort_by_key(|new| (new.event.timestamp, new.event.id));
        let mut edge = edges.remove(&tenant).unwrap_or_default();
        for new in events {
            let hash =
                leaf::hash(tenant, &new.event, new.salt).map_err(|fault| SealError::Event(tenant, fault))?;
            additions.leaves.push((tenant, edge.size(), new, hash));
            edge.push(hash, |subtree, hash| {
                if subtree.level > 0 && subtree.level.is_multiple_of(LEVELS_A_STEP) {
                    additions.nodes.push((tenant, subtree, hash));
                }
            });
        }
        let checkpoint =
            Checkpoint { origin: log_name(origin, tenant), size: edge.size(), root: edge.root() };
        let note = checkpoint.sign(key);
        additions.checkpoints.push((tenant, checkpoint, note));
        additions.edges.push((tenant, edge));
    }
    Ok(additions)
}

async fn write(
    tx: PlatformTx<Housekeeping>,
    additions: &Additions,
    seen: Option<&Snapshot>,
    cluster: i64,
) -> Result<(), SealError> {
    let Additions { leaves, nodes, checkpoints, edges } = additions;
    let now = tx.seam().now();
    repository::add_leaves(&tx, leaves).await?;
    repository::add_nodes(&tx, nodes).await?;
    repository::add_checkpoints(&tx, checkpoints, now).await?;
    repository::set_edges(&tx, edges).await?;
    Ok(repository::go_on(tx, seen, cluster).await?)
}
