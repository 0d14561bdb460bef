//! The log in the database: verified, and exported with all that verifies it elsewhere.

mod repository;

use std::io::Write;

use elder_access::{Action, Event, Job, PlatformConn, work::Shell};
use elder_crypto::Ed25519Public;
use elder_kernel::TenantId;

pub(crate) use self::repository::{StoredLeaf, leaves};

use self::repository::Extent;
use super::{
    Examination, Finding, Leaf, Report, VerifyError,
    export::{Removed, Sealed, Signed},
};
use crate::{
    leaf,
    note::{Checkpoint, VerifierKey},
    seal::log_name,
    tree::Digest,
};

/// Leaves that are read at once.
const PAGE: u64 = 5_000;

/// The keys that the database has for the log of a tenant, the newest first.
///
/// # Errors
/// [`VerifyError`].
pub async fn keys(job: &Job<Shell>, tenant: TenantId) -> Result<Vec<VerifierKey>, VerifyError> {
    keys_for(&*job.platform().await?, tenant).await
}

/// The same within a transaction.
pub(crate) async fn keys_for(conn: &PlatformConn, tenant: TenantId) -> Result<Vec<VerifierKey>, VerifyError> {
    let keys = repository::keys(conn).await?.into_iter().map(|(origin, public)| {
        let public = Ed25519Public(public.try_into().map_err(|_| VerifyError::Key)?);
        Ok(VerifierKey { name: log_name(&origin, tenant), public })
    });
    keys.collect()
}

/// The newest checkpoint of a tenant, to be kept elsewhere.
///
/// # Errors
/// [`VerifyError`].
pub async fn newest(job: &Job<Shell>, tenant: TenantId) -> Result<Option<String>, VerifyError> {
    let tx = job.platform().await?;
    let signed = repository::extent(&tx, tenant).await?.signed;
    let last = repository::checkpoints(&tx, tenant, signed.saturating_sub(1), signed).await?.pop();
    Ok(last.map(|(_, note)| note))
}

/// Verifies the whole log of a tenant against its events, its checkpoints and those that were `kept` elsewhere. The keys
/// should come from elsewhere too: who can write to the database can write keys.
///
/// # Errors
/// [`VerifyError`].
pub async fn verify(
    job: &Job<Shell>,
    tenant: TenantId,
    keys: &[VerifierKey],
    kept: &[Checkpoint],
) -> Result<Report, VerifyError> {
    let mut examination = Examination::new(keys, kept);
    let tx = job.platform().await?;
    let Extent { leaves, signed } = repository::extent(&tx, tenant).await?;
    let mut from = 0;
    while from < leaves {
        let to = (from + PAGE).min(leaves);
        let page = repository::leaves(&tx, tenant, from, to).await?;
        let mut checkpoints = repository::checkpoints(&tx, tenant, from, to).await?.into_iter().peekable();
        for StoredLeaf { seq, id, timestamp, hash, event, removal } in page {
            if let Some((event, _)) = &event {
                examination.hear(event);
            }
            let event = event.and_then(|(event, salt)| leaf::hash(tenant, &event, salt).ok());
            examination.leaf(Leaf { seq, id, timestamp, stored: Some(hash), event, removal });
            while let Some((size, note)) = checkpoints.next_if(|(size, _)| *size <= seq + 1) {
                examination.checkpoint(size, &note);
            }
        }
        from = to;
    }
    for (id, timestamp) in repository::never_sealed(&tx, tenant).await? {
        examination.found(Finding::Inserted { id, timestamp });
    }
    Ok(examination.end(signed))
}

/// Writes the whole log of a tenant, one JSON object a line, and says how many events it has. That it was exported is an
/// event of its own.
///
/// # Errors
/// [`VerifyError`].
pub async fn export(job: &Job<Shell>, tenant: TenantId, out: &mut dyn Write) -> Result<u64, VerifyError> {
    let tx = job.platform().await?;
    let Extent { leaves, .. } = repository::extent(&tx, tenant).await?;
    let (mut from, mut count) = (0, 0);
    while from < leaves {
        let to = (from + PAGE).min(leaves);
        let page = repository::leaves(&tx, tenant, from, to).await?;
        let mut checkpoints = repository::checkpoints(&tx, tenant, from, to).await?.into_iter().peekable();
        for StoredLeaf { seq, id, timestamp, hash, event, removal } in page {
            let leaf = hash.to_string();
            match (event, removal) {
                (Some((event, salt)), _) => {
                    let leaf = Some(leaf);
                    write(out, &Sealed { tenant_id: tenant, seq, event, salt, leaf, removal })?;
                    count += 1;
                }
                (None, Some(removal)) => write(out, &Removed { seq, id, timestamp, leaf, removal })?,
                // What is gone without a record leaves a gap in the file, as it does in the log.
                (None, None) => {}
            }
            while let Some((_, note)) = checkpoints.next_if(|(size, _)| *size <= seq + 1) {
                write(out, &Signed { checkpoint: note })?;
            }
        }
        from = to;
    }
    out.flush()?;
    let event = Event::about(Action::AuditExported, tenant.to_string()).with("events", count);
    tx.commit(tenant, event).await?;
    Ok(count)
}

fn write<T: serde::Serialize>(out: &mut dyn Write, line: &T) -> Result<(), VerifyError> {
    let text = serde_json::to_string(line).map_err(std::io::Error::from)?;
    Ok(writeln!(out, "{text}")?)
}
