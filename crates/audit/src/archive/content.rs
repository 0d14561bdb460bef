//! What an archive says: where in the log it begins, its events, the leaves between them, and a checkpoint that covers all.

use elder_api_types::{TenantId, audit::AuditEvent};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::ArchiveError;
use crate::{
    leaf,
    note::{Checkpoint, VerifierKey},
    places::Places,
    tree::{Digest, Edge},
    verify::{Sealed, Signed},
};

/// The first line.
#[derive(Serialize, Deserialize)]
pub(super) struct Head {
    pub(super) archive: Uuid,
    pub(super) tenant_id: TenantId,
    pub(super) month: String,
    pub(super) categories: Vec<String>,
    /// The place of the first leaf.
    pub(super) from: u64,
    /// The roots of the full subtrees to the left of it, the largest first.
    pub(super) edge: Vec<String>,
}

/// A leaf whose event is not in this archive.
#[derive(Serialize, Deserialize)]
pub(super) struct Blank {
    pub(super) seq: u64,
    pub(super) leaf: String,
}

/// What a line may be.
#[derive(Deserialize)]
#[serde(untagged)]
pub(super) enum Line {
    Head(Head),
    Event(Box<Sealed>),
    Checkpoint(Signed),
    Blank(Blank),
}

/// What was read of an archive so far, and whether it leads to its checkpoint.
pub(super) struct Check {
    archive: Uuid,
    tenant: TenantId,
    keys: Vec<VerifierKey>,
    edge: Option<Edge>,
    places: Places,
    is_signed: bool,
}

impl Check {
    pub(super) fn new(archive: Uuid, tenant: TenantId, keys: Vec<VerifierKey>) -> Self {
        Self { archive, tenant, keys, edge: None, places: Places::default(), is_signed: false }
    }

    /// The next line; an event of it is given back once it is known to be what its leaf says.
    pub(super) fn line(&mut self, line: Line) -> Result<Option<(AuditEvent, Uuid)>, ArchiveError> {
        match line {
            Line::Head(head) => self.begin(&head).map(|()| None),
            Line::Event(sealed) => {
                let Sealed { tenant_id, seq, event, salt, .. } = *sealed;
                let hash = leaf::hash(tenant_id, &event, salt);
                let hash = hash.map_err(|_| ArchiveError::Unsound("an event has no leaf"))?;
                if tenant_id != self.tenant {
                    return Err(ArchiveError::Unsound("an event is of another tenant"));
                }
                self.push(seq, hash)?;
                self.places.push(seq);
                Ok(Some((event, salt)))
            }
            Line::Blank(Blank { seq, leaf }) => {
                let hash = Digest::from_base64(&leaf).ok_or(ArchiveError::Unsound("a leaf is none"))?;
                self.push(seq, hash).map(|()| None)
            }
            Line::Checkpoint(Signed { checkpoint }) => self.compare(&checkpoint).map(|()| None),
        }
    }

    fn begin(&mut self, head: &Head) -> Result<(), ArchiveError> {
        if self.edge.is_some() || (head.archive, head.tenant_id) != (self.archive, self.tenant) {
            return Err(ArchiveError::Unsound("it is another archive"));
        }
        let peaks: Option<Vec<Digest>> = head.edge.iter().map(|peak| Digest::from_base64(peak)).collect();
        let bytes = peaks.map(|peaks| peaks.iter().flat_map(|peak| peak.0).collect::<Vec<_>>());
        let edge = bytes.and_then(|bytes| Edge::read(head.from, &bytes));
        self.edge = Some(edge.ok_or(ArchiveError::Unsound("its beginning is none"))?);
        Ok(())
    }

    fn push(&mut self, seq: u64, hash: Digest) -> Result<(), ArchiveError> {
        let edge = self.edge.as_mut().filter(|edge| edge.size() == seq && !self.is_signed);
        edge.ok_or(ArchiveError::Unsound("a leaf is missing"))?.push(hash, |_, _| ());
        Ok(())
    }

    fn compare(&mut self, note: &str) -> Result<(), ArchiveError> {
        let checkpoint = Checkpoint::open(note, &self.keys).map_err(ArchiveError::Checkpoint)?;
        let fits = self
            .edge
            .as_ref()
            .is_some_and(|edge| (edge.size(), edge.root()) == (checkpoint.size, checkpoint.root));
        if !fits {
            return Err(ArchiveError::Unsound("it does not lead to its checkpoint"));
        }
        self.is_signed = true;
        Ok(())
    }

    /// The places of the events, if a checkpoint covers them all.
    pub(super) fn end(self) -> Result<Places, ArchiveError> {
        if self.is_signed { Ok(self.places) } else { Err(ArchiveError::Unsound("it has no checkpoint")) }
    }
}
