//! Secrets on the command line: best from a file, since whoever lists the processes sees the arguments.

use std::{fs, io};

use elder_kernel::Secret;

/// A secret as it stands in a file, without the line's end.
pub(super) fn from_file(path: &str) -> Result<Secret<String>, io::Error> {
    let text = fs::read_to_string(path)?;
    from_text(text.trim_end_matches(['\r', '\n'])).map_err(io::Error::other)
}

/// A secret as it was typed.
pub(super) fn from_text(text: &str) -> Result<Secret<String>, &'static str> {
    let can_be_sent = !text.is_empty() && text.chars().all(|c| c.is_ascii_graphic() || c == ' ');
    if can_be_sent {
        Ok(Secret::new(text.to_owned()))
    } else {
        Err("it is empty, or cannot stand in a header")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_gives_its_line_and_nothing_that_would_break_a_header() {
        let file = tempfile::NamedTempFile::new().unwrap();
        let read = |text: &str| {
            fs::write(file.path(), text).unwrap();
            from_file(file.path().to_str().unwrap())
        };
        assert_eq!(read("elder_st_1\r\n").unwrap().expose(), "elder_st_1");
        for text in ["", "\n", "one\ntwo\n", "smörgås"] {
            assert!(read(text).is_err(), "{text}");
        }
    }
}
