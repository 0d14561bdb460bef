//! The list of exceptions: each has a reason, and one that is not needed fails.

use serde::Deserialize;

use super::{EXCEPTIONS, Violation};
use crate::Failure;

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Exceptions {
    #[serde(default)]
    exception: Vec<Exception>,
}

/// A file that may break a rule.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Exception {
    rule: String,
    file: String,
    reason: String,
}

impl Exception {
    fn covers(&self, violation: &Violation) -> bool {
        self.rule == violation.rule && self.file == violation.path
    }
}

/// Reads the list.
pub(super) fn read(text: &str) -> Result<Exceptions, Failure> {
    toml::from_str(text).map_err(|error| format!("{EXCEPTIONS} is not valid: {error}").into())
}

/// Takes away what is excepted, and adds what is wrong with the list itself.
pub(super) fn apply(list: &Exceptions, found: Vec<Violation>) -> Vec<Violation> {
    let complaint =
        |words: String| Violation { path: EXCEPTIONS.to_owned(), line: 1, rule: "exceptions", words };
    let mut violations = Vec::new();
    for exception in &list.exception {
        let Exception { rule, file, reason } = exception;
        if reason.trim().is_empty() {
            violations.push(complaint(format!("`{rule}` for {file} has no reason: write one")));
        }
        if !found.iter().any(|violation| exception.covers(violation)) {
            violations
                .push(complaint(format!("`{rule}` for {file} is not needed any more: delete the entry")));
        }
    }
    let excepted = |violation: &Violation| list.exception.iter().any(|exception| exception.covers(violation));
    violations.extend(found.into_iter().filter(|violation| !excepted(violation)));
    violations
}

#[cfg(test)]
mod tests {
    use super::*;

    const ENTRY: &str = "[[exception]]\nrule = 'r'\nfile = 'f'\nreason = 'because'\n";

    fn found() -> Vec<Violation> {
        vec![Violation { path: "f".to_owned(), line: 3, rule: "r", words: String::new() }]
    }

    #[test]
    fn an_entry_takes_its_violation_away() {
        assert_eq!(apply(&read(ENTRY).unwrap(), found()), []);
        assert_eq!(apply(&Exceptions::default(), found()), found());
    }

    #[test]
    fn an_entry_that_is_not_needed_or_has_no_reason_fails() {
        assert_eq!(apply(&read(ENTRY).unwrap(), Vec::new()).len(), 1);
        let mute = ENTRY.replace("because", " ");
        assert_eq!(apply(&read(&mute).unwrap(), found()).len(), 1);
        assert!(read("[[exception]]\nrule = 'r'").is_err());
    }
}
