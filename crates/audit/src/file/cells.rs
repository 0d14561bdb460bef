//! Cells of a table (RFC 4180) that a spreadsheet may open: none begins a formula.

use std::borrow::Cow;

use csv::{QuoteStyle, Terminator, Writer, WriterBuilder};

/// With these, in ASCII or full width, a spreadsheet begins a formula (OWASP, CSV injection; ASVS 1.2.10).
const BEGINS_FORMULA: [char; 8] = ['=', '+', '-', '@', '\u{ff1d}', '\u{ff0b}', '\u{ff0d}', '\u{ff20}'];

/// Writes lines whose every cell is in quotes.
pub fn writer(out: &mut Vec<u8>) -> Writer<&mut Vec<u8>> {
    WriterBuilder::new().quote_style(QuoteStyle::Always).terminator(Terminator::CRLF).from_writer(out)
}

/// The cell with an apostrophe before it, if a spreadsheet might compute it. What it skips at the beginning counts too:
/// blanks, tabs, ends of lines and other control characters.
pub fn harmless(cell: &str) -> Cow<'_, str> {
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
