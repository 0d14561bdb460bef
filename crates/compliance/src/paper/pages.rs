//! Pages that a person would hand to an auditor: a cover with the figures, then a table for each section.

use elder_audit::file::{
    FormatError,
    pages::{Column, Flow},
};

use super::{Cells, Cover, Figure, Form, MOST, Section, text};

/// The pages while their rows come in.
#[derive(Default)]
pub(super) struct Pages {
    title: String,
    foot: String,
    facts: Vec<(&'static str, String)>,
    notes: Vec<String>,
    sections: Vec<(&'static Section, Vec<Vec<String>>)>,
}

impl Form for Pages {
    fn begin(&mut self, cover: &Cover, _: &mut Vec<u8>) -> Result<(), FormatError> {
        self.title.clone_from(&cover.title);
        self.foot.clone_from(&cover.foot);
        self.notes.clone_from(&cover.notes);
        self.facts = cover.facts.iter().map(|(_, label, said)| (*label, said.clone())).collect();
        Ok(())
    }

    fn open(&mut self, section: &'static Section, _: &mut Vec<u8>) -> Result<(), FormatError> {
        self.sections.push((section, Vec::new()));
        Ok(())
    }

    fn add(&mut self, rows: Vec<Cells>, _: &mut Vec<u8>) -> Result<(), FormatError> {
        let Some((section, all)) = self.sections.last_mut() else { return Ok(()) };
        let shown = |row: Cells| {
            let cells = section.columns.iter().zip(row).filter(|(column, _)| column.width > 0.0);
            cells.map(|(_, value)| text(&value)).collect()
        };
        all.extend(rows.into_iter().map(shown));
        let count: usize = self.sections.iter().map(|(_, rows)| rows.len()).sum();
        if count > MOST { Err(FormatError::TooMany(MOST)) } else { Ok(()) }
    }

    fn end(self: Box<Self>, figures: &[Figure], out: &mut Vec<u8>) -> Result<(), FormatError> {
        let Self { title, foot, facts, notes, sections } = *self;
        let mut flow = Flow::begin()?;
        flow.title(&title);
        flow.facts(facts.iter().map(|(label, said)| (*label, said.as_str())));
        flow.heading("Figures");
        let figures: Vec<_> = figures.iter().map(|(label, number)| (label, number.to_string())).collect();
        flow.facts(figures.iter().map(|(label, number)| (label.as_str(), number.as_str())));
        flow.heading("What this rests on");
        for note in &notes {
            flow.paragraph(note);
        }
        for (section, rows) in sections {
            flow.next_page();
            flow.heading(section.title);
            flow.paragraph(section.note);
            if rows.is_empty() {
                flow.paragraph(section.empty);
                continue;
            }
            let columns: Vec<_> = section.columns.iter().filter(|column| column.width > 0.0).collect();
            let columns: Vec<_> =
                columns.iter().map(|column| Column { title: column.title, width: column.width }).collect();
            flow.table(&columns, &rows);
        }
        *out = flow.end(&title, &foot)?;
        Ok(())
    }
}
