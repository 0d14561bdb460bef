//! An export: one line an event in the order of the log, and between them the checkpoints; verified without a database.

use std::io::BufRead;

use elder_api_types::{TenantId, audit::AuditEvent};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::{Examination, Finding, Leaf, Report, VerifyError};
use crate::{
    leaf,
    note::{Checkpoint, InvalidNote, VerifierKey},
    tree::{Digest, root_of},
};

/// An event as an export has it.
#[derive(Serialize, Deserialize)]
pub(super) struct Sealed {
    pub(super) tenant_id: TenantId,
    pub(super) seq: u64,
    pub(super) event: AuditEvent,
    pub(super) salt: Uuid,
    /// The hash that was sealed: by it an event that was changed in the file can be named.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) leaf: Option<String>,
}

/// A checkpoint over all events before it.
#[derive(Serialize, Deserialize)]
pub(super) struct Signed {
    pub(super) checkpoint: String,
}

/// What a line may be. A proof is what `GET /api/v2/audit/events/{event_id}/proof` answers.
#[derive(Deserialize)]
#[serde(untagged)]
enum Line {
    Proof {
        #[serde(flatten)]
        sealed: Sealed,
        path: Vec<String>,
        checkpoint: String,
    },
    Event(Sealed),
    Checkpoint(Signed),
}

/// Verifies an export, with nothing but the key and perhaps a checkpoint (`anchor`) that was kept elsewhere.
///
/// # Errors
/// [`VerifyError`] if the file cannot be read or the checkpoint is not good.
pub fn verify_export(
    lines: impl BufRead,
    keys: &[VerifierKey],
    anchor: Option<&str>,
) -> Result<Report, VerifyError> {
    let anchor = anchor.map(|note| Checkpoint::open(note, keys)).transpose().map_err(VerifyError::Anchor)?;
    let mut examination = Examination::new(keys, anchor.as_ref());
    let (mut signed, mut only_proofs) = (0, true);
    for (number, line) in lines.lines().enumerate() {
        let line = line?;
        if line.trim().is_empty() {
            continue;
        }
        let line = serde_json::from_str(&line).map_err(|fault| VerifyError::Line(number + 1, fault))?;
        only_proofs &= matches!(line, Line::Proof { .. });
        match line {
            Line::Proof { sealed, path, checkpoint } => {
                let proven = is_proven(&sealed, &path, &checkpoint, keys, anchor.as_ref());
                examination.proven(sealed.seq, sealed.event.id, proven);
            }
            Line::Event(sealed) => {
                let hash = leaf::hash(sealed.tenant_id, &sealed.event, sealed.salt).ok();
                let stored = sealed.leaf.as_deref().and_then(Digest::from_base64);
                let AuditEvent { id, timestamp, .. } = sealed.event;
                examination.leaf(Leaf { seq: sealed.seq, id, timestamp, stored, event: hash });
            }
            Line::Checkpoint(Signed { checkpoint: note }) => match Checkpoint::open(&note, keys) {
                Ok(checkpoint) => {
                    signed = signed.max(checkpoint.size);
                    examination.checkpoint(checkpoint.size, &note);
                }
                Err(why) => forged(&mut examination, why),
            },
        }
    }
    // Proofs stand by themselves: they say nothing of how long the log is.
    if only_proofs {
        examination.forget_anchor();
    }
    Ok(examination.end(signed))
}

fn forged(examination: &mut Examination<'_>, why: InvalidNote) {
    let size = examination.size();
    examination.found(Finding::Forged { size, why });
}

/// Whether the path leads from the event to the root that its checkpoint, or the one kept elsewhere, has.
fn is_proven(
    sealed: &Sealed,
    path: &[String],
    note: &str,
    keys: &[VerifierKey],
    anchor: Option<&Checkpoint>,
) -> bool {
    let Ok(checkpoint) = Checkpoint::open(note, keys) else { return false };
    let contradicts = |anchor: &Checkpoint| anchor.size == checkpoint.size && anchor.root != checkpoint.root;
    let path: Option<Vec<_>> = path.iter().map(|hash| Digest::from_base64(hash)).collect();
    let hash = leaf::hash(sealed.tenant_id, &sealed.event, sealed.salt);
    let (Some(path), Ok(hash)) = (path, hash) else { return false };
    let root = root_of(hash, sealed.seq, checkpoint.size, &path);
    root == Ok(checkpoint.root) && !anchor.is_some_and(contradicts)
}
