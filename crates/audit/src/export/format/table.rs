//! A table that a spreadsheet may open.

use chrono::SecondsFormat;
use elder_api_types::audit::AuditEvent;

use super::{Entry, Format};
use crate::file::{
    FormatError,
    cells::{harmless, writer},
};

const HEAD: [&str; 19] = [
    "seq",
    "id",
    "timestamp",
    "actor_type",
    "actor_user_id",
    "actor_key_id",
    "impersonator_id",
    "actor_ip",
    "actor_user_agent",
    "action",
    "category",
    "resource_type",
    "resource_id",
    "organization_id",
    "outcome",
    "reason",
    "correlation_id",
    "changes",
    "metadata",
];

pub(super) struct Table;

impl Format for Table {
    fn begin(&mut self, out: &mut Vec<u8>) -> Result<(), FormatError> {
        Ok(writer(out).write_record(HEAD)?)
    }

    fn add(&mut self, entries: Vec<Entry>, out: &mut Vec<u8>) -> Result<(), FormatError> {
        let mut writer = writer(out);
        for Entry { event, seq, .. } in entries {
            let cells = cells(seq, event);
            writer.write_record(cells.iter().map(|cell| harmless(cell).into_owned()))?;
        }
        Ok(writer.flush().map_err(csv::Error::from)?)
    }

    fn end(self: Box<Self>, _: &mut Vec<u8>) -> Result<(), FormatError> {
        Ok(())
    }
}

fn cells(seq: u64, event: AuditEvent) -> [String; 19] {
    fn text(value: Option<impl ToString>) -> String {
        value.map(|value| value.to_string()).unwrap_or_default()
    }
    [
        seq.to_string(),
        event.id.to_string(),
        event.timestamp.to_rfc3339_opts(SecondsFormat::Micros, true),
        event.actor_type,
        text(event.actor_user_id),
        text(event.actor_key_id),
        text(event.impersonator_id),
        text(event.actor_ip),
        text(event.actor_user_agent),
        event.action,
        event.category,
        event.resource_type,
        text(event.resource_id),
        text(event.organization_id),
        event.outcome,
        text(event.reason),
        event.correlation_id,
        event.changes.to_string(),
        event.metadata.to_string(),
    ]
}
