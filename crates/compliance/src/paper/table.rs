//! CSV: one table for all, whose first column says what a row is of.

use elder_audit::file::{
    FormatError,
    cells::{harmless, writer},
};

use super::{Cells, Cover, Figure, Form, Section, text};

/// What facts and figures stand in.
const OWN: [&str; 3] = ["section", "name", "value"];

#[derive(Default)]
pub(super) struct Table {
    /// The columns of all sections, each once.
    heads: Vec<&'static str>,
    section: Option<&'static Section>,
}

impl Table {
    fn line(&self, out: &mut Vec<u8>, value: impl Fn(&str) -> String) -> Result<(), FormatError> {
        let mut writer = writer(out);
        writer.write_record(self.heads.iter().map(|head| harmless(&value(head)).into_owned()))?;
        Ok(writer.flush().map_err(csv::Error::from)?)
    }

    fn pair(&self, out: &mut Vec<u8>, section: &str, (name, said): (&str, &str)) -> Result<(), FormatError> {
        self.line(out, |head| match head {
            "section" => section.to_owned(),
            "name" => name.to_owned(),
            "value" => said.to_owned(),
            _ => String::new(),
        })
    }
}

impl Form for Table {
    fn begin(&mut self, cover: &Cover, out: &mut Vec<u8>) -> Result<(), FormatError> {
        self.heads.extend(OWN);
        for column in cover.sections.iter().flat_map(|section| section.columns) {
            if !self.heads.contains(&column.key) {
                self.heads.push(column.key);
            }
        }
        self.line(out, str::to_owned)?;
        for (key, _, said) in &cover.facts {
            self.pair(out, "report", (key, said))?;
        }
        Ok(())
    }

    fn open(&mut self, section: &'static Section, _: &mut Vec<u8>) -> Result<(), FormatError> {
        self.section = Some(section);
        Ok(())
    }

    fn add(&mut self, rows: Vec<Cells>, out: &mut Vec<u8>) -> Result<(), FormatError> {
        let Some(section) = self.section else { return Ok(()) };
        for row in rows {
            self.line(out, |head| {
                if head == "section" {
                    return section.key.to_owned();
                }
                let value = section.columns.iter().position(|column| column.key == head);
                value.and_then(|place| row.get(place)).map(text).unwrap_or_default()
            })?;
        }
        Ok(())
    }

    fn end(self: Box<Self>, figures: &[Figure], out: &mut Vec<u8>) -> Result<(), FormatError> {
        for (label, number) in figures {
            self.pair(out, "figure", (label, &number.to_string()))?;
        }
        Ok(())
    }
}
