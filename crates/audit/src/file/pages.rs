//! Pages that a person would hand to an auditor: titles, facts, text and tables, one below the other.

use super::{
    FormatError,
    sheet::{HEIGHT, NUMBERED, Sheet, Type, Types, WIDTH, document},
};

const MARGIN: f32 = 36.0;
/// Of tables.
const SIZE: f32 = 7.0;
const LEADING: f32 = 9.0;
/// Of text.
const TEXT: f32 = 8.5;
const TEXT_LEADING: f32 = 12.0;
/// Above and below the lines of a row.
const PAD: f32 = 2.5;
/// Between the lines of a cell and the next column.
const GAP: f32 = 6.0;
/// Where the last line of a page ends at the latest.
const FOOT: f32 = HEIGHT - MARGIN - 16.0;
const BREADTH: f32 = WIDTH - 2.0 * MARGIN;

/// What is said of letters that cannot be drawn.
const NUMBERS: &str = "Letters that the face of this document has not, for instance Chinese ones, and letters that cannot be seen, are \
    shown by their number in Unicode: \\u and the number in braces stands for one letter. CSV, JSON and NDJSON have the letters.";

/// A column of a table: its title, and its part of the page's breadth.
#[derive(Debug, Clone, Copy)]
pub struct Column<'a> {
    /// The title.
    pub title: &'a str,
    /// The breadth, in parts; that of all columns together is the page's.
    pub width: f32,
}

/// Something that is drawn, and where.
enum Drawn {
    Text { is_bold: bool, size: f32, at: (f32, f32), text: String },
    Block { at: (f32, f32), size: (f32, f32), shade: u8 },
}

/// Pages while they are made. What does not fit on one goes on the next.
pub struct Flow {
    types: Types,
    pages: Vec<Vec<Drawn>>,
    y: f32,
}

impl Flow {
    /// Nothing yet.
    ///
    /// # Errors
    /// [`FormatError::Pages`] if there is no face to write with.
    pub fn begin() -> Result<Self, FormatError> {
        Ok(Self { types: Types::load()?, pages: vec![Vec::new()], y: MARGIN })
    }

    /// What the document is called.
    pub fn title(&mut self, text: &str) {
        let text = self.types.bold.drawable(text);
        self.line((true, 18.0, 22.0), text);
        self.y += 6.0;
    }

    /// What comes now.
    pub fn heading(&mut self, text: &str) {
        // A heading does not stand alone at the end of a page.
        self.room(60.0);
        self.y += 8.0;
        let text = self.types.bold.drawable(text);
        self.line((true, 12.0, 16.0), text);
        self.y += 2.0;
    }

    /// Text over the whole breadth.
    pub fn paragraph(&mut self, text: &str) {
        for line in self.types.regular.lines(text, TEXT, BREADTH) {
            self.line((false, TEXT, TEXT_LEADING), line);
        }
        self.y += 3.0;
    }

    /// What is said of something: labels, and what each has, side by side.
    pub fn facts<'a>(&mut self, facts: impl Iterator<Item = (&'a str, &'a str)> + Clone) {
        let widest = facts.clone().map(|(label, _)| self.types.bold.width(label, TEXT)).fold(0.0, f32::max);
        let indent = (widest + 3.0 * GAP).min(BREADTH / 2.0);
        for (label, text) in facts {
            let labels = self.types.bold.lines(label, TEXT, indent - GAP);
            let texts = self.types.regular.lines(text, TEXT, BREADTH - indent);
            for index in 0..labels.len().max(texts.len()) {
                self.room(TEXT_LEADING);
                for (is_bold, x, lines) in [(true, MARGIN, &labels), (false, MARGIN + indent, &texts)] {
                    if let Some(text) = lines.get(index) {
                        let at = (x, self.y + TEXT);
                        self.draw(Drawn::Text { is_bold, size: TEXT, at, text: text.clone() });
                    }
                }
                self.y += TEXT_LEADING;
            }
        }
    }

    /// Goes on with a new page.
    pub fn next_page(&mut self) {
        self.pages.push(Vec::new());
        self.y = MARGIN;
    }

    /// A table, with its titles again on each page. Long values are broken into lines, and a row that is higher than what
    /// is left of a page goes on with the next one.
    pub fn table(&mut self, columns: &[Column<'_>], rows: &[Vec<String>]) {
        let whole: f32 = columns.iter().map(|column| column.width).sum();
        let widths: Vec<f32> = columns.iter().map(|column| column.width * BREADTH / whole).collect();
        let title =
            |(column, width): (&Column<'_>, &f32)| self.types.bold.lines(column.title, SIZE, width - GAP);
        let titles: Vec<_> = columns.iter().zip(&widths).map(title).collect();
        self.room(head_of(&titles) + height_of(1));
        self.head(&titles, &widths);
        for row in rows {
            let cells: Vec<Vec<String>> = row
                .iter()
                .zip(&widths)
                .map(|(text, width)| self.types.regular.lines(text, SIZE, width - GAP))
                .collect();
            self.row(&cells, &titles, &widths);
        }
        self.y += 6.0;
    }

    fn row(&mut self, cells: &[Vec<String>], titles: &[Vec<String>], widths: &[f32]) {
        let tallest = cells.iter().map(Vec::len).max().unwrap_or_default();
        let most = lines_in(FOOT - MARGIN - head_of(titles));
        let mut done = 0;
        while done < tallest {
            let rest = tallest - done;
            let fit = lines_in(FOOT - self.y);
            // A row that fits on a page is not broken.
            if fit < rest && (rest <= most || fit == 0) {
                self.next_page();
                self.head(titles, widths);
                continue;
            }
            let now = rest.min(fit);
            let part: Vec<Vec<String>> =
                cells.iter().map(|lines| lines.iter().skip(done).take(now).cloned().collect()).collect();
            self.cells(false, &part, widths);
            self.y += height_of(now);
            self.draw(Drawn::Block { at: (MARGIN, self.y), size: (BREADTH, 0.4), shade: 190 });
            done += now;
        }
    }

    fn head(&mut self, titles: &[Vec<String>], widths: &[f32]) {
        let height = head_of(titles);
        self.draw(Drawn::Block { at: (MARGIN, self.y), size: (BREADTH, height), shade: 225 });
        self.cells(true, titles, widths);
        self.y += height;
    }

    fn cells(&mut self, is_bold: bool, cells: &[Vec<String>], widths: &[f32]) {
        let mut x = MARGIN + 2.0;
        for (lines, width) in cells.iter().zip(widths) {
            let mut y = self.y + PAD + SIZE;
            for text in lines {
                self.draw(Drawn::Text { is_bold, size: SIZE, at: (x, y), text: text.clone() });
                y += LEADING;
            }
            x += width;
        }
    }

    /// A line of what can be drawn.
    fn line(&mut self, (is_bold, size, leading): (bool, f32, f32), text: String) {
        self.room(leading);
        let at = (MARGIN, self.y + size);
        self.draw(Drawn::Text { is_bold, size, at, text });
        self.y += leading;
    }

    /// Begins another page unless so much is left of this one.
    fn room(&mut self, height: f32) {
        if self.y + height > FOOT {
            self.next_page();
        }
    }

    fn draw(&mut self, drawn: Drawn) {
        if let Some(page) = self.pages.last_mut() {
            page.push(drawn);
        }
    }

    const fn face(&self, is_bold: bool) -> &Type {
        if is_bold { &self.types.bold } else { &self.types.regular }
    }

    /// The bytes of the document; `foot` stands at the foot of each page, before its number.
    ///
    /// # Errors
    /// [`FormatError::Pages`].
    pub fn end(mut self, title: &str, foot: &str) -> Result<Vec<u8>, FormatError> {
        let foot = self.types.regular.drawable(foot);
        self.explain_numbers(&foot);
        let count = self.pages.len();
        document(title, count, |number, sheet| {
            for drawn in self.pages.get(number).into_iter().flatten() {
                self.put(sheet, drawn);
            }
            let y = HEIGHT - MARGIN + 4.0;
            sheet.text(&self.types.regular, SIZE, (MARGIN, y), &foot);
            let page = format!("Page {} of {count}", number + 1);
            let x = WIDTH - MARGIN - self.types.regular.width(&page, SIZE);
            sheet.text(&self.types.regular, SIZE, (x, y), &page);
        })
    }

    /// Says what numbers in place of letters are, if there are any.
    fn explain_numbers(&mut self, foot: &str) {
        let is_numbered =
            |drawn: &Drawn| matches!(drawn, Drawn::Text { text, .. } if text.contains(NUMBERED));
        if foot.contains(NUMBERED) || self.pages.iter().flatten().any(is_numbered) {
            self.y += 8.0;
            self.paragraph(NUMBERS);
        }
    }

    fn put(&self, sheet: &mut Sheet<'_, '_>, drawn: &Drawn) {
        match drawn {
            Drawn::Text { is_bold, size, at, text } => sheet.text(self.face(*is_bold), *size, *at, text),
            Drawn::Block { at, size, shade } => sheet.block(*at, *size, *shade),
        }
    }
}

/// How high the titles of a table are.
fn head_of(titles: &[Vec<String>]) -> f32 {
    height_of(titles.iter().map(Vec::len).max().unwrap_or(1))
}

/// How high a row of so many lines is.
fn height_of(lines: usize) -> f32 {
    (0..lines).fold(2.0 * PAD, |height, _| height + LEADING)
}

/// How many lines of a row have room in a height.
fn lines_in(height: f32) -> usize {
    let (mut lines, mut left) = (0, height - 2.0 * PAD);
    while left >= LEADING {
        lines += 1;
        left -= LEADING;
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    fn texts(page: &[Drawn]) -> Vec<&str> {
        page.iter()
            .filter_map(|drawn| if let Drawn::Text { text, .. } = drawn { Some(text.as_str()) } else { None })
            .collect()
    }

    #[test]
    fn a_table_has_its_titles_on_each_page_and_no_line_of_a_long_value_is_lost() {
        let mut flow = Flow::begin().unwrap();
        let columns = [Column { title: "Name", width: 1.0 }, Column { title: "Text", width: 1.0 }];
        let long: Vec<String> = (0..3000).map(|number| format!("word{number}")).collect();
        let rows = vec![vec!["Ada".to_owned(), "short".to_owned()], vec!["Bo".to_owned(), long.join(" ")]];
        flow.table(&columns, &rows);
        assert!(flow.pages.len() > 2, "{}", flow.pages.len());
        assert!(flow.pages.iter().all(|page| texts(page).first() == Some(&"Name")));
        let all = flow.pages.iter().flat_map(|page| texts(page)).collect::<Vec<_>>().join(" ");
        assert!(long.iter().all(|word| all.contains(word.as_str())));
        for page in &flow.pages {
            let lowest = page
                .iter()
                .filter_map(|drawn| if let Drawn::Text { at, .. } = drawn { Some(at.1) } else { None });
            assert!(lowest.fold(0.0, f32::max) <= FOOT);
        }
    }

    #[test]
    fn letters_that_cannot_be_drawn_are_shown_by_number_and_the_document_says_so() {
        let written = |name: &str| {
            let mut flow = Flow::begin().unwrap();
            flow.title(name);
            flow.paragraph(name);
            flow.facts([("Name", name)].into_iter());
            flow.table(&[Column { title: "Name", width: 1.0 }], &[vec![name.to_owned()]]);
            flow.explain_numbers("");
            flow.pages.iter().flat_map(|page| texts(page)).collect::<Vec<_>>().join(" ")
        };
        let said = written("\u{674e}\u{660e}");
        assert_eq!(said.matches("\\u{674e}\\u{660e}").count(), 4, "{said}");
        assert!(said.contains("by their number in Unicode"), "{said}");
        assert!(!written("Żaneta ACME\\ada").contains("by their number in Unicode"));
        // Once is enough, also for a text that only looks so.
        assert_eq!(written("\\u{41}").matches("\\u{5c}u{41}").count(), 4);
    }

    #[test]
    fn a_row_that_fits_on_a_page_is_not_broken() {
        let mut flow = Flow::begin().unwrap();
        let columns = [Column { title: "Text", width: 1.0 }];
        let rows: Vec<_> = (0..30)
            .map(|row| vec![(0..120).map(|word| format!("r{row}w{word}")).collect::<Vec<_>>().join(" ")])
            .collect();
        flow.table(&columns, &rows);
        assert!(flow.pages.len() > 1);
        for row in 0..30 {
            let on = flow
                .pages
                .iter()
                .filter(|page| texts(page).iter().any(|text| text.contains(&format!("r{row}w"))))
                .count();
            assert_eq!(on, 1, "row {row}");
        }
    }
}
