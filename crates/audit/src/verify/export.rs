//! An export: one line an event in the order of the log, and between them the checkpoints; verified without a database.

use std::io::BufRead;

use chrono::{DateTime, Utc};
use elder_api_types::{AuditEventId, TenantId, audit::AuditEvent};
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
pub(crate) struct Sealed {
    pub(crate) tenant_id: TenantId,
    pub(crate) seq: u64,
    pub(crate) event: AuditEvent,
    pub(crate) salt: Uuid,
    /// The hash that was sealed: by it an event that was changed in the file can be named.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) leaf: Option<String>,
    /// By which removal it should be gone, if by one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) removal: Option<Uuid>,
}

/// An event that retention has taken out: its leaf is left.
#[derive(Serialize, Deserialize)]
pub(super) struct Removed {
    pub(super) seq: u64,
    pub(super) id: AuditEventId,
    pub(super) timestamp: DateTime<Utc>,
    pub(super) leaf: String,
    pub(super) removal: Uuid,
}

/// A checkpoint over all events before it.
#[derive(Serialize, Deserialize)]
pub(crate) struct Signed {
    pub(crate) checkpoint: String,
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
    Removed(Removed),
    Checkpoint(Signed),
}

/// Verifies an export, with nothing but the keys and the checkpoints that were `kept` elsewhere.
///
/// # Errors
/// [`VerifyError`] if the file cannot be read.
pub fn verify_export(
    lines: impl BufRead,
    keys: &[VerifierKey],
    kept: &[Checkpoint],
) -> Result<Report, VerifyError> {
    let mut examination = Examination::new(keys, kept);
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
                let proven = is_proven(&sealed, &path, &checkpoint, keys, kept);
                examination.proven(sealed.seq, sealed.event.id, proven);
            }
            Line::Event(sealed) => {
                let hash = leaf::hash(sealed.tenant_id, &sealed.event, sealed.salt).ok();
                let stored = sealed.leaf.as_deref().and_then(Digest::from_base64);
                examination.hear(&sealed.event);
                let (AuditEvent { id, timestamp, .. }, removal) = (sealed.event, sealed.removal);
                examination.leaf(Leaf { seq: sealed.seq, id, timestamp, stored, event: hash, removal });
            }
            Line::Removed(Removed { seq, id, timestamp, leaf, removal }) => {
                let (stored, removal) = (Digest::from_base64(&leaf), Some(removal));
                examination.leaf(Leaf { seq, id, timestamp, stored, event: None, removal });
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
        examination.forget_kept();
    }
    Ok(examination.end(signed))
}

fn forged(examination: &mut Examination<'_>, why: InvalidNote) {
    let size = examination.size();
    examination.found(Finding::Forged { size, why });
}

/// The checkpoints of one log in what was kept elsewhere: one note, or lines as they are copied to a second place, which
/// may be of other logs too.
///
/// # Errors
/// [`VerifyError::Kept`] if one claims to be of this log and is not good, or none is of it.
pub fn kept(text: &str, keys: &[VerifierKey]) -> Result<Vec<Checkpoint>, VerifyError> {
    let notes = if text.trim_start().starts_with('{') {
        let line = |(number, line)| {
            let signed: Result<Signed, _> = serde_json::from_str(line);
            signed.map(|signed| signed.checkpoint).map_err(|fault| VerifyError::Line(number + 1, fault))
        };
        text.lines().enumerate().map(line).collect::<Result<_, _>>()?
    } else {
        vec![text.to_owned()]
    };
    let mut kept = Vec::new();
    for note in notes {
        match Checkpoint::open(&note, keys) {
            Ok(checkpoint) => kept.push(checkpoint),
            Err(InvalidNote::UnknownKey) => {}
            Err(why) => return Err(VerifyError::Kept(why)),
        }
    }
    if kept.is_empty() { Err(VerifyError::Kept(InvalidNote::UnknownKey)) } else { Ok(kept) }
}

/// Whether the path leads from the event to the root that its checkpoint, or the one kept elsewhere, has.
fn is_proven(
    sealed: &Sealed,
    path: &[String],
    note: &str,
    keys: &[VerifierKey],
    kept: &[Checkpoint],
) -> bool {
    let Ok(checkpoint) = Checkpoint::open(note, keys) else { return false };
    let contradicts = |kept: &Checkpoint| kept.size == checkpoint.size && kept.root != checkpoint.root;
    let path: Option<Vec<_>> = path.iter().map(|hash| Digest::from_base64(hash)).collect();
    let hash = leaf::hash(sealed.tenant_id, &sealed.event, sealed.salt);
    let (Some(path), Ok(hash)) = (path, hash) else { return false };
    let root = root_of(hash, sealed.seq, checkpoint.size, &path);
    root == Ok(checkpoint.root) && !kept.iter().any(contradicts)
}
