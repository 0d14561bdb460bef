//! `elder admin`: people who run the platform, made from the shell.

use std::{
    io::{self, BufRead as _, IsTerminal as _},
    process::ExitCode,
    sync::Arc,
};

use clap::{Subcommand, ValueEnum};
use elder_access::{Gatekeeper, GlobalRole, Worker};
use elder_config::Settings;
use elder_crypto::{PasswordHasher, PasswordParams};
use elder_kernel::{Random, Secret};

use super::{output::say, shell::at_the_gate};
use crate::{AskedAbroad, failure::Failure, site::Site};

/// What can be done with operators.
#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Make an operator; the password is read from standard input, or made up and printed once
    Create {
        /// The e-mail address to sign in with
        #[arg(long)]
        email: String,
        /// The person's name
        #[arg(long, default_value = "")]
        name: String,
        /// What the person may do
        #[arg(long, value_enum, default_value_t = Kind::Admin)]
        role: Kind,
    },
}

/// The global roles.
#[derive(Debug, Clone, Copy, ValueEnum)]
pub(super) enum Kind {
    /// The platform and all tenants
    Admin,
    /// Reads everywhere
    Support,
}

pub(super) fn run(settings: Settings, command: Command) -> Result<ExitCode, Failure> {
    let Command::Create { email, name, role } = command;
    at_the_gate(settings, async |site, keeper, worker| {
        let hasher = hasher(site, keeper)?;
        create(worker, &hasher, (&email, &name), role).await
    })
}

fn hasher(site: &Site, keeper: &Gatekeeper) -> Result<PasswordHasher, Failure> {
    let cost = &site.settings.passwords;
    let params = PasswordParams::new(cost.memory_kib, cost.iterations, cost.parallelism)?;
    let hasher = PasswordHasher::start(&params, None, None, &keeper.seam().random)?;
    let Some(url) = &cost.range_url else { return Ok(hasher) };
    Ok(hasher.knowing(Arc::new(AskedAbroad::new(&url.to_string(), &keeper.seam().clock, None)?)))
}

async fn create(
    worker: &Worker,
    hasher: &PasswordHasher,
    (email, name): (&str, &str),
    role: Kind,
) -> Result<ExitCode, Failure> {
    let (password, made_up) = password(&worker.seam().random)?;
    let role = match role {
        Kind::Admin => GlobalRole::Admin,
        Kind::Support => GlobalRole::Support,
    };
    let shown = password.expose().clone();
    elder_portal_users::create_operator(worker, hasher, email, name, password, role).await?;
    if made_up {
        return say(&format!("{email} may sign in with this password, which is shown only now:\n  {shown}"));
    }
    say(&format!("{email} may sign in."))
}

/// The first line of standard input; on a terminal, or if it is empty, a password made up here.
fn password(random: &Random) -> Result<(Secret<String>, bool), Failure> {
    let stdin = io::stdin();
    let mut line = String::new();
    if !stdin.is_terminal() {
        stdin.lock().read_line(&mut line)?;
    }
    let given = line.trim_end_matches(['\r', '\n']);
    if given.is_empty() {
        let groups: Vec<_> = random.bytes::<16>().chunks(4).map(hex).collect();
        return Ok((Secret::new(groups.join("-")), true));
    }
    Ok((Secret::new(given.to_owned()), false))
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |text, byte| text + &format!("{byte:02x}"))
}
