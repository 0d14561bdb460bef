//! Generated pages: a heading, a word of warning, and tables.

use std::fmt::Write as _;

/// A page of documentation.
pub(super) struct Page(String);

impl Page {
    /// Begins a page that is made of `source`.
    pub(super) fn new(title: &str, source: &str) -> Self {
        Self(format!(
            "# {title}\n\n<!-- Generated from {source} by `cargo xtask snapshot`: edit that instead. -->\n"
        ))
    }

    /// Adds a paragraph.
    pub(super) fn paragraph(self, words: &str) -> Self {
        Self(format!("{}\n{words}\n", self.0))
    }

    /// Adds a table.
    pub(super) fn table<const N: usize>(
        mut self,
        head: [&str; N],
        rows: impl IntoIterator<Item = [String; N]>,
    ) -> Self {
        let head = head.map(str::to_owned);
        let line = std::array::from_fn(|_| "---".to_owned());
        self.0.push('\n');
        for row in [head, line].into_iter().chain(rows) {
            let cells = row.map(|cell| cell.replace('|', "\\|")).join(" | ");
            // Writing into a text cannot fail.
            let _written = writeln!(self.0, "| {cells} |");
        }
        self
    }

    /// Adds a block of code.
    pub(super) fn code(self, language: &str, text: &str) -> Self {
        Self(format!("{}\n```{language}\n{}\n```\n", self.0, text.trim_end()))
    }

    /// The page's text.
    pub(super) fn text(self) -> String {
        self.0
    }
}

/// Some words as code.
pub(super) fn code(words: &str) -> String {
    format!("`{words}`")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_has_a_heading_and_its_tables() {
        let page = Page::new("Things", "a.rs").table(["a", "b"], [["1|2".to_owned(), code("3")]]).text();
        assert!(page.starts_with("# Things\n"), "{page}");
        assert!(page.ends_with("\n\n| a | b |\n| --- | --- |\n| 1\\|2 | `3` |\n"), "{page}");
    }
}
