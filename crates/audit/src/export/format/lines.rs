//! JSON: a line an event, or one document with all of them.

use elder_api_types::{TenantId, audit_export::AuditExport};
use serde::Serialize;
use serde_json::json;

use super::{Entry, Format};
use crate::file::FormatError;

/// A line an event, or a proof.
pub(super) struct Lines;

impl Format for Lines {
    fn begin(&mut self, _: &mut Vec<u8>) -> Result<(), FormatError> {
        Ok(())
    }

    fn add(&mut self, entries: Vec<Entry>, out: &mut Vec<u8>) -> Result<(), FormatError> {
        for Entry { event, proof, .. } in entries {
            match proof {
                Some(proof) => line(out, &proof)?,
                None => line(out, &event)?,
            }
        }
        Ok(())
    }

    fn end(self: Box<Self>, _: &mut Vec<u8>) -> Result<(), FormatError> {
        Ok(())
    }
}

fn line(out: &mut Vec<u8>, value: &impl Serialize) -> Result<(), FormatError> {
    serde_json::to_writer(&mut *out, value)?;
    out.push(b'\n');
    Ok(())
}

/// One object: what was asked for, and the events.
pub(super) struct Document {
    head: serde_json::Value,
    is_first: bool,
}

impl Document {
    pub(super) fn of(tenant: TenantId, export: &AuditExport) -> Self {
        let AuditExport { filter, from, to, checkpoint, .. } = export;
        let head = json!({
            "tenant_id": tenant, "filter": filter, "from": from, "to": to, "checkpoint": checkpoint,
        });
        Self { head, is_first: true }
    }
}

impl Format for Document {
    fn begin(&mut self, out: &mut Vec<u8>) -> Result<(), FormatError> {
        serde_json::to_writer(&mut *out, &self.head)?;
        // The object goes on where it would have ended.
        out.pop();
        out.extend(b",\"events\":[");
        Ok(())
    }

    fn add(&mut self, entries: Vec<Entry>, out: &mut Vec<u8>) -> Result<(), FormatError> {
        for Entry { event, .. } in entries {
            out.extend(if self.is_first { b"\n".as_slice() } else { b",\n" });
            self.is_first = false;
            serde_json::to_writer(&mut *out, &event)?;
        }
        Ok(())
    }

    fn end(self: Box<Self>, out: &mut Vec<u8>) -> Result<(), FormatError> {
        out.extend(b"\n]}\n");
        Ok(())
    }
}
