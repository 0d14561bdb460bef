//! Proofs from what is stored of the tree.

mod repository;

use std::ops::Range;

use elder_access::{TenantConn, TenantTx, markers::AuditRead};
use elder_kernel::TenantId;

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

/// The hash over each range of leaves.
async fn path(tx: &TenantTx<AuditRead>, ranges: Vec<Range<u64>>) -> Result<Vec<String>, Error> {
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
