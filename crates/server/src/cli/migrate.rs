//! `elder migrate`: brings the database to the state that this version needs.

use std::process::ExitCode;

use clap::Args;
use elder_config::Settings;

use super::{block_on, output::say};
use crate::{Migration, failure::Failure, migrate, newer, pending, site::Site};

/// What `elder migrate` takes.
#[derive(Debug, Args)]
pub(super) struct Arguments {
    /// Only say what is missing; exit code 2 if anything is
    #[arg(long)]
    check: bool,
}

pub(super) fn run(settings: Settings, arguments: &Arguments) -> Result<ExitCode, Failure> {
    let site = Site::join(settings)?;
    if !site.can_migrate {
        return Err("`database.owner_url` is not set: migrations run as the owner of the database".into());
    }
    let done = if arguments.check { check(&site) } else { apply(&site) };
    site.close()?;
    done
}

fn check(site: &Site) -> Result<ExitCode, Failure> {
    let missing = block_on(pending(&site.database.owner))??;
    if !missing.is_empty() {
        say(&format!("Missing:\n{}", list(&missing)))?;
        return Ok(ExitCode::from(2));
    }
    let newer = block_on(newer(&site.database.owner))??;
    if newer.is_empty() {
        return say("The database is up to date.");
    }
    say(&format!(
        "The database is up to date. A newer version has applied more, which stays:\n{}",
        list(&newer)
    ))
}

fn apply(site: &Site) -> Result<ExitCode, Failure> {
    let applied = block_on(migrate(&site.database.owner))??;
    if applied.is_empty() {
        return say("The database was up to date.");
    }
    say(&format!("Applied:\n{}", list(&applied)))
}

fn list(migrations: &[Migration]) -> String {
    let lines = migrations.iter().map(|migration| format!("  V{} {}", migration.version, migration.name));
    lines.collect::<Vec<_>>().join("\n")
}
