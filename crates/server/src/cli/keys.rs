//! `elder keys`: the keys that sign access tokens.

use std::process::ExitCode;

use chrono::{DateTime, Utc};
use clap::Subcommand;
use elder_access::{
    Job,
    signing_keys::{self, SigningKey},
    work::Shell,
};
use elder_config::Settings;

use super::{
    output::{say, table},
    shell::at_the_gate,
};
use crate::failure::Failure;

pub(super) const TEACH: &str = "\
Keys are replaced by themselves every `tokens.rotate_keys_days`. Running servers obey these commands within 15 seconds.

  elder keys rotate          publishes the next key, which signs in 15 minutes; nobody has to sign in again
  elder keys revoke <KID>    if a key has leaked: every access token that it signed is refused; refresh tokens stay good";

/// What can be done with signing keys.
#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// List the keys that verify tokens
    List,
    /// Have another key sign, without anybody noticing
    Rotate,
    /// Refuse everything that a key has signed
    Revoke {
        /// The key's name, as `elder keys list` shows it
        // One thumbprint in 64 begins with a hyphen.
        #[arg(allow_hyphen_values = true)]
        kid: String,
    },
}

pub(super) fn run(settings: Settings, command: Command) -> Result<ExitCode, Failure> {
    at_the_gate(settings, async |_, _, worker| {
        let job = worker.job::<Shell>();
        match command {
            Command::List => {}
            Command::Rotate => drop(signing_keys::rotate(&job).await?),
            Command::Revoke { kid } => signing_keys::revoke(&job, &kid).await?,
        }
        show(&job).await
    })
}

async fn show(job: &Job<Shell>) -> Result<ExitCode, Failure> {
    let (keys, now) = (signing_keys::all(job).await?, job.seam().now());
    let row = |key: &SigningKey| {
        let end = key.ends_at.map_or_else(|| "-".to_owned(), minute);
        [key.kid.clone(), key.algorithm.name().to_owned(), minute(key.created_at), begin(key, now), end]
    };
    let rows: Vec<_> = keys.iter().map(row).collect();
    say(&table(["KEY", "ALGORITHM", "MADE", "SIGNS FROM", "VERIFIES UNTIL"], &rows))
}

fn begin(key: &SigningKey, now: DateTime<Utc>) -> String {
    let note = if now < key.signs_from { " (not yet)" } else { "" };
    minute(key.signs_from) + note
}

fn minute(time: DateTime<Utc>) -> String {
    time.format("%Y-%m-%d %H:%M UTC").to_string()
}

#[cfg(test)]
mod tests {
    use clap::Parser as _;

    use super::*;

    #[derive(Debug, clap::Parser)]
    struct Line {
        #[command(subcommand)]
        command: Command,
    }

    #[test]
    fn a_key_whose_name_looks_like_an_option_can_be_revoked() {
        for name in
            ["-hNl0a4h0gLV2aJGiXYaCYxwfTmVYFn5Q5-2Zkk6oXU", "--l0a4h0gLV2aJGiXYaCYxwfTmVYFn5Q5-2Zkk6oXUh"]
        {
            let line = Line::try_parse_from(["elder", "revoke", name]).unwrap();
            assert!(matches!(line.command, Command::Revoke { kid } if kid == name), "{name}");
        }
    }
}
