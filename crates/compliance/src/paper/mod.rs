//! What a report looks like: a cover, sections of rows, figures; and its forms, which make bytes of that.

mod document;
mod pages;
mod table;

use elder_api_types::compliance_report::ComplianceReportFormat;
use elder_audit::file::FormatError;
use serde_json::Value;

/// Rows on pages: more are for programs.
pub(crate) const MOST: usize = 10_000;

/// A column of a section.
#[derive(Debug)]
pub(crate) struct Column {
    /// The name, for programs.
    pub(crate) key: &'static str,
    /// The title, for people.
    pub(crate) title: &'static str,
    /// Its breadth on pages; 0 if it is not on them.
    pub(crate) width: f32,
}

/// Rows of one form.
#[derive(Debug)]
pub(crate) struct Section {
    /// The name, for programs.
    pub(crate) key: &'static str,
    /// The title, for people.
    pub(crate) title: &'static str,
    /// What it has and what it has not.
    pub(crate) note: &'static str,
    /// What stands in place of no rows.
    pub(crate) empty: &'static str,
    /// The columns.
    pub(crate) columns: &'static [Column],
}

/// The values of a row, one a column: text, a number, null, or a list of texts.
pub(crate) type Cells = Vec<Value>;

/// What stands on the cover.
#[derive(Debug)]
pub(crate) struct Cover {
    /// What it is.
    pub(crate) title: String,
    /// What stands at the foot of each page.
    pub(crate) foot: String,
    /// What is said of it: a name for programs, a label, and what it has.
    pub(crate) facts: Vec<(&'static str, &'static str, String)>,
    /// How it can be tied to the log, and what it does not show.
    pub(crate) notes: Vec<String>,
    /// What comes in it.
    pub(crate) sections: &'static [&'static Section],
}

/// A number over all, and what it counts.
pub(crate) type Figure = (String, u64);

/// Makes the bytes of a report. What it has made is taken out of `out` while it goes on.
pub(crate) trait Form: Send + Sync {
    /// What comes before the first section.
    fn begin(&mut self, cover: &Cover, out: &mut Vec<u8>) -> Result<(), FormatError>;
    /// What comes before the first row of the section.
    fn open(&mut self, section: &'static Section, out: &mut Vec<u8>) -> Result<(), FormatError>;
    /// Rows of the section that is open.
    fn add(&mut self, rows: Vec<Cells>, out: &mut Vec<u8>) -> Result<(), FormatError>;
    /// What comes behind the last row.
    fn end(self: Box<Self>, figures: &[Figure], out: &mut Vec<u8>) -> Result<(), FormatError>;
}

/// The form that a report has.
pub(crate) fn of(format: ComplianceReportFormat) -> Box<dyn Form> {
    match format {
        ComplianceReportFormat::Json => Box::new(document::Document::default()),
        ComplianceReportFormat::Csv => Box::new(table::Table::default()),
        ComplianceReportFormat::Pdf => Box::new(pages::Pages::default()),
    }
}

/// A value as people read it.
fn text(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::String(text) => text.clone(),
        Value::Array(all) => all.iter().map(text).collect::<Vec<_>>().join("; "),
        other => other.to_string(),
    }
}
