//! What commands say to the person or program that called them.

use std::{
    error::Error,
    io::{self, Write as _},
    process::ExitCode,
};

use crate::failure::{Failure, in_full};

/// Prints a text; a reader that has gone (`elder routes | head`) is no failure.
pub(super) fn say(text: &str) -> Result<ExitCode, Failure> {
    let mut out = io::stdout().lock();
    match writeln!(out, "{}", text.trim_end()).and_then(|()| out.flush()) {
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => Err(error.into()),
        _ => Ok(ExitCode::SUCCESS),
    }
}

/// Prints an error with its causes.
pub(super) fn complain(error: &(dyn Error + Send + Sync)) {
    let text = in_full(error, "\n  because: ");
    // Nothing is left to tell it to if even standard error is gone.
    let _gone = writeln!(io::stderr().lock(), "error: {text}");
}

/// Columns of equal width, under headings.
pub(super) fn table<const N: usize>(headings: [&str; N], rows: &[[String; N]]) -> String {
    let mut widths = headings.map(str::len);
    for row in rows {
        for (width, cell) in widths.iter_mut().zip(row) {
            *width = (*width).max(cell.chars().count());
        }
    }
    let line = |cells: &[String; N]| {
        let padded = cells.iter().zip(widths).map(|(cell, width)| format!("{cell:<width$}"));
        padded.collect::<Vec<_>>().join("  ").trim_end().to_owned()
    };
    let lines = std::iter::once(line(&headings.map(str::to_owned))).chain(rows.iter().map(line));
    lines.collect::<Vec<_>>().join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_are_as_wide_as_their_widest_cell() {
        let rows = [["long cell".to_owned(), "b".to_owned()]];
        assert_eq!(table(["a", "c"], &rows), "a          c\nlong cell  b");
    }
}
