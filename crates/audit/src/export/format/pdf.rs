//! Pages that a person would hand to an auditor: what was asked for, the checkpoint, and a table of the events.

use chrono::{DateTime, SecondsFormat, Utc};
use elder_api_types::{TenantId, audit::AuditEvent};

use super::{Entry, Format};
use crate::{
    export::service::writing::Exporting,
    file::{
        FormatError, details,
        pages::{Column, Flow},
    },
    note::Checkpoint,
};

/// Events on pages: more are for programs.
const MOST: usize = 10_000;
/// Letters of the details of an event.
const LONGEST: usize = 500;
const COLUMNS: [Column<'_>; 8] = [
    Column { title: "Place", width: 40.0 },
    Column { title: "Time (UTC)", width: 78.0 },
    Column { title: "Actor", width: 124.0 },
    Column { title: "Action", width: 112.0 },
    Column { title: "Resource", width: 124.0 },
    Column { title: "Outcome", width: 46.0 },
    Column { title: "Address", width: 68.0 },
    Column { title: "Details", width: 177.0 },
];
const NOTE: &str = "An event is in this log as it was sealed if its proof leads to the checkpoint above. Details are \
    shortened; the NDJSON export has them whole, with proofs if asked.";

/// The pages while their events come in.
pub(super) struct Pages {
    facts: Vec<(&'static str, String)>,
    foot: String,
    events: Vec<Vec<String>>,
}

impl Pages {
    pub(super) fn of(tenant: TenantId, exporting: &Exporting) -> Self {
        let Exporting { export, begun } = exporting;
        let from = export.from.map_or_else(|| "the beginning of the log".to_owned(), moment);
        let requester = match (&begun.requester, export.created_by) {
            (Some(email), Some(id)) => format!("{email} ({id})"),
            (None, Some(id)) => id.to_string(),
            (_, None) => "a program".to_owned(),
        };
        let signed: Option<Checkpoint> = export.checkpoint.as_ref().and_then(|note| note.parse().ok());
        let checkpoint = signed.as_ref().map_or_else(
            || "none: nothing was sealed".to_owned(),
            |signed| format!("{}, {} events, root {}", signed.origin, signed.size, signed.root),
        );
        let facts = vec![
            ("Tenant", format!("{} ({}, number {tenant})", begun.tenant_name, begun.tenant_slug)),
            ("Period", format!("{from} to {}", moment(export.to))),
            ("Filter", export.filter.clone().unwrap_or_else(|| "none: every event".to_owned())),
            ("Requested", format!("{} by {requester}", moment(export.created_at))),
            ("Export", export.id.to_string()),
            ("Checkpoint", checkpoint),
        ];
        let foot = format!("{} · {}", begun.tenant_name, export.id);
        Self { facts, foot, events: Vec::new() }
    }
}

impl Format for Pages {
    fn begin(&mut self, _: &mut Vec<u8>) -> Result<(), FormatError> {
        Ok(())
    }

    fn add(&mut self, entries: Vec<Entry>, _: &mut Vec<u8>) -> Result<(), FormatError> {
        self.events.extend(entries.into_iter().map(|Entry { event, seq, .. }| cells(seq, &event)));
        if self.events.len() > MOST { Err(FormatError::TooMany(MOST)) } else { Ok(()) }
    }

    fn end(self: Box<Self>, out: &mut Vec<u8>) -> Result<(), FormatError> {
        let Self { mut facts, foot, events } = *self;
        facts.insert(3, ("Events", events.len().to_string()));
        let mut flow = Flow::begin()?;
        flow.title("Audit log");
        flow.facts(facts.iter().map(|(label, text)| (*label, text.as_str())));
        flow.paragraph(NOTE);
        flow.table(&COLUMNS, &events);
        *out = flow.end("Audit log", &foot)?;
        Ok(())
    }
}

fn cells(seq: u64, event: &AuditEvent) -> Vec<String> {
    let actor = match (event.actor_user_id, event.actor_key_id) {
        (Some(user), Some(key)) => format!("{user} by key {key}"),
        (Some(user), None) => user.to_string(),
        (None, Some(key)) => format!("{} {key}", event.actor_type),
        (None, None) => event.actor_type.clone(),
    };
    let actor = match event.impersonator_id {
        Some(impersonator) => format!("{actor}, impersonated by {impersonator}"),
        None => actor,
    };
    let resource = event.resource_id.as_deref().unwrap_or_default();
    vec![
        seq.to_string(),
        event.timestamp.format("%Y-%m-%d %H:%M:%S%.3f").to_string(),
        actor,
        event.action.clone(),
        format!("{} {resource}", event.resource_type),
        event.outcome.clone(),
        event.actor_ip.clone().unwrap_or_default(),
        shortened(details(event)),
    ]
}

fn shortened(text: String) -> String {
    match text.char_indices().nth(LONGEST) {
        Some((end, _)) => format!("{}…", text.get(..end).unwrap_or_default()),
        None => text,
    }
}

fn moment(at: DateTime<Utc>) -> String {
    at.to_rfc3339_opts(SecondsFormat::Secs, true)
}
