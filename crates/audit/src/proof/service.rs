//! Proofs from what is stored of the tree.

mod repository;

use std::{
    collections::{HashMap, HashSet},
    ops::Range,
};

use elder_access::{Authority, TenantConn, TenantTx, markers::AuditRead};
use elder_api_types::audit::AuditEvent;
use elder_kernel::TenantId;
use uuid::Uuid;

use super::{AuditConsistency, AuditProof, ConsistencyQuery};
use crate::{
    Error, checkpoint,
    event::{self, AuditEventId},
    seal::LEVELS_A_STEP,
    tree::{self, Digest, Subtree, full, joined, parts},
};

pub(super) async fn inclusion(tx: &TenantTx<AuditRead>, id: AuditEventId) -> Result<AuditProof, Error> {
    let (event, salt) = event::service::salted(tx, id).await?;
    let seq = repository::seq(tx, tx.tenant(), id).await?.ok_or(Error::NotSealed)?;
    let checkpoint = checkpoint::service::newest(tx).await?.ok_or(Error::NotSealed)?;
    let ranges = tree::inclusion(seq, checkpoint.size.unsigned_abs()).ok_or(Error::NotSealed)?;
    let path = path(tx, ranges).await?;
    Ok(AuditProof { tenant_id: tx.tenant(), event, salt, seq, path, checkpoint: checkpoint.note })
}

pub(super) async fn consistency(
    tx: &TenantTx<AuditRead>,
    asked: &ConsistencyQuery,
) -> Result<AuditConsistency, Error> {
    if asked.from > asked.to {
        return Err(Error::WrongOrder);
    }
    let from = checkpoint::service::of_size(tx, asked.from).await?;
    let to = checkpoint::service::of_size(tx, asked.to).await?;
    let ranges = tree::consistency(from.size.unsigned_abs(), to.size.unsigned_abs()).ok_or(Error::Broken)?;
    let path = path(tx, ranges).await?;
    Ok(AuditConsistency { from, to, path })
}

/// Hashes beside the ways of neighbours are the same: so many are remembered.
const MOST_REMEMBERED: usize = 100_000;

/// Proves many events to one checkpoint: what neighbours share is computed once.
pub(crate) struct Paths {
    size: u64,
    known: HashMap<Range<u64>, String>,
}

impl Paths {
    /// Proofs to the checkpoint over so many events.
    pub(crate) fn to(size: u64) -> Self {
        Self { size, known: HashMap::new() }
    }

    /// Proves events, given with their salts and places, to the checkpoint that `note` signs.
    ///
    /// # Errors
    /// [`Error::NotSealed`] for a place that the checkpoint does not cover; [`Error::Broken`], [`Error::Database`].
    pub(crate) async fn prove<A: Authority>(
        &mut self,
        tx: &TenantTx<A>,
        events: Vec<(AuditEvent, Uuid, u64)>,
        note: &str,
    ) -> Result<Vec<AuditProof>, Error> {
        let ranges = |seq| tree::inclusion(seq, self.size).ok_or(Error::NotSealed);
        let ways = events.iter().map(|(_, _, seq)| ranges(*seq)).collect::<Result<Vec<_>, _>>()?;
        if self.known.len() > MOST_REMEMBERED {
            self.known.clear();
        }
        let new: HashSet<_> = ways.iter().flatten().filter(|range| !self.known.contains_key(range)).collect();
        let new: Vec<Range<u64>> = new.into_iter().cloned().collect();
        let hashes = path(tx, new.clone()).await?;
        self.known.extend(new.into_iter().zip(hashes));
        let proof = |((event, salt, seq), way): ((_, _, _), Vec<Range<u64>>)| {
            let path = way.iter().map(|range| self.known.get(range).cloned());
            let path = path.collect::<Option<_>>().ok_or(Error::Broken)?;
            Ok(AuditProof { tenant_id: tx.tenant(), event, salt, seq, path, checkpoint: note.to_owned() })
        };
        events.into_iter().zip(ways).map(proof).collect()
    }
}

/// The hash over each range of leaves.
async fn path<A: Authority>(tx: &TenantTx<A>, ranges: Vec<Range<u64>>) -> Result<Vec<String>, Error> {
    let ranges: Vec<_> = ranges.into_iter().map(parts).collect();
    let subtrees: Vec<_> = ranges.iter().flatten().map(stored).collect();
    let mut hashes = repository::hashes(tx, tx.tenant(), &subtrees).await?.into_iter();
    let over = |parts: Vec<Subtree>| {
        let roots = hashes.by_ref().take(parts.len()).map(|children| full(&children));
        let hash: Option<Digest> = joined(&roots.collect::<Option<Vec<_>>>()?);
        hash.map(|hash| hash.to_string())
    };
    ranges.into_iter().map(over).collect::<Option<_>>().ok_or(Error::Broken)
}

/// The roots of the full subtrees to the left of a place, the largest first: the edge of the tree of so many leaves.
pub(crate) async fn edge(conn: &TenantConn, tenant: TenantId, size: u64) -> Result<Vec<Digest>, Error> {
    let subtrees: Vec<_> = parts(0..size).iter().map(stored).collect();
    let hashes = repository::hashes(conn, tenant, &subtrees).await?;
    hashes.iter().map(|children| full(children)).collect::<Option<_>>().ok_or(Error::Broken)
}

/// The stored subtrees that make up another: their step, and which of them.
fn stored(subtree: &Subtree) -> (u32, Range<u64>) {
    let more = subtree.level % LEVELS_A_STEP;
    let first = subtree.index << more;
    (subtree.level / LEVELS_A_STEP, first..first + (1 << more))
}
