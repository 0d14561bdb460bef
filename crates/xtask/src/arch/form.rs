//! Form: how a file opens, and what may not be left in it.

use super::{
    Violation,
    source::{Source, words},
};

/// Every file of a crate's source says its job first.
pub(super) fn opening(source: &Source) -> Vec<Violation> {
    let first = source.text.lines().next().unwrap_or_default();
    if source.module().is_none() || first.starts_with("//! ") || first.starts_with("#![doc") {
        return Vec::new();
    }
    vec![source.violation(0, "opening", "open the file with one `//!` sentence that says its job")]
}

/// Nothing is left for later.
pub(super) fn unfinished(source: &Source) -> Vec<Violation> {
    let notes = words(&source.comments).filter(|word| matches!(word.text, "TODO" | "FIXME"));
    let macros = words(&source.code).filter(|word| {
        let rest = source.code.get(word.at + word.text.len()..).unwrap_or_default();
        matches!(word.text, "todo" | "unimplemented") && rest.starts_with('!')
    });
    let words = |name: &str| format!("`{name}`: finish it, or leave it out");
    notes.chain(macros).map(|word| source.violation(word.at, "unfinished", words(word.text))).collect()
}

/// A lint is silenced by `expect`, which fails when it is not needed any more.
pub(super) fn allowing(source: &Source) -> Vec<Violation> {
    let compact = |at: usize| {
        let attribute = source.code.get(..at).unwrap_or_default().trim_end();
        attribute.strip_suffix('[').map(str::trim_end).is_some_and(|hash| hash.ends_with(['#', '!']))
    };
    let found = words(&source.code).filter(|word| word.text == "allow" && compact(word.at));
    let words = "mend the cause, or use #[expect(lint, reason = \"...\")]";
    found.map(|word| source.violation(word.at, "allow", words)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_opens_with_its_job() {
        let count = |path: &str, text: &str| opening(&Source::new(path, text)).len();
        assert_eq!(count("crates/x/src/a.rs", "//! Its job.\n"), 0);
        assert_eq!(count("crates/x/src/lib.rs", "#![doc = include_str!(\"../README.md\")]\n"), 0);
        assert_eq!(count("crates/x/src/a.rs", "use std::fmt;\n"), 1);
        assert_eq!(count("crates/x/src/a.rs", "//!\n"), 1);
        assert_eq!(count("crates/x/tests/it/a.rs", "use std::fmt;\n"), 0);
    }

    #[test]
    fn what_is_left_for_later_is_found_in_comments_and_code() {
        let lines = |text: &str| {
            unfinished(&Source::new("a", text)).iter().map(|found| found.line).collect::<Vec<_>>()
        };
        assert_eq!(lines("a();\n// TODO: b\n/* FIXME */ todo!();\nunimplemented!()"), [2, 3, 3, 4]);
        assert_eq!(lines("let todo = \"TODO\"; // TODOS\n"), [0; 0]);
    }

    #[test]
    fn allow_is_refused_and_expect_is_not() {
        let count = |text: &str| allowing(&Source::new("a", text)).len();
        assert_eq!(count("#[allow(dead_code)]\nfn a() {}"), 1);
        assert_eq!(count("#![allow(missing_docs)]"), 1);
        assert_eq!(count("#[expect(dead_code, reason = \"#[allow(\")]\nfn allow() { allow(b) }"), 0);
    }
}
