//! JSON: one object, with a list of objects for each section.

use elder_audit::file::FormatError;
use serde_json::{Map, Value, json};

use super::{Cells, Cover, Figure, Form, Section};

#[derive(Default)]
pub(super) struct Document {
    section: Option<&'static Section>,
    is_first: bool,
}

impl Document {
    fn close(&mut self, out: &mut Vec<u8>) {
        if self.section.take().is_some() {
            out.extend(b"\n]");
        }
    }
}

impl Form for Document {
    fn begin(&mut self, cover: &Cover, out: &mut Vec<u8>) -> Result<(), FormatError> {
        let facts: Map<String, Value> =
            cover.facts.iter().map(|(key, _, text)| ((*key).to_owned(), json!(text))).collect();
        let head = json!({ "title": cover.title, "report": facts, "notes": cover.notes });
        serde_json::to_writer(&mut *out, &head)?;
        // The object goes on where it would have ended.
        out.pop();
        Ok(())
    }

    fn open(&mut self, section: &'static Section, out: &mut Vec<u8>) -> Result<(), FormatError> {
        self.close(out);
        self.section = Some(section);
        self.is_first = true;
        out.extend(format!(",\n\"{}\":[", section.key).as_bytes());
        Ok(())
    }

    fn add(&mut self, rows: Vec<Cells>, out: &mut Vec<u8>) -> Result<(), FormatError> {
        let columns = self.section.map_or(&[][..], |section| section.columns);
        for row in rows {
            out.extend(if self.is_first { b"\n".as_slice() } else { b",\n" });
            self.is_first = false;
            let named: Map<String, Value> =
                columns.iter().zip(row).map(|(column, value)| (column.key.to_owned(), value)).collect();
            serde_json::to_writer(&mut *out, &named)?;
        }
        Ok(())
    }

    fn end(mut self: Box<Self>, figures: &[Figure], out: &mut Vec<u8>) -> Result<(), FormatError> {
        self.close(out);
        let figures: Map<String, Value> =
            figures.iter().map(|(label, number)| (label.clone(), json!(number))).collect();
        out.extend(b",\n\"figures\":");
        serde_json::to_writer(&mut *out, &figures)?;
        out.extend(b"}\n");
        Ok(())
    }
}
