//! A table (RFC 4180) that a spreadsheet may open: no cell of it begins a formula.

use std::borrow::Cow;

use chrono::SecondsFormat;
use csv::{QuoteStyle, Terminator, Writer, WriterBuilder};
use elder_api_types::audit::AuditEvent;

use super::{Entry, Format, FormatError};

/// With these, in ASCII or full width, a spreadsheet begins a formula (OWASP, CSV injection; ASVS 1.2.10).
const BEGINS_FORMULA: [char; 8] = ['=', '+', '-', '@', '\u{ff1d}', '\u{ff0b}', '\u{ff0d}', '\u{ff20}'];

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

fn writer(out: &mut Vec<u8>) -> Writer<&mut Vec<u8>> {
    WriterBuilder::new().quote_style(QuoteStyle::Always).terminator(Terminator::CRLF).from_writer(out)
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

/// The cell with an apostrophe before it, if a spreadsheet might compute it. What it skips at the beginning counts too:
/// blanks, tabs, ends of lines and other control characters.
fn harmless(cell: &str) -> Cow<'_, str> {
    let is_skipped = |letter: char| letter.is_whitespace() || letter.is_control() || letter == '\u{feff}';
    let begins_so = cell.starts_with(['\t', '\r', '\n', '\0']);
    if begins_so || cell.trim_start_matches(is_skipped).starts_with(BEGINS_FORMULA) {
        return format!("'{cell}").into();
    }
    cell.into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn w_26_what_begins_a_formula_is_made_text_and_all_else_stays() {
        for formula in [
            "=HYPERLINK(\"https://evil.example\")",
            "+1",
            "-1",
            "@SUM(A1)",
            "\t=1",
            "\r=1",
            "\tx",
            " =1",
            "\u{feff}=1",
            "\u{a0}@x",
            "\u{ff1d}1",
            "\0=1",
        ] {
            assert_eq!(harmless(formula), format!("'{formula}"), "{formula:?}");
        }
        for plain in ["", "ada", "a=b", "1", "'=1", "{\"a\":1}", "\"quoted\"", "x\n=1"] {
            assert_eq!(harmless(plain), plain);
        }
    }
}
