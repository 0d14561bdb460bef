//! `elder okta configure`: sets up the Okta side of a directory, as far as Okta's API goes.

use std::{process::ExitCode, time::Duration};

use clap::{Args, Subcommand};
use elder_kernel::{Clock, Secret};
use elder_scim_client::{
    BaseUrl,
    okta::{self, AppId, Wish},
};

use super::{block_on, output::say, secret};
use crate::failure::Failure;

const TEACH: &str = "\
Examples:
  elder okta configure --org https://acme.okta.com --app 0oa1gjh63g214q0Hq0g4 --token-file okta-token \\
    --scim-url https://id.example.com/scim/v2 --scim-token-file scim-token --dry-run

In order: asks the directory what Okta's own test asks, reads the application, sets base URL and
token and switches the connection on, has people made, changed and deactivated, and maps names and
address where nothing maps them yet. What is right already stays, so that it may run again. Each
call is printed, tokens are not.

It is for applications whose provisioning is SCIM already. What Okta's API lacks is printed last.";

/// What can be done with Okta.
#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Let an application of Okta push into a directory
    #[command(after_help = TEACH)]
    Configure(Arguments),
}

/// What `elder okta configure` takes.
#[derive(Debug, Args)]
pub(super) struct Arguments {
    /// The Okta org, as `https://acme.okta.com`
    #[arg(long)]
    org: BaseUrl,
    /// The id of the application, as its URL in the admin console shows it
    #[arg(long)]
    app: AppId,
    /// The base URL of the directory, as `GET /api/v2/directories/{id}/test` tells it
    #[arg(long)]
    scim_url: BaseUrl,
    #[command(flatten)]
    okta: OktaCredential,
    #[command(flatten)]
    scim: ScimCredential,
    /// Send the directory's token even if the connection is right: Okta does not tell which one it has
    #[arg(long)]
    replace_token: bool,
    /// Push passwords too
    #[arg(long)]
    sync_passwords: bool,
    /// Only read, and print what would be changed; without a token of Okta's, read nothing
    #[arg(long)]
    dry_run: bool,
    /// How many seconds an answer may take
    #[arg(long, default_value_t = 30, value_parser = clap::value_parser!(u64).range(1..=600))]
    timeout: u64,
}

/// The token for Okta's API, in one of its ways.
#[derive(Debug, Args)]
struct OktaCredential {
    /// The file that holds an API token of an Okta admin (Security → API → Tokens)
    #[arg(long, value_name = "FILE", value_parser = secret::from_file)]
    #[arg(required_unless_present_any = ["token", "dry_run"])]
    token_file: Option<Secret<String>>,
    /// The API token itself; other people on this machine see it, so better use a file or the environment
    #[arg(long, env = "OKTA_API_TOKEN", hide_env_values = true, value_parser = secret::from_text)]
    #[arg(allow_hyphen_values = true)]
    token: Option<Secret<String>>,
}

/// The token of the directory, in one of its ways.
#[derive(Debug, Args)]
#[group(required = true, multiple = true)]
struct ScimCredential {
    /// The file that holds the directory's token
    #[arg(long, value_name = "FILE", value_parser = secret::from_file)]
    scim_token_file: Option<Secret<String>>,
    /// The directory's token itself; other people on this machine see it, so better use a file or the environment
    #[arg(long, env = "ELDER_SCIM_TOKEN", hide_env_values = true, value_parser = secret::from_text)]
    #[arg(allow_hyphen_values = true)]
    scim_token: Option<Secret<String>>,
}

pub(super) fn run(command: Command) -> Result<ExitCode, Failure> {
    let Command::Configure(given) = command;
    let wish = Wish {
        org: given.org,
        app: given.app,
        api_token: given.okta.token_file.or(given.okta.token),
        scim_url: given.scim_url,
        scim_token: given.scim.scim_token_file.or(given.scim.scim_token).ok_or("no token was given")?,
        replace_token: given.replace_token,
        sync_passwords: given.sync_passwords,
        dry_run: given.dry_run,
        timeout: Duration::from_secs(given.timeout),
    };
    let mut tell = |words: &str| drop(say(words));
    block_on(okta::configure(&wish, &Clock::system(), &mut tell))??;
    say(okta::BY_HAND)
}
