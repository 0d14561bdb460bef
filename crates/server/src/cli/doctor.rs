//! `elder doctor`: what is wrong with this installation, each finding with its mend.

use std::process::ExitCode;

use elder_access::work::Shell;
use elder_api_types::{health::Check, license::LicenseReport};
use elder_audit::CopyError;
use elder_config::Settings;
use elder_kernel::Clock;
use elder_licensing::state::service;
use elder_limits::Limiter;
use elder_sso::EndingCertificate;
use tokio_postgres::Client;

use super::{block_on, output::say, serve::outbound};
use crate::{
    copies,
    failure::{Failure, in_full},
    licensing, mail, pending,
    site::Site,
};

/// Oldest PostgreSQL that Elder runs on, and the first minor release of each line without known leaks through
/// statistics (CVE-2025-8713).
const FLOORS: &[(i32, i32)] = &[(15, 14), (16, 10), (17, 6)];
/// How far the clocks of Elder and PostgreSQL may differ, in seconds.
const CLOCK_LIMIT: f64 = 5.0;

/// Certificates of providers that end sooner are told of.
const CERTIFICATE_DAYS: u32 = 7;

/// One thing that was looked at.
struct Finding {
    what: &'static str,
    fault: Option<String>,
    mend: &'static str,
}

impl Finding {
    fn new(what: &'static str, fault: Option<String>, mend: &'static str) -> Self {
        Self { what, fault, mend }
    }

    fn line(&self) -> String {
        match &self.fault {
            None => format!("ok    {}", self.what),
            Some(fault) => format!("FAIL  {}: {fault}\n      mend: {}", self.what, self.mend),
        }
    }
}

pub(super) fn run(settings: Settings) -> Result<ExitCode, Failure> {
    let site = match Site::join(settings) {
        Ok(site) => site,
        Err(error) => {
            say(&Finding::new("site", Some(error.to_string()), "see the message").line())?;
            return Ok(ExitCode::FAILURE);
        }
    };
    let findings = block_on(look(&site));
    site.close()?;
    let findings = findings?;
    say(&findings.iter().map(Finding::line).collect::<Vec<_>>().join("\n"))?;
    let healthy = findings.iter().all(|finding| finding.fault.is_none());
    Ok(if healthy { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

async fn look(site: &Site) -> Vec<Finding> {
    let mut findings = vec![roles(site).await];
    if site.can_migrate {
        findings.push(migrations(site).await);
    }
    match connect(&site.database.app).await {
        Ok(client) => {
            findings.push(version(&client).await);
            findings.push(clock(&client).await);
            findings.push(isolation(&client).await);
        }
        Err(error) => findings.push(Finding::new(
            "database",
            Some(in_full(&*error, ": ")),
            "check that PostgreSQL runs and that `database.url` is right",
        )),
    }
    findings.push(disk(site).await);
    findings.push(license(site).await);
    findings.push(certificates(site).await);
    findings.push(mail(site).await);
    findings.push(second_places(site).await);
    if site.settings.redis.url.is_some() {
        findings.push(redis(site).await);
    }
    findings
}

async fn disk(site: &Site) -> Finding {
    let folder = &site.settings.data.dir;
    let fault = match elder_metrics::disk(folder.clone()).await {
        Check::Low => Some(format!("less than 5 % of the disk of {} is free", folder.display())),
        Check::Down => Some(format!("{} cannot be looked at", folder.display())),
        Check::Ok | Check::Disabled => None,
    };
    Finding::new("disk", fault, "make room, or set `data.dir`: docs/operations/troubleshooting.md")
}

/// Where checkpoints of the audit logs are kept besides: that they arrive, and that a bucket locks them.
async fn second_places(site: &Site) -> Finding {
    let fault = look_at_places(site).await.err().map(|error| in_full(&*error, ": "));
    let mend = "see docs/guides/audit.md#or-let-elder-keep-checkpoints-elsewhere";
    Finding::new("second places of checkpoints", fault, mend)
}

async fn look_at_places(site: &Site) -> Result<(), Failure> {
    let (keeper, _worker) = site.gate()?;
    let copies = copies::of(&site.settings, &outbound(&site.settings.outbound, &keeper)?)?;
    let told = |faults: Vec<CopyError>| faults.iter().map(|fault| in_full(fault, ": ")).collect::<Vec<_>>();
    Ok(copies.look().await.map_err(|faults| told(faults).join("; "))?)
}

/// Certificates by which tenants' providers sign: when they end, nobody signs in by them.
async fn certificates(site: &Site) -> Finding {
    let fault = match ending(site).await {
        Ok(found) if found.is_empty() => None,
        Ok(found) => Some(found.join(", ")),
        Err(error) => Some(in_full(&*error, ": ")),
    };
    let mend =
        "have the tenant renew it at the provider; Elder reads new metadata by itself: docs/guides/sso.md";
    Finding::new("certificates of identity providers", fault, mend)
}

async fn ending(site: &Site) -> Result<Vec<String>, Failure> {
    let (_keeper, worker) = site.gate()?;
    let found = elder_sso::ending_certificates(&worker.job::<Shell>(), CERTIFICATE_DAYS).await?;
    let named = |one: &EndingCertificate| {
        let day = one.ends_at.format("%Y-%m-%d");
        format!("that of {} of tenant {} is good until {day}", one.idp, one.tenant)
    };
    Ok(found.iter().map(named).collect())
}

/// What stands in the way of the licence; that there is none is nothing to mend.
async fn license(site: &Site) -> Finding {
    let fault = match licensed(site).await {
        Ok(report) => report.warning.or(report.refused.map(|refused| refused.detail)),
        Err(error) => Some(in_full(&*error, ": ")),
    };
    Finding::new("licence", fault, "see `elder license status` and docs/operations/licensing.md")
}

async fn licensed(site: &Site) -> Result<LicenseReport, Failure> {
    let (keeper, worker) = site.gate()?;
    let licensing = licensing::of(&site.settings, &keeper)?;
    Ok(service::report(&licensing, &worker.job::<Shell>().platform().await?).await?)
}

async fn redis(site: &Site) -> Finding {
    let fault = match Limiter::new(Clock::system(), site.settings.redis.url.as_ref()) {
        Ok(limiter) => limiter.look().await.err().map(|lost| lost.to_string()),
        Err(error) => Some(error.to_string()),
    };
    Finding::new("Redis", fault, "check that Redis runs, lets Elder write, and that `redis.url` is right")
}

async fn mail(site: &Site) -> Finding {
    let fault = match mail::mailer(&site.settings) {
        Ok(mailer) => mailer.look().await.err().map(|error| error.to_string()),
        Err(error) => Some(error.to_string()),
    };
    Finding::new("mail", fault, "check the section `mail` of the settings: docs/guides/mail.md")
}

/// The same check with which `elder serve` refuses to start; it also opens the signing keys with the master key.
async fn roles(site: &Site) -> Finding {
    let opened = match site.gate() {
        Ok((keeper, worker)) => keeper.open(&worker).await.err().map(|error| in_full(&error, ": ")),
        Err(error) => Some(in_full(&error, ": ")),
    };
    Finding::new("roles, master key and signing keys", opened, "see docs/operations/install.md")
}

async fn migrations(site: &Site) -> Finding {
    let fault = match pending(&site.database.owner).await {
        Ok(missing) if missing.is_empty() => None,
        Ok(missing) => Some(format!("{} missing", missing.len())),
        Err(error) => Some(in_full(&error, ": ")),
    };
    Finding::new("migrations", fault, "run `elder migrate`")
}

async fn version(client: &Client) -> Finding {
    let row = client.query_one("select current_setting('server_version_num')::int", &[]).await;
    let fault = match row.and_then(|row| row.try_get::<_, i32>(0)) {
        Ok(number) => {
            let (major, minor) = (number / 10_000, number % 100);
            let floor = FLOORS.iter().find(|(line, _)| *line == major);
            let old = major < 15 || floor.is_some_and(|(_, least)| minor < *least);
            old.then(|| format!("PostgreSQL {major}.{minor} is too old"))
        }
        Err(error) => Some(error.to_string()),
    };
    Finding::new("PostgreSQL version", fault, "upgrade to the newest minor release of PostgreSQL 15 or later")
}

async fn clock(client: &Client) -> Finding {
    let ours = Clock::system().now();
    let ask = "select abs(extract(epoch from clock_timestamp() - $1::timestamptz))::float8";
    let fault = match client.query_one(ask, &[&ours]).await.and_then(|row| row.try_get::<_, f64>(0)) {
        Ok(apart) => (apart > CLOCK_LIMIT).then(|| format!("{apart:.1} s apart")),
        Err(error) => Some(error.to_string()),
    };
    Finding::new("clocks of Elder and PostgreSQL", fault, "let both machines keep time by NTP")
}

async fn isolation(client: &Client) -> Finding {
    let ask = "select coalesce(string_agg(c.relname::text, ', '), '') from pg_class c
        join pg_attribute a on a.attrelid = c.oid and a.attname = 'tenant_id' and not a.attisdropped
        where c.relkind in ('r', 'p') and c.relnamespace = 'public'::regnamespace
          and not (c.relrowsecurity and c.relforcerowsecurity)";
    let fault = match client.query_one(ask, &[]).await.and_then(|row| row.try_get::<_, String>(0)) {
        Ok(tables) => (!tables.is_empty()).then(|| format!("not forced on {tables}")),
        Err(error) => Some(error.to_string()),
    };
    Finding::new("row-level security", fault, "run `select enable_tenant_rls('<table>')` as the owner")
}

async fn connect(url: &str) -> Result<Client, Failure> {
    let (config, tls) = elder_access::database_url(url)?;
    let (client, connection) = config.connect(tls).await?;
    elder_telemetry::spawn("doctor's connection", async move {
        if let Err(error) = connection.await {
            tracing::debug!(%error, "the doctor's connection ended");
        }
    });
    Ok(client)
}
