//! The command line: one file a command.

mod admin;
mod audit;
mod doctor;
mod keys;
mod license;
mod listing;
mod migrate;
mod okta;
mod output;
mod privacy;
mod scim;
mod secret;
mod serve;
mod shell;
mod tenant;

use std::{collections::HashMap, path::PathBuf, process::ExitCode};

use clap::{CommandFactory as _, Parser, Subcommand};
use elder_config::{Format, Settings};

use output::{complain, say};

use crate::failure::Failure;

const TEACH: &str = "\
Examples:
  elder serve                              start with a private PostgreSQL in ./elder-data
  elder serve --set http.bind=0.0.0.0:80   the same on another address
  elder migrate --check                    what an upgrade would change in the database
  elder admin create --email you@example.com --name 'Your Name'
  elder tenant create --name 'Acme Ltd' --slug acme
  elder doctor                             what is wrong with this installation, and the mend
  elder scim test --url https://id.example.com/scim/v2 --token-file token

Settings come from defaults, then --config, then the environment (ELDER_HTTP__BIND for `http.bind`), then --set.
config/elder.toml lists every one with its default.";

/// The multi-tenant identity platform.
#[derive(Debug, Parser)]
#[command(name = "elder", version, after_help = TEACH, propagate_version = true)]
struct Cli {
    /// File with settings (TOML)
    #[arg(long, global = true, env = "ELDER_CONFIG", value_name = "FILE")]
    config: Option<PathBuf>,
    /// One setting, as `section.key=value`; may be given several times
    #[arg(long = "set", global = true, value_name = "KEY=VALUE", value_parser = pair)]
    overrides: Vec<(String, String)>,
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Start the server
    Serve(serve::Arguments),
    /// Bring the database to the state that this version needs
    Migrate(migrate::Arguments),
    /// Make people who run the platform
    #[command(subcommand)]
    Admin(admin::Command),
    /// See, make and change tenants, beside a running server or without one
    #[command(subcommand, after_help = tenant::TEACH)]
    Tenant(tenant::Command),
    /// See, replace and revoke the keys that sign access tokens
    #[command(subcommand, after_help = keys::TEACH)]
    Keys(keys::Command),
    /// See and install what this installation is licensed for; make licences
    #[command(subcommand, after_help = license::TEACH)]
    License(license::Command),
    /// See what is logged, verify audit logs and export them
    #[command(subcommand, after_help = audit::TEACH)]
    Audit(audit::Command),
    /// Repeat erasures of people after a restore, and verify their certificates
    #[command(subcommand, after_help = privacy::TEACH)]
    Privacy(privacy::Command),
    /// Look for what is wrong with this installation, and say how to mend it
    Doctor,
    /// Examine any SCIM server, as identity providers meet it
    #[command(subcommand)]
    Scim(scim::Command),
    /// Set up the Okta side of a directory
    #[command(subcommand)]
    Okta(okta::Command),
    /// List every route with what it demands
    Routes,
    /// List every permission with the roles that hold it
    Permissions,
    /// Print the OpenAPI document
    Openapi,
    /// Print completions for a shell: `elder completions bash > /etc/bash_completion.d/elder`
    Completions {
        /// For which shell
        shell: clap_complete::Shell,
    },
}

fn pair(text: &str) -> Result<(String, String), String> {
    let (key, value) = text.split_once('=').ok_or("write it as section.key=value")?;
    Ok((key.trim().to_owned(), value.to_owned()))
}

/// Runs the command that the process was started with.
pub fn main() -> ExitCode {
    let cli = Cli::parse();
    match run(cli) {
        Ok(code) => code,
        Err(failure) => {
            complain(failure.as_ref());
            ExitCode::FAILURE
        }
    }
}

fn run(cli: Cli) -> Result<ExitCode, Failure> {
    let load = || -> Result<Settings, Failure> {
        let settings = Settings::load(cli.config.as_deref(), &cli.overrides)?;
        start_log(&settings)?;
        Ok(settings)
    };
    match cli.command {
        Command::Serve(arguments) => serve::run(load()?, &arguments),
        Command::Migrate(arguments) => migrate::run(load()?, &arguments),
        Command::Admin(command) => admin::run(load()?, command),
        Command::Tenant(command) => tenant::run(load()?, command),
        Command::Keys(command) => keys::run(load()?, command),
        Command::License(command) => license::run(load, command),
        Command::Audit(command) => audit::run(load, command),
        Command::Privacy(command) => privacy::run(load, command),
        Command::Doctor => doctor::run(load()?),
        Command::Scim(command) => scim::run(command),
        Command::Okta(command) => okta::run(command),
        Command::Routes => say(&listing::routes()),
        Command::Permissions => say(&listing::permissions()),
        Command::Openapi => say(&serde_json::to_string_pretty(&crate::openapi())?),
        Command::Completions { shell } => {
            let mut script = Vec::new();
            clap_complete::generate(shell, &mut Cli::command(), "elder", &mut script);
            say(&String::from_utf8_lossy(&script))
        }
    }
}

fn start_log(settings: &Settings) -> Result<(), Failure> {
    let format = match settings.log.format {
        Format::Json => elder_telemetry::Format::Json,
        Format::Pretty => elder_telemetry::Format::Pretty,
        Format::Auto => elder_telemetry::Format::Auto,
    };
    let traces = settings.traces.otlp_endpoint.as_ref().map(|endpoint| elder_telemetry::Traces {
        endpoint: endpoint.clone(),
        headers: headers(settings.traces.otlp_headers.as_ref().map_or("", |headers| headers.expose())),
        percent: settings.traces.sample_percent.min(100),
        version: env!("CARGO_PKG_VERSION"),
    });
    Ok(elder_telemetry::init(&settings.log.level, format, traces.as_ref())?)
}

/// `name=value,name=value`, as OpenTelemetry's own setting has them.
fn headers(text: &str) -> HashMap<String, String> {
    let pairs = text.split(',').filter_map(|pair| pair.split_once('='));
    pairs.map(|(name, value)| (name.trim().to_owned(), value.trim().to_owned())).collect()
}

/// A runtime for commands that ask something and end.
fn block_on<F: Future>(future: F) -> Result<F::Output, Failure> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    Ok(runtime.block_on(future))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_command_line_is_consistent() {
        Cli::command().debug_assert();
    }
}
