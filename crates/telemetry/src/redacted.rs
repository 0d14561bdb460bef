//! An address in a log: enough to recognise one's own, not enough to learn another's.

use std::fmt;

/// Prints `ana@example.com` as `a***@example.com`, and what is no address as `***`.
#[derive(Clone, Copy)]
pub struct Redacted<'a>(pub &'a str);

impl fmt::Display for Redacted<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0.rsplit_once('@').and_then(|(local, domain)| Some((local.chars().next()?, domain))) {
            // Whoever types a line break as an address shall not write lines of the log.
            Some((first, domain)) => write!(f, "{}***@{}", first.escape_debug(), domain.escape_debug()),
            None => f.write_str("***"),
        }
    }
}

impl fmt::Debug for Redacted<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_an_address_only_the_first_letter_and_the_domain_are_shown() {
        for (address, shown) in [
            ("ana@example.com", "a***@example.com"),
            ("é@example.com", "é***@example.com"),
            ("\"a@b\"@example.com", "\\\"***@example.com"),
            ("a@b.c\nlevel=ERROR", "a***@b.c\\nlevel=ERROR"),
            ("@example.com", "***"),
            ("ana", "***"),
            ("", "***"),
        ] {
            assert_eq!(format!("{} {:?}", Redacted(address), Redacted(address)), format!("{shown} {shown}"));
        }
    }
}
