//! `elder privacy`: erasures after a restore, and their certificates.

use std::{fs, path::PathBuf, process::ExitCode};

use clap::Subcommand;
use elder_audit::note::{self, VerifierKey};
use elder_config::Settings;

use super::{output::say, shell::at_the_gate};
use crate::failure::Failure;

pub(super) const TEACH: &str = "\
Examples:
  elder privacy erase-again --register erasures.ndjson     after a restore, before anybody is served
  elder privacy verify --certificate erasure.note --key acme.key     needs no database

`elder serve` does the first by itself where `audit.erasure_register` is set. docs/guides/privacy.md says more.";

/// What can be done about erasures.
#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Erase again whom a register names and who is back, because the database was restored to an earlier moment
    EraseAgain {
        /// The register that was kept elsewhere
        #[arg(long, value_name = "FILE")]
        register: PathBuf,
    },
    /// Look whether a certificate is what the key of the tenant's log has signed, and show it
    Verify {
        /// The certificate
        #[arg(long, value_name = "FILE")]
        certificate: PathBuf,
        /// The keys of the log, as `elder audit keys` shows them
        #[arg(long, value_name = "FILE")]
        key: PathBuf,
    },
}

pub(super) fn run(
    load: impl FnOnce() -> Result<Settings, Failure>,
    command: Command,
) -> Result<ExitCode, Failure> {
    match command {
        Command::EraseAgain { register } => at_the_gate(load()?, async |_, _, worker| {
            if !register.exists() {
                return Err(format!("{}: there is no such register", register.display()).into());
            }
            let count = elder_privacy::erase_again(worker, &register).await?;
            say(&format!("{count} people were erased again."))
        }),
        Command::Verify { certificate, key } => {
            let text = |file: &PathBuf| {
                fs::read_to_string(file).map_err(|error| format!("{}: {error}", file.display()))
            };
            let keys = text(&key)?
                .lines()
                .filter(|line| !line.trim().is_empty())
                .map(str::parse)
                .collect::<Result<Vec<VerifierKey>, _>>()?;
            let certificate = text(&certificate)?;
            say(note::opened(&certificate, &keys)?.trim_end())
        }
    }
}
