//! `elder license`: what this installation is licensed for; and for whoever makes licences, keys and files.

use std::{
    fs::{self, OpenOptions},
    io::Write as _,
    os::unix::fs::OpenOptionsExt as _,
    path::{Path, PathBuf},
    process::ExitCode,
};

use chrono::{DateTime, TimeDelta, Utc};
use clap::{Args, Subcommand, ValueEnum};
use elder_access::{Feature, SubscriptionTier, work::Shell};
use elder_api_types::license::{FeatureEntry, LicenseReport, Most};
use elder_config::Settings;
use elder_kernel::{Clock, Secret};
use elder_licensing::{
    License, SigningKey,
    license::{GRACE_DAYS, Given, Place, Terms},
    state::service,
};
use uuid::Uuid;

use super::{output::say, shell::at_the_gate};
use crate::{failure::Failure, licensing};

pub(super) const TEACH: &str = "\
Running servers obey another licence within a second.

  elder license status                 what is in force, until when, and what this installation is called
  elder license install elder.license  installs a signed licence; the former one stays if it is refused

For whoever makes licences:

  elder license keygen --out key.pem   prints the public key, for `license.public_keys` of every installation
  elder license issue --key key.pem --id lic-1 --licensee 'Acme Ltd' --tier enterprise --max-tenants 50 --days 365
  elder license inspect elder.license  what a file says, and whether it would hold here";

/// What can be done with licences.
#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Show what is in force
    Status,
    /// Install a signed licence
    Install {
        /// The file
        file: PathBuf,
    },
    /// Show what a file says, and whether it would hold here
    Inspect {
        /// The file
        file: PathBuf,
    },
    /// Make a key that signs licences; prints its public part
    Keygen {
        /// Where the private part goes; the file must not be there yet
        #[arg(long)]
        out: PathBuf,
    },
    /// Sign a licence, and print it
    Issue(Issue),
}

/// What a licence is to say.
#[derive(Debug, Args)]
pub(super) struct Issue {
    /// The private key, as `elder license keygen` made it
    #[arg(long)]
    key: PathBuf,
    /// The licence's name
    #[arg(long)]
    id: String,
    /// For whom it is
    #[arg(long)]
    licensee: String,
    /// The tier
    #[arg(long, value_enum, default_value_t = Plan::Enterprise)]
    tier: Plan,
    /// Tenants, System among them; -1 for any number
    #[arg(long, allow_negative_numbers = true, value_parser = most)]
    max_tenants: Option<Most>,
    /// People; -1 for any number
    #[arg(long, allow_negative_numbers = true, value_parser = most)]
    max_users: Option<Most>,
    /// A feature otherwise than by the tier, as `scim=false`; may be given several times
    #[arg(long = "feature", value_parser = feature)]
    features: Vec<FeatureEntry>,
    /// From when it holds, as 2026-01-31T00:00:00Z. Without it: from now on
    #[arg(long)]
    not_before: Option<DateTime<Utc>>,
    /// For how many days it holds. Without it: without an end
    #[arg(long)]
    days: Option<u32>,
    /// For how many days everything works on after that
    #[arg(long, default_value_t = GRACE_DAYS)]
    grace_days: u32,
    /// The one installation that it is for, as `elder license status` shows it there
    #[arg(long)]
    installation: Option<Uuid>,
    /// Let it hold only for a server that nobody else can reach
    #[arg(long)]
    loopback_only: bool,
}

/// The tiers.
#[derive(Debug, Clone, Copy, ValueEnum)]
pub(super) enum Plan {
    /// Free of charge
    Community,
    /// For one company
    Professional,
    /// Everything
    Enterprise,
}

fn most(text: &str) -> Result<Most, String> {
    serde_json::from_str(text).map_err(|_| "it is -1, for any number, or a number from 0 on".to_owned())
}

fn feature(text: &str) -> Result<FeatureEntry, String> {
    let (name, entitled) = text.split_once('=').unwrap_or((text, "true"));
    let names = || Feature::ALL.map(Feature::name).join(", ");
    Feature::named(name).ok_or_else(|| format!("there is no feature `{name}`; there are {}", names()))?;
    let entitled = entitled.parse().map_err(|_| "write it as feature=true or feature=false".to_owned())?;
    Ok(FeatureEntry { name: name.to_owned(), entitled })
}

/// What needs no site asks for no settings.
pub(super) fn run(
    load: impl FnOnce() -> Result<Settings, Failure>,
    command: Command,
) -> Result<ExitCode, Failure> {
    match command {
        Command::Status => status(load()?),
        Command::Install { file } => install(load()?, &file),
        Command::Inspect { file } => inspect(&load()?, &file),
        Command::Keygen { out } => keygen(&out),
        Command::Issue(issue) => sign(issue),
    }
}

fn status(settings: Settings) -> Result<ExitCode, Failure> {
    at_the_gate(settings, async |site, keeper, worker| {
        let licensing = licensing::of(&site.settings, keeper)?;
        let report = service::report(&licensing, &worker.job::<Shell>().platform().await?).await?;
        say(&lines(&report))
    })
}

fn install(settings: Settings, file: &Path) -> Result<ExitCode, Failure> {
    let document = read(file)?;
    at_the_gate(settings, async |site, keeper, worker| {
        let licensing = licensing::of(&site.settings, keeper)?;
        let job = worker.job::<Shell>();
        let said = match service::install(&licensing, &job, &document).await? {
            Some(_) => "Installed.",
            None => "It was installed already.",
        };
        let report = service::report(&licensing, &job.platform().await?).await?;
        say(&format!("{said}\n{}", lines(&report)))
    })
}

fn inspect(settings: &Settings, file: &Path) -> Result<ExitCode, Failure> {
    let trust = licensing::trust(settings)?;
    let license = License::read(&read(file)?, &trust.keys)?;
    // Which installation it is for is compared where it is installed.
    let place =
        Place { installation: license.installation.unwrap_or_default(), is_loopback: trust.is_loopback };
    let verdict = match license.admit(place, Clock::system().now()) {
        Ok(()) => "It holds here and now.".to_owned(),
        Err(refusal) => format!("It does not hold here and now: {refusal}"),
    };
    say(&format!("{}\n{verdict}", serde_json::to_string_pretty(&license)?))
}

fn keygen(out: &Path) -> Result<ExitCode, Failure> {
    let pem = SigningKey::generate()?;
    let public = SigningKey::read(&pem)?.public();
    let refused = |error| format!("{}: {error}", out.display());
    let mut file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(out).map_err(refused)?;
    file.write_all(pem.expose().as_bytes()).and_then(|()| file.sync_all()).map_err(refused)?;
    say(&public.to_string())
}

fn sign(issue: Issue) -> Result<ExitCode, Failure> {
    let key = SigningKey::read(&Secret::new(read(&issue.key)?))?;
    let now = Clock::system().now();
    let not_before = issue.not_before.unwrap_or(now);
    let license = License {
        id: issue.id,
        licensee: issue.licensee,
        terms: Terms {
            tier: match issue.tier {
                Plan::Community => SubscriptionTier::Community,
                Plan::Professional => SubscriptionTier::Professional,
                Plan::Enterprise => SubscriptionTier::Enterprise,
            },
            features: issue.features,
            limits: Given { max_tenants: issue.max_tenants, max_users: issue.max_users, ..Given::default() },
        },
        issued_at: now,
        not_before,
        expires_at: issue.days.and_then(|days| not_before.checked_add_signed(TimeDelta::days(days.into()))),
        grace_days: issue.grace_days,
        installation: issue.installation,
        loopback_only: issue.loopback_only,
    };
    say(&key.sign(&license)?)
}

fn read(file: &Path) -> Result<String, Failure> {
    fs::read_to_string(file).map_err(|error| format!("{}: {error}", file.display()).into())
}

fn lines(report: &LicenseReport) -> String {
    let none = || "-".to_owned();
    let time = |time: Option<DateTime<Utc>>| {
        time.map_or_else(none, |time| time.format("%Y-%m-%d %H:%M UTC").to_string())
    };
    let number = |most: Most| most.0.map_or_else(|| "any number".to_owned(), |most| most.to_string());
    let covered: Vec<_> =
        report.features.iter().filter(|entry| entry.entitled).map(|entry| entry.name.as_str()).collect();
    let mut lines = vec![
        ("installation", report.installation.to_string()),
        ("tier", report.tier.name().to_owned()),
        ("phase", report.phase.name().to_owned()),
        ("licence", report.id.clone().unwrap_or_else(none)),
        ("licensee", report.licensee.clone().unwrap_or_else(none)),
        ("expires", time(report.expires_at)),
        ("in force until", time(report.ends_at)),
        ("server answered", time(report.answered_at)),
        ("features", covered.join(", ")),
        ("tenants", number(report.limits.max_tenants)),
        ("users", number(report.limits.max_users)),
        ("entities", number(report.limits.max_entities)),
    ];
    lines.extend(report.warning.clone().map(|warning| ("warning", warning)));
    lines.extend(
        report.refused.as_ref().map(|refused| ("refused", format!("{}: {}", refused.reason, refused.detail))),
    );
    lines
        .iter()
        .map(|(name, value)| format!("{name:<16} {value}").trim_end().to_owned())
        .collect::<Vec<_>>()
        .join("\n")
}
