//! `elder tenant`: tenants, seen, made and changed from the shell.

use std::process::ExitCode;

use clap::{Args, Subcommand, ValueEnum};
use elder_access::{Feature, Gatekeeper, Job, PlatformTx, SubscriptionTier, Worker, work::Shell};
use elder_api_types::name::{InvalidName, Name};
use elder_config::Settings;
use elder_kernel::collection::Selection;
use elder_tenancy::platform::tenant::{
    Error, InvalidSlug, ManagedTenant, NewTenant, Slug, TenantRef, Tenants,
    service::{self, MaybeChange},
};

use super::{
    output::{say, table},
    shell::at_the_gate,
};
use crate::failure::Failure;

pub(super) const TEACH: &str = "\
Examples:
  elder tenant create --name 'Acme Ltd' --slug acme
  elder tenant deactivate acme                       shuts its people out within a second
  elder tenant schedule-deletion acme --days 14      removes every row of it in two weeks
  elder tenant cancel-deletion acme                  keeps it after all
  elder tenant clear-ip-allowlist system             lets operators in again who have shut themselves out

A tenant is named by its slug or its number. Every change stands in the audit log.";

/// What can be done with tenants.
#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// List all tenants
    List,
    /// Create a tenant with the settings of the platform's template
    Create(New),
    /// Show everything about a tenant
    Show(Named),
    /// Let a tenant's people and tokens in again
    Activate(Named),
    /// End a tenant's sessions and refuse its tokens
    Deactivate(Named),
    /// Set the day on which a tenant and every row of it are removed
    ScheduleDeletion {
        #[command(flatten)]
        tenant: Named,
        /// After how many days; without it, what the platform's settings say
        #[arg(long, value_parser = clap::value_parser!(u32).range(0..=365))]
        days: Option<u32>,
    },
    /// Take a scheduled deletion back
    CancelDeletion(Named),
    /// Let every network in again, if the list of a tenant shuts out those who could change it
    ClearIpAllowlist(Named),
}

/// A tenant that exists.
#[derive(Debug, Args)]
pub(super) struct Named {
    /// Its slug or number
    tenant: String,
}

/// A tenant to be made.
#[derive(Debug, Args)]
pub(super) struct New {
    /// Its name, as people read it
    #[arg(long, value_parser = name)]
    name: Name<200>,
    /// Its name in paths and headers: 2 to 63 of a-z, 0-9 and `-`
    #[arg(long, value_parser = slug)]
    slug: Slug,
    /// Its plan
    #[arg(long, value_enum, default_value_t = Plan::Community)]
    tier: Plan,
}

/// The plans.
#[derive(Debug, Clone, Copy, ValueEnum)]
enum Plan {
    Community,
    Professional,
    Enterprise,
}

fn name(text: &str) -> Result<Name<200>, InvalidName> {
    text.to_owned().try_into()
}

fn slug(text: &str) -> Result<Slug, InvalidSlug> {
    text.to_owned().try_into()
}

pub(super) fn run(settings: Settings, command: Command) -> Result<ExitCode, Failure> {
    at_the_gate(settings, async |_, keeper, worker| perform(keeper, worker, command).await)
}

async fn perform(keeper: &Gatekeeper, worker: &Worker, command: Command) -> Result<ExitCode, Failure> {
    let job = worker.job::<Shell>();
    match command {
        Command::List => list(&job).await,
        Command::Create(new) => create(&job, keeper, new).await,
        Command::Show(named) => show(&job, &named.tenant).await,
        Command::Activate(named) => change(&job, &named.tenant, service::activate).await,
        Command::Deactivate(named) => change(&job, &named.tenant, service::deactivate).await,
        Command::ScheduleDeletion { tenant: named, days } => {
            let schedule = async |tx: &_, tenant: &_| service::schedule_deletion(tx, tenant, days).await;
            change(&job, &named.tenant, schedule).await
        }
        Command::CancelDeletion(named) => change(&job, &named.tenant, service::cancel_deletion).await,
        Command::ClearIpAllowlist(named) => change(&job, &named.tenant, service::clear_ip_allowlist).await,
    }
}

async fn list(job: &Job<Shell>) -> Result<ExitCode, Failure> {
    let (tx, mut tenants) = (job.platform().await?, Vec::new());
    let mut page = Selection::all::<Tenants>();
    loop {
        let found = service::list(&tx, None, &page).await?;
        tenants.extend(found.rows);
        match found.next {
            Some(place) => page.after = Some(place),
            None => return say(&rows(&tenants)),
        }
    }
}

async fn create(job: &Job<Shell>, keeper: &Gatekeeper, new: New) -> Result<ExitCode, Failure> {
    // Over HTTP the gate asks this of the licence.
    if !keeper.entitlements().cover(Feature::MultiTenant) {
        return Err("the licence covers the System tenant alone: see `elder license status`".into());
    }
    let new = NewTenant {
        name: new.name,
        slug: new.slug,
        subscription_tier: match new.tier {
            Plan::Community => SubscriptionTier::Community,
            Plan::Professional => SubscriptionTier::Professional,
            Plan::Enterprise => SubscriptionTier::Enterprise,
        },
        data_retention_days: None,
        storage_quota_gb: None,
    };
    let tx = job.platform().await?;
    let (tenant, event) = service::create(&tx, new).await?;
    tx.commit(tenant.id, event).await?;
    say(&rows(&[tenant]))
}

async fn show(job: &Job<Shell>, named: &str) -> Result<ExitCode, Failure> {
    let found = service::find(&job.platform().await?, &TenantRef::from(named.to_owned())).await;
    say(&details(&found.map_err(|error| explain(error, named))?))
}

async fn change(
    job: &Job<Shell>,
    named: &str,
    change: impl AsyncFnOnce(&PlatformTx<Shell>, &TenantRef) -> Result<MaybeChange, Error>,
) -> Result<ExitCode, Failure> {
    let tx = job.platform().await?;
    let changed = change(&tx, &TenantRef::from(named.to_owned())).await;
    let (tenant, event) = changed.map_err(|error| explain(error, named))?;
    match event {
        Some(event) => tx.commit(tenant.id, event).await?,
        None => return say(&format!("It was so already.\n{}", rows(&[tenant]))),
    }
    say(&rows(&[tenant]))
}

/// At the shell there is no credential that could reach less than all.
fn explain(error: Error, named: &str) -> Failure {
    match error {
        Error::NotFound => format!("there is no tenant `{named}`: `elder tenant list` shows them all").into(),
        error => error.into(),
    }
}

fn rows(tenants: &[ManagedTenant]) -> String {
    let row = |tenant: &ManagedTenant| {
        [
            tenant.id.to_string(),
            tenant.slug.clone(),
            tenant.name.clone(),
            tenant.subscription_tier.name().to_owned(),
            yes(tenant.is_active),
            deletion(tenant),
        ]
    };
    let rows: Vec<_> = tenants.iter().map(row).collect();
    table(["ID", "SLUG", "NAME", "TIER", "ACTIVE", "DELETION"], &rows)
}

fn details(tenant: &ManagedTenant) -> String {
    let flags = tenant.feature_flags.iter().map(|(flag, on)| format!("{flag}={on}"));
    let bound = |bound: Option<i32>| bound.map_or_else(|| "-".to_owned(), |bound| bound.to_string());
    let rows = [
        ("id", tenant.id.to_string()),
        ("slug", tenant.slug.clone()),
        ("name", tenant.name.clone()),
        ("tier", tenant.subscription_tier.name().to_owned()),
        ("active", yes(tenant.is_active)),
        ("legal hold", yes(tenant.legal_hold)),
        ("deletion", deletion(tenant)),
        ("retention days", bound(tenant.data_retention_days)),
        ("storage quota GB", bound(tenant.storage_quota_gb)),
        ("feature flags", flags.collect::<Vec<_>>().join(", ")),
        ("created", tenant.created_at.to_rfc3339()),
        ("changed", tenant.updated_at.to_rfc3339()),
    ];
    table(["FIELD", "VALUE"], &rows.map(|(field, value)| [field.to_owned(), value]))
}

fn yes(is_so: bool) -> String {
    if is_so { "yes" } else { "no" }.to_owned()
}

fn deletion(tenant: &ManagedTenant) -> String {
    tenant.deletion_scheduled_at.map_or_else(|| "-".to_owned(), |at| at.format("%F %R UTC").to_string())
}
