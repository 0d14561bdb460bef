//! `elder scim test`: examines any SCIM server from outside, as identity providers meet it.

use std::{process::ExitCode, time::Duration};

use clap::{
    Args, Subcommand,
    builder::{PossibleValuesParser, TypedValueParser},
};
use elder_api_types::directory::Provider;
use elder_kernel::{Random, Secret};
use elder_scim_client::{
    BaseUrl,
    doctor::{Subject, examine},
};
use tokio::signal::unix::{SignalKind, signal};

use super::{block_on, output::say, secret};
use crate::failure::Failure;

const TEACH: &str = "\
Examples:
  elder scim test --url https://id.example.com/scim/v2 --token-file token
  elder scim test --url https://id.example.com/scim/v2 --token-file token --provider entra --json

It makes two users and a group with names of its own, and deletes them again, also after a failure.
Ctrl-C ends the step that is under way and deletes them too; a second one ends at once.
Of Elder itself examine a directory for tests, with `\"deprovisioning\": \"delete\"`: elsewhere the
accounts stay, inactive.

Exit code: 0 if every step passed, 1 if one failed or something is left behind, 2 if the command
was wrong.";

/// What can be done with SCIM servers.
#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Go through what an identity provider does, and say which of it the server does wrong
    #[command(after_help = TEACH)]
    Test(Arguments),
}

/// What `elder scim test` takes.
#[derive(Debug, Args)]
pub(super) struct Arguments {
    /// The base URL of the server, to which `/Users` is added
    #[arg(long)]
    url: BaseUrl,
    #[command(flatten)]
    credential: Credential,
    /// Speak as this provider does; `generic` speaks as the RFCs do
    #[arg(long, default_value = "generic", value_parser = providers())]
    provider: Provider,
    /// The domain of the addresses that the users get
    #[arg(long, default_value = "example.com")]
    domain: String,
    /// Print the report as JSON
    #[arg(long)]
    json: bool,
    /// Leave there what was made, to look at it
    #[arg(long)]
    keep: bool,
    /// How many seconds an answer may take
    #[arg(long, default_value_t = 30, value_parser = clap::value_parser!(u64).range(1..=600))]
    timeout: u64,
}

/// The token, in one of its ways.
#[derive(Debug, Args)]
#[group(required = true, multiple = true)]
struct Credential {
    /// A token that may write; other people on this machine see it, so better use a file or the environment
    #[arg(long, env = "ELDER_SCIM_TOKEN", hide_env_values = true, value_parser = secret::from_text)]
    #[arg(allow_hyphen_values = true)]
    token: Option<Secret<String>>,
    /// The file that holds the token; it counts before the environment
    #[arg(long, value_name = "FILE", value_parser = secret::from_file)]
    token_file: Option<Secret<String>>,
}

fn providers() -> impl TypedValueParser<Value = Provider> {
    let names = PossibleValuesParser::new(Provider::NAMES.iter().copied());
    names.try_map(|name| Provider::named(&name).ok_or("no provider has this name"))
}

pub(super) fn run(command: Command) -> Result<ExitCode, Failure> {
    let Command::Test(Arguments { url, credential, provider, domain, json, keep, timeout }) = command;
    let token = credential.token_file.or(credential.token).ok_or("no token was given")?;
    let timeout = Duration::from_secs(timeout);
    let subject = Subject { url, token, provider, domain, keep, timeout };
    let report = block_on(async {
        let (mut typed, mut told) = (signal(SignalKind::interrupt())?, signal(SignalKind::terminate())?);
        let interrupted = async || {
            tokio::select! { _ = typed.recv() => {} _ = told.recv() => {} }
        };
        Ok::<_, Failure>(examine(subject, &Random::system(), interrupted).await?)
    })??;
    let text = if json { serde_json::to_string_pretty(&report)? } else { report.to_string() };
    say(&text)?;
    let is_well = report.failed == 0 && report.passed > 0 && !report.interrupted;
    let is_clean = keep || report.left_behind.is_empty();
    Ok(if is_well && is_clean { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}
