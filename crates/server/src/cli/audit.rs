//! `elder audit`: what is logged, and whether it is still what was sealed.

use std::{
    fs::{self, File},
    io::{self, BufReader, BufWriter},
    path::{Path, PathBuf},
    process::ExitCode,
};

use clap::{Args, Subcommand};
use elder_access::{Action, Job, work::Shell};
use elder_audit::{
    archive::{self, AuditArchive},
    note::{Checkpoint, VerifierKey},
    verify::{self, Report},
};
use elder_config::Settings;
use elder_kernel::{TenantId, collection::Selection};
use elder_tenancy::platform::tenant::{TenantRef, Tenants, service};

use super::{
    output::{say, table},
    shell::at_the_gate,
};
use crate::failure::Failure;

pub(super) const TEACH: &str = "\
Examples:
  elder audit actions                                   everything that is logged
  elder audit keys --tenant acme > acme.key             by which checkpoints are verified: keep it elsewhere
  elder audit checkpoint --tenant acme > acme.note      what the log can be held to later: keep it elsewhere
  elder audit verify                                    every log of this installation
  elder audit verify --tenant acme --key acme.key --checkpoint acme.note
  elder audit export --tenant acme > acme.ndjson
  elder audit archives --tenant acme                    months that left the database
  elder audit restore --tenant acme --month 2026-01     one of them back, to be searched
  elder audit verify --export acme.ndjson --key acme.key --checkpoint acme.note    needs no database

docs/guides/audit.md says what is proven so, and what is not.";

/// What can be done with audit logs.
#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// List every action that is logged
    Actions,
    /// Show the keys by which the checkpoints of a log are verified, the newest first
    Keys(Named),
    /// Have another key sign checkpoints from now on; those before it stay good for what they have signed
    RotateKey,
    /// Show the newest checkpoint of a log
    Checkpoint(Named),
    /// Look whether logs are what was sealed, and name what is not
    Verify(Verify),
    /// List the archives of a log
    Archives(Named),
    /// Read the archives of a month back, so that its events can be searched at /api/v2/audit/restored-events
    Restore(Restore),
    /// Write a whole log to standard output, one JSON object a line, with all that verifies it elsewhere
    Export(Named),
}

/// A tenant that exists.
#[derive(Debug, Args)]
pub(super) struct Named {
    /// Its slug or number
    #[arg(long)]
    tenant: String,
}

/// What is read back.
#[derive(Debug, Args)]
pub(super) struct Restore {
    /// The tenant's slug or number
    #[arg(long)]
    tenant: String,
    /// The month in UTC, for example 2026-01
    #[arg(long)]
    month: String,
    /// For how many days it can be searched
    #[arg(long, default_value_t = 30, value_parser = clap::value_parser!(u32).range(1..=3650))]
    days: u32,
}

/// What is verified, and by what.
#[derive(Debug, Args)]
pub(super) struct Verify {
    /// The log of this tenant alone; without it, all
    #[arg(long, conflicts_with = "export")]
    tenant: Option<String>,
    /// An export or saved proofs, in place of the database
    #[arg(long, value_name = "FILE", requires = "key")]
    export: Option<PathBuf>,
    /// A file with checkpoints that were kept elsewhere: one note, or the file of a second place
    #[arg(long, value_name = "FILE", requires = "key")]
    checkpoint: Option<PathBuf>,
    /// A key, or a file with keys, that was kept elsewhere; without it those of the database itself
    #[arg(long, value_name = "KEY")]
    key: Option<String>,
}

pub(super) fn run(
    load: impl FnOnce() -> Result<Settings, Failure>,
    command: Command,
) -> Result<ExitCode, Failure> {
    match command {
        Command::Actions => say(&actions()),
        Command::Verify(Verify { export: Some(export), checkpoint, key: Some(key), .. }) => {
            let keys = keys(&key)?;
            let kept = kept(checkpoint.as_deref(), &keys)?;
            let file = File::open(&export).map_err(|error| format!("{}: {error}", export.display()))?;
            let report = verify::verify_export(BufReader::new(file), &keys, &kept)?;
            tell(&[(export.display().to_string(), report)])
        }
        command => at_the_gate(load()?, async |site, _, worker| {
            let job = worker.job::<Shell>();
            match command {
                Command::RotateKey => {
                    let origin = elder_audit::origin_of(&site.settings.public_url());
                    elder_audit::rotate_key(&job, &origin).await?;
                    say("The next checkpoints are signed by a new key: `elder audit keys` shows it.")
                }
                Command::Keys(named) => {
                    let keys = verify::keys(&job, tenant(&job, &named.tenant).await?).await?;
                    say(&keys.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n"))
                }
                Command::Checkpoint(named) => {
                    let note = verify::newest(&job, tenant(&job, &named.tenant).await?).await?;
                    say(&note
                        .ok_or("nothing of this log is sealed yet: a running server does it each second")?)
                }
                Command::Export(named) => {
                    let tenant = tenant(&job, &named.tenant).await?;
                    verify::export(&job, tenant, &mut BufWriter::new(io::stdout().lock())).await?;
                    Ok(ExitCode::SUCCESS)
                }
                Command::Archives(named) => {
                    say(&archives(&archive::archives(&job, tenant(&job, &named.tenant).await?).await?))
                }
                Command::Restore(asked) => {
                    let store = crate::archive::store(&site.settings)?.ok_or(
                        "no archive is configured: set `audit.archive_folder` or `audit.archive_bucket`",
                    )?;
                    let tenant = tenant(&job, &asked.tenant).await?;
                    let count = archive::restore(&job, &store, tenant, &asked.month, asked.days).await?;
                    say(&format!(
                        "{count} events of {} can be searched for {} days.",
                        asked.month, asked.days
                    ))
                }
                Command::Verify(verify) => in_database(&job, &verify).await,
                Command::Actions => Ok(ExitCode::SUCCESS),
            }
        }),
    }
}

fn actions() -> String {
    let row = |action: &Action| {
        [action.name(), action.category().name(), action.resource_type(), action.description()]
            .map(str::to_owned)
    };
    let rows: Vec<_> = Action::ALL.iter().map(row).collect();
    table(["ACTION", "CATEGORY", "RESOURCE", "WHAT HAPPENED"], &rows)
}

fn archives(archives: &[AuditArchive]) -> String {
    let row = |archive: &AuditArchive| {
        let AuditArchive { month, categories, status, events, bytes, id, .. } = archive;
        let bytes = bytes.map_or_else(|| "-".to_owned(), |bytes| bytes.to_string());
        [month.clone(), status.clone(), events.to_string(), bytes, categories.join(", "), id.to_string()]
    };
    table(
        ["MONTH", "STATUS", "EVENTS", "BYTES", "CATEGORIES", "ID"],
        &archives.iter().map(row).collect::<Vec<_>>(),
    )
}

async fn in_database(job: &Job<Shell>, asked: &Verify) -> Result<ExitCode, Failure> {
    let tenants = match &asked.tenant {
        Some(named) => vec![(named.clone(), tenant(job, named).await?)],
        None if asked.key.is_some() => return Err("a key is of one log: name its --tenant".into()),
        None => all(job).await?,
    };
    let mut reports = Vec::new();
    for (name, tenant) in tenants {
        let keys = match &asked.key {
            Some(key) => keys(key)?,
            None => verify::keys(job, tenant).await?,
        };
        let kept = kept(asked.checkpoint.as_deref(), &keys)?;
        reports.push((name, verify::verify(job, tenant, &keys, &kept).await?));
    }
    tell(&reports)
}

async fn all(job: &Job<Shell>) -> Result<Vec<(String, TenantId)>, Failure> {
    let (tx, mut tenants) = (job.platform().await?, Vec::new());
    let mut page = Selection::all::<Tenants>();
    loop {
        let found = service::list(&tx, None, &page).await?;
        tenants.extend(found.rows.into_iter().map(|tenant| (tenant.slug, tenant.id)));
        match found.next {
            Some(place) => page.after = Some(place),
            None => return Ok(tenants),
        }
    }
}

async fn tenant(job: &Job<Shell>, named: &str) -> Result<TenantId, Failure> {
    let found = service::find(&job.platform().await?, &TenantRef::from(named.to_owned())).await;
    Ok(found.map_err(|error| format!("tenant `{named}`: {error}"))?.id)
}

/// A key as it is written, or a file with one on each line.
fn keys(text_or_file: &str) -> Result<Vec<VerifierKey>, Failure> {
    if let Ok(key) = text_or_file.parse() {
        return Ok(vec![key]);
    }
    let text = text(Path::new(text_or_file))?;
    let lines = text.lines().filter(|line| !line.trim().is_empty());
    Ok(lines.map(str::parse).collect::<Result<_, _>>()?)
}

/// The checkpoints in a file that was kept elsewhere.
fn kept(file: Option<&Path>, keys: &[VerifierKey]) -> Result<Vec<Checkpoint>, Failure> {
    let text = file.map(text).transpose()?;
    Ok(text.map(|text| verify::kept(&text, keys)).transpose()?.unwrap_or_default())
}

fn text(file: &Path) -> Result<String, Failure> {
    Ok(fs::read_to_string(file).map_err(|error| format!("{}: {error}", file.display()))?)
}

/// Says what was found, and fails if anything was.
fn tell(reports: &[(String, Report)]) -> Result<ExitCode, Failure> {
    let lines: Vec<_> = reports.iter().flat_map(|(name, report)| told(name, report)).collect();
    say(&lines.join("\n"))?;
    let is_good = reports.iter().all(|(_, report)| report.is_good);
    Ok(if is_good { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

fn told(name: &str, report: &Report) -> Vec<String> {
    let verdict = if report.is_good { "ok  " } else { "FAIL" };
    let Report { size, root, checkpoints, proven, removed, findings, more, .. } = report;
    let what = if *proven > 0 && *size == 0 {
        format!("{proven} events are proven")
    } else if *removed > 0 {
        format!(
            "{size} events under {checkpoints} checkpoints, {removed} of them gone as retention demands, root {root}"
        )
    } else {
        format!("{size} events under {checkpoints} checkpoints, root {root}")
    };
    let mut lines = vec![format!("{verdict}  {name}: {what}")];
    lines.extend(findings.iter().map(|finding| format!("      {finding}")));
    if *more > 0 {
        lines.push(format!("      and {more} more"));
    }
    lines
}
