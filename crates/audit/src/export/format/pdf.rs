//! Pages that a person would hand to an auditor: what was asked for, the checkpoint, and a table of the events.

use chrono::{DateTime, SecondsFormat, Utc};
use elder_api_types::{TenantId, audit::AuditEvent};
use serde_json::Value;

use super::{
    Entry, Format, FormatError,
    sheet::{HEIGHT, Sheet, Type, Types, WIDTH, document},
};
use crate::{export::service::writing::Begun, note::Checkpoint};

/// Events on pages: more are for programs.
const MOST: usize = 10_000;
/// Lines of a cell.
const TALLEST: usize = 12;
const MARGIN: f32 = 36.0;
const SIZE: f32 = 7.0;
const LEADING: f32 = 9.0;
/// Above and below the lines of a row.
const PAD: f32 = 2.5;
/// Between the lines of a cell and the next column.
const GAP: f32 = 6.0;
/// Where the table ends at the latest.
const FOOT: f32 = HEIGHT - MARGIN - 16.0;
const COLUMNS: [(&str, f32); 8] = [
    ("Place", 40.0),
    ("Time (UTC)", 78.0),
    ("Actor", 124.0),
    ("Action", 112.0),
    ("Resource", 124.0),
    ("Outcome", 46.0),
    ("Address", 68.0),
    ("Details", 177.0),
];

/// The pages while their events come in.
pub(super) struct Pages {
    facts: Vec<(&'static str, String)>,
    foot: String,
    events: Vec<[String; 8]>,
}

/// A row of the table, broken into lines.
struct TableRow {
    cells: Vec<Vec<String>>,
    height: f32,
}

impl Pages {
    pub(super) fn of(tenant: TenantId, begun: &Begun) -> Self {
        let export = &begun.export;
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
        let types = Types::load()?;
        let head = Head::of(&types, &facts);
        let rows = events.iter().map(|cells| broken(&types.regular, cells)).collect();
        let pages = paged(rows, head.height());
        let count = pages.len();
        *out = document("Audit log", count, |number, sheet| {
            let mut y = MARGIN;
            if number == 0 {
                y = head.draw(sheet, &types);
            }
            table(sheet, &types, y, pages.get(number).map_or(&[], Vec::as_slice));
            let foot_y = HEIGHT - MARGIN + 4.0;
            sheet.text(&types.regular, SIZE, (MARGIN, foot_y), &foot);
            sheet.text(
                &types.regular,
                SIZE,
                (WIDTH - MARGIN - 60.0, foot_y),
                &format!("Page {} of {count}", number + 1),
            );
        })?;
        Ok(())
    }
}

/// What stands over the table on the first page.
struct Head(Vec<(&'static str, Vec<String>)>);

impl Head {
    const LABEL: f32 = 70.0;
    const SIZE: f32 = 8.5;
    const LEADING: f32 = 12.0;
    const NOTE: &'static str = "An event is in this log as it was sealed if its proof leads to the checkpoint above. \
        Details are shortened; the NDJSON export has them whole, with proofs if asked.";

    fn of(types: &Types, facts: &[(&'static str, String)]) -> Self {
        let width = WIDTH - 2.0 * MARGIN - Self::LABEL;
        let broken =
            |(label, text): &(&'static str, String)| (*label, types.regular.lines(text, Self::SIZE, width));
        Self(facts.iter().map(broken).collect())
    }

    fn height(&self) -> f32 {
        self.0.iter().flat_map(|(_, lines)| lines).fold(54.0, |height, _| height + Self::LEADING)
    }

    /// Draws it, and says where the table begins.
    fn draw(&self, sheet: &mut Sheet<'_, '_>, types: &Types) -> f32 {
        sheet.text(&types.bold, 18.0, (MARGIN, MARGIN + 14.0), "Audit log");
        let mut y = MARGIN + 34.0;
        for (label, lines) in &self.0 {
            sheet.text(&types.bold, Self::SIZE, (MARGIN, y), label);
            for line in lines {
                sheet.text(&types.regular, Self::SIZE, (MARGIN + Self::LABEL, y), line);
                y += Self::LEADING;
            }
        }
        sheet.text(&types.regular, SIZE, (MARGIN, y + 2.0), Self::NOTE);
        MARGIN + self.height()
    }
}

/// Which rows stand on which page.
fn paged(rows: Vec<TableRow>, head: f32) -> Vec<Vec<TableRow>> {
    let title = LEADING + 2.0 * PAD;
    let (mut pages, mut y) = (vec![Vec::new()], MARGIN + head + title);
    for row in rows {
        if y + row.height > FOOT {
            pages.push(Vec::new());
            y = MARGIN + title;
        }
        y += row.height;
        if let Some(page) = pages.last_mut() {
            page.push(row);
        }
    }
    pages
}

fn table(sheet: &mut Sheet<'_, '_>, types: &Types, mut y: f32, rows: &[TableRow]) {
    let width = WIDTH - 2.0 * MARGIN;
    let title: Vec<_> = COLUMNS.iter().map(|(name, _)| vec![(*name).to_owned()]).collect();
    sheet.block((MARGIN, y), (width, LEADING + 2.0 * PAD), 225);
    cells_at(sheet, &types.bold, y, &title);
    y += LEADING + 2.0 * PAD;
    for row in rows {
        cells_at(sheet, &types.regular, y, &row.cells);
        y += row.height;
        sheet.block((MARGIN, y), (width, 0.4), 190);
    }
}

fn cells_at(sheet: &mut Sheet<'_, '_>, face: &Type, top: f32, cells: &[Vec<String>]) {
    let mut x = MARGIN + 2.0;
    for (lines, (_, width)) in cells.iter().zip(COLUMNS) {
        let mut y = top + PAD + SIZE;
        for line in lines {
            sheet.text(face, SIZE, (x, y), line);
            y += LEADING;
        }
        x += width;
    }
}

fn broken(face: &Type, cells: &[String; 8]) -> TableRow {
    let cell = |(text, (_, width)): (&String, (&str, f32))| {
        let mut lines = face.lines(text, SIZE, width - GAP);
        if lines.len() > TALLEST {
            lines.truncate(TALLEST - 1);
            lines.push("…".to_owned());
        }
        lines
    };
    let cells: Vec<_> = cells.iter().zip(COLUMNS).map(cell).collect();
    let tallest = cells.iter().map(Vec::len).max().unwrap_or_default();
    let height = (0..tallest).fold(2.0 * PAD, |height, _| height + LEADING);
    TableRow { cells, height }
}

fn cells(seq: u64, event: &AuditEvent) -> [String; 8] {
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
    [
        seq.to_string(),
        event.timestamp.format("%Y-%m-%d %H:%M:%S%.3f").to_string(),
        actor,
        event.action.clone(),
        format!("{} {resource}", event.resource_type),
        event.outcome.clone(),
        event.actor_ip.clone().unwrap_or_default(),
        details(event),
    ]
}

/// Why, what changed from what to what, and what else was noted.
fn details(event: &AuditEvent) -> String {
    let mut parts: Vec<String> = event.reason.iter().map(|reason| format!("reason: {reason}")).collect();
    for (field, change) in event.changes.as_object().into_iter().flatten() {
        let side = |name: &str| change.get(name).map_or_else(|| "–".to_owned(), plain);
        parts.push(format!("{field}: {} → {}", side("before"), side("after")));
    }
    for (name, value) in event.metadata.as_object().into_iter().flatten() {
        parts.push(format!("{name}: {}", plain(value)));
    }
    parts.join("; ")
}

fn plain(value: &Value) -> String {
    match value {
        Value::Null => "–".to_owned(),
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}

fn moment(at: DateTime<Utc>) -> String {
    at.to_rfc3339_opts(SecondsFormat::Secs, true)
}
