//! `xtask arch`: the rules of the house that no compiler and no lint keeps.

mod callers;
mod cycles;
mod exceptions;
mod form;
mod libraries;
mod ranks;
mod rooms;
mod sizes;
mod source;

use std::fmt::{self, Write as _};

use self::source::Source;
use crate::{Failure, Verdict, workspace::Workspace};

/// Where the exceptions stand.
const EXCEPTIONS: &str = "crates/xtask/arch.toml";

/// A breach of a rule, where it is and how to mend it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Violation {
    path: String,
    line: usize,
    rule: &'static str,
    words: String,
}

impl fmt::Display for Violation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}: {}: {}", self.path, self.line, self.rule, self.words)
    }
}

impl Source {
    /// A breach at an offset of this file.
    fn violation(&self, at: usize, rule: &'static str, words: impl Into<String>) -> Violation {
        Violation { path: self.path.clone(), line: self.line(at), rule, words: words.into() }
    }
}

/// The rules that look at one file alone.
const FILE_RULES: &[fn(&Source) -> Vec<Violation>] = &[
    libraries::confined,
    libraries::gates,
    rooms::private,
    form::opening,
    form::unfinished,
    form::allowing,
    sizes::file,
    sizes::functions,
];

/// Checks the tree.
pub(crate) fn run(workspace: &Workspace) -> Result<Verdict, Failure> {
    let files = workspace.rust_files()?;
    let sources: Vec<_> = files.into_iter().map(|(path, text)| Source::new(path, text)).collect();
    let mut found = check(&sources);
    for krate in workspace.crates()? {
        let path = format!("crates/{krate}/Cargo.toml");
        let manifest = workspace.read(&path)?;
        found.extend(ranks::check(&krate, &path, &manifest)?);
        found.extend(callers::silent(&path, &manifest)?);
    }
    found.extend(callers::check(workspace)?);
    let list = if workspace.has(EXCEPTIONS) { workspace.read(EXCEPTIONS)? } else { String::new() };
    let exceptions = exceptions::read(&list)?;
    let mut violations = exceptions::apply(&exceptions, found);
    violations.sort();
    Ok(verdict(&violations, sources.len()))
}

fn check(sources: &[Source]) -> Vec<Violation> {
    let single = sources.iter().flat_map(|source| FILE_RULES.iter().flat_map(|rule| rule(source)));
    single.chain(cycles::check(sources)).collect()
}

fn verdict(violations: &[Violation], files: usize) -> Verdict {
    if violations.is_empty() {
        return Verdict::Done(format!("arch: {files} files keep the rules of the house\n"));
    }
    let mut words = String::new();
    for violation in violations {
        // Writing into a text cannot fail.
        let _written = writeln!(words, "{violation}");
    }
    let _written = writeln!(words, "arch: violations: {}", violations.len());
    Verdict::Wrong(words)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_violation_reads_like_a_compilers_message() {
        let source = Source::new("crates/x/src/a.rs", "//! A.\n\n// TODO\n");
        let Verdict::Wrong(words) = verdict(&check(&[source]), 1) else { panic!("nothing was found") };
        assert!(words.starts_with("crates/x/src/a.rs:3: unfinished: "), "{words}");
    }

    #[test]
    fn a_clean_tree_is_done() {
        let source = Source::new("crates/x/src/a.rs", "//! A.\n");
        assert!(matches!(verdict(&check(&[source]), 1), Verdict::Done(_)));
    }
}
