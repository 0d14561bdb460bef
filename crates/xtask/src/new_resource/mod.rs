//! `xtask new-resource`: writes the skeleton of a tenant's resource, which compiles and passes its tests at once.

mod edits;
mod names;

use std::{fmt::Write as _, path::Path, process::Command};

use self::names::Names;
use crate::{
    Failure, Verdict,
    workspace::{Workspace, migration_version},
};

/// The files of a resource and their templates.
const ROOMS: &[(&str, &str)] = &[
    ("src/%thing%/mod.rs", include_str!("templates/mod.rs.txt")),
    ("src/%thing%/batch.rs", include_str!("templates/batch.rs.txt")),
    ("src/%thing%/error.rs", include_str!("templates/error.rs.txt")),
    ("src/%thing%/routes.rs", include_str!("templates/routes.rs.txt")),
    ("src/%thing%/service.rs", include_str!("templates/service.rs.txt")),
    ("src/%thing%/service/repository.rs", include_str!("templates/repository.rs.txt")),
    ("tests/it/%thing%.rs", include_str!("templates/test.rs.txt")),
];
/// What goes over the wire of it, which callers share.
const WIRE: &str = include_str!("templates/wire.rs.txt");
const MIGRATION: &str = include_str!("templates/migration.sql.txt");

/// What no generator can know.
const REST: &str = "
What is left to do:
  in crates/testkit/src/catalogue.rs an entry for each of
    GET, POST          /api/v2/%url%
    POST               /api/v2/%url%/batch
    GET, PATCH, DELETE /api/v2/%url%/{%thing%_id}
  in crates/testkit/src/fixture.rs %a_word% of the tenant, as `%thing%_id`
  cargo xtask snapshot
  a line in CHANGELOG.md
";

/// A file and its text.
type File = (String, String);

/// Writes a resource and tells the workspace of it. Nothing is written if anything is in the way.
pub(crate) fn run(workspace: &Workspace, krate: &str, resource: &str) -> Result<Verdict, Failure> {
    let names = Names::new(krate, resource)?;
    let files = plan(workspace, &names)?;
    let mut words = String::new();
    for (file, text) in &files {
        let done = if workspace.has(file) { "changed" } else { "wrote" };
        workspace.write(file, text)?;
        writeln!(words, "new-resource: {done} {file}")?;
    }
    format(workspace, &files)?;
    Ok(Verdict::Done(words + &names.fill(REST)))
}

/// Every file that is new or changes.
fn plan(workspace: &Workspace, names: &Names) -> Result<Vec<File>, Failure> {
    let krate = format!("crates/{}", names.krate);
    if !workspace.has(&format!("{krate}/Cargo.toml")) {
        return Err(format!("there is no crate {krate}").into());
    }
    let mut files = Vec::new();
    for (file, template) in ROOMS {
        files.push((names.fill(&format!("{krate}/{file}")), names.fill(template)));
    }
    files.push((names.fill("crates/api-types/src/%thing%.rs"), names.fill(WIRE)));
    files.push((migration(workspace, names)?, names.fill(MIGRATION)));
    if let Some((file, _)) = files.iter().find(|(file, _)| workspace.has(file)) {
        return Err(format!("{file} is there already").into());
    }
    files.push(tests(workspace, names)?);
    files.extend(edits::all(workspace, names)?);
    files.retain(|(file, text)| workspace.read(file).ok().as_ref() != Some(text));
    Ok(files)
}

/// The file of the next migration.
fn migration(workspace: &Workspace, names: &Names) -> Result<String, Failure> {
    let last = workspace.migrations()?.last().and_then(|name| migration_version(name)).unwrap_or(0);
    Ok(format!("migrations/V{}__{}.sql", last + 1, names.things))
}

/// The list of the crate's tests.
fn tests(workspace: &Workspace, names: &Names) -> Result<File, Failure> {
    let file = format!("crates/{}/tests/it/main.rs", names.krate);
    let text = if workspace.has(&file) {
        workspace.read(&file)?
    } else {
        format!("//! The behaviour of elder-{} through HTTP.\n\n", names.krate)
    };
    Ok((file, format!("{text}mod {};\n", names.thing)))
}

fn format(workspace: &Workspace, files: &[File]) -> Result<(), Failure> {
    let rust = files
        .iter()
        .map(|(file, _)| file)
        .filter(|file| Path::new(file).extension().is_some_and(|it| it == "rs"));
    let output = Command::new("rustfmt")
        .args(["--edition", "2024"])
        .args(rust)
        .current_dir(&workspace.root)
        .output()
        .map_err(|error| format!("rustfmt cannot be run: {error}"))?;
    if output.status.success() {
        return Ok(());
    }
    Err(format!("rustfmt failed: {}", String::from_utf8_lossy(&output.stderr).trim_end()).into())
}

#[cfg(test)]
mod tests;
