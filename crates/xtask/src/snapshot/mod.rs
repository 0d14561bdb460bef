//! `xtask snapshot`: rewrites the files that are generated from the code, or checks that they are up to date.

mod documents;
mod markdown;
mod openapi;
mod schema;
mod scim_conformance;
mod security_tests;
mod settings;

use std::fmt::Write as _;

use crate::{Failure, Verdict, workspace::Workspace};

/// What a generator made.
enum Made {
    /// The file's text.
    Text(String),
    /// Nothing, because something is missing here; and what.
    Skipped(String),
}

type Generator = fn(&Workspace) -> Result<Made, Failure>;

/// Every generated file and what makes it.
const FILES: &[(&str, Generator)] = &[
    ("config/elder.toml", |_| Ok(Made::Text(elder_config::reference_toml()))),
    ("docs/reference/configuration.md", |_| Ok(Made::Text(documents::configuration()))),
    ("docs/permissions.md", |_| Ok(Made::Text(documents::permissions()))),
    ("docs/reference/errors.md", |_| Ok(Made::Text(documents::errors()))),
    ("docs/reference/audit-actions.md", |_| Ok(Made::Text(documents::audit_actions()))),
    ("docs/reference/events.md", |_| Ok(Made::Text(documents::events()))),
    ("docs/reference/security-tests.md", security_tests::page),
    ("docs/reference/scim-conformance.md", scim_conformance::page),
    ("docs/openapi.json", |_| openapi::document()),
    ("docs/reference/tenant-settings.md", |_| settings::page()),
    ("migrations/schema.sql", schema::picture),
];

/// What became of one file.
enum Difference {
    None,
    Differs(String),
    Unknown(String),
}

/// Rewrites what differs.
pub(crate) fn write(workspace: &Workspace) -> Result<Verdict, Failure> {
    let mut words = String::new();
    for (file, make) in FILES {
        match compare(workspace, file, *make)? {
            Difference::None => {}
            Difference::Differs(text) => {
                workspace.write(file, &text)?;
                writeln!(words, "snapshot: wrote {file}")?;
            }
            Difference::Unknown(why) => writeln!(words, "snapshot: skipped {file}: {why}")?,
        }
    }
    writeln!(words, "snapshot: done")?;
    Ok(Verdict::Done(words))
}

/// Says what differs and writes nothing.
pub(crate) fn check(workspace: &Workspace) -> Result<Verdict, Failure> {
    let (mut words, mut differs) = (String::new(), false);
    for (file, make) in FILES {
        match compare(workspace, file, *make)? {
            Difference::None => {}
            Difference::Differs(_) => {
                differs = true;
                writeln!(words, "{file}: differs from what the code says: run `cargo xtask snapshot`")?;
            }
            Difference::Unknown(why) => writeln!(words, "snapshot: skipped {file}: {why}")?,
        }
    }
    Ok(if differs { Verdict::Wrong(words) } else { Verdict::Done(words + "snapshot: up to date\n") })
}

fn compare(workspace: &Workspace, file: &str, make: Generator) -> Result<Difference, Failure> {
    Ok(match make(workspace).map_err(|error| format!("{file}: {error}"))? {
        Made::Text(text) if workspace.has(file) && workspace.read(file)? == text => Difference::None,
        Made::Text(text) => Difference::Differs(text),
        Made::Skipped(why) => Difference::Unknown(why),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_that_is_missing_or_differs_is_told_from_one_that_does_not() {
        let folder = tempfile::tempdir().unwrap();
        let workspace = Workspace { root: folder.path().to_owned() };
        let difference = || compare(&workspace, "docs/a.md", |_| Ok(Made::Text("new".to_owned()))).unwrap();
        assert!(matches!(difference(), Difference::Differs(_)));
        workspace.write("docs/a.md", "old").unwrap();
        assert!(matches!(difference(), Difference::Differs(_)));
        workspace.write("docs/a.md", "new").unwrap();
        assert!(matches!(difference(), Difference::None));
    }
}
