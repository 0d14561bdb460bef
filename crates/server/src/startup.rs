//! What happens between listening and being ready.

use std::{net::SocketAddr, path::PathBuf, time::Duration};

use chrono::TimeDelta;
use elder_access::{ConnectError, Gatekeeper, OpenError, Worker};
use elder_audit::{Copies, archive::Store};
use elder_config::Settings;
use elder_crypto::PasswordHasher;
use elder_kernel::Secret;
use elder_licensing::Account;
use elder_limits::Link;
use elder_tenancy::DomainResolver;

use crate::{
    archive,
    failure::{Failure, in_full},
    mail, migrate,
    site::Site,
};

/// Longest pause between two tries to reach the database.
const LONGEST_PAUSE: Duration = Duration::from_secs(5);

/// What the start needs to know of its site.
pub(crate) struct Opening {
    /// Where clients reach this server.
    pub(crate) url: String,
    /// Whether to load the demonstration data.
    pub(crate) demo: bool,
    /// The data directory.
    pub(crate) data: PathBuf,
    /// With what the names of the audit logs begin.
    pub(crate) audit_origin: String,
    /// The second place of their checkpoints.
    pub(crate) copies: Copies,
    /// The licence server.
    pub(crate) account: Option<Account>,
    /// What was configured.
    pub(crate) settings: Settings,
    /// Where months of them are archived, if anywhere.
    pub(crate) archive: Option<Store>,
    /// At what age a signing key is replaced; without it, never.
    pub(crate) key_age: Option<TimeDelta>,
    owner_url: Option<String>,
    private: bool,
    mails: String,
    owner: Option<(String, Secret<String>)>,
}

impl Opening {
    pub(crate) fn of(
        site: &Site,
        address: SocketAddr,
        demo: bool,
        copies: Copies,
        account: Option<Account>,
    ) -> Result<Self, Failure> {
        let settings = &site.settings;
        let configured = settings.http.public_url.as_ref().map(ToString::to_string);
        let migrates = settings.database.migrate_on_start && site.can_migrate;
        let bootstrap = &settings.bootstrap;
        Ok(Self {
            url: configured.unwrap_or_else(|| reachable(address)),
            demo,
            data: settings.data.dir.clone(),
            copies,
            account,
            settings: settings.clone(),
            archive: archive::store(settings)?,
            audit_origin: elder_audit::origin_of(&settings.public_url()),
            key_age: Some(settings.tokens.rotate_keys_days)
                .filter(|days| *days > 0)
                .map(|days| TimeDelta::days(days.into())),
            owner_url: migrates.then(|| site.database.owner.clone()),
            private: site.is_private(),
            mails: mail::destination(settings),
            owner: bootstrap.email.clone().zip(bootstrap.password.clone()),
        })
    }

    /// Where Elder is and what it stands on, in a few lines.
    pub(crate) fn greeting(&self, redis: Link) -> String {
        let database = if self.private {
            format!("a private PostgreSQL in {}", self.data.join("postgres").display())
        } else {
            "the configured PostgreSQL".to_owned()
        };
        let redis = match redis {
            Link::Alone => "none, so this is a node on its own",
            Link::Up => "the configured one, which keeps the rate limits",
            Link::Down => "does not answer yet, so this node keeps rate limits of its own",
        };
        format!(
            "Elder {} is ready on {}\n  database: {database}\n  redis: {redis}\n  mails: {}",
            env!("CARGO_PKG_VERSION"),
            self.url,
            self.mails,
        )
    }
}

/// How a person reaches an address that may mean every interface.
fn reachable(address: SocketAddr) -> String {
    if address.ip().is_unspecified() {
        format!("http://localhost:{}", address.port())
    } else {
        format!("http://{address}")
    }
}

/// Migrates and opens the gate; while the database is absent, tries again with growing pauses.
///
/// # Errors
/// What no waiting mends: a role that could bypass row-level security, a wrong key, a migration that fails.
pub(crate) async fn wait_for_database(
    opening: &Opening,
    keeper: &Gatekeeper,
    worker: &Worker,
) -> Result<(), Failure> {
    let mut pause = Duration::from_millis(50);
    loop {
        let Err(error) = try_to_open(opening, keeper, worker).await? else { return Ok(()) };
        tracing::warn!(error, pause_ms = pause.as_millis(), "the database does not answer yet");
        tokio::time::sleep(pause).await;
        pause = (pause * 2).min(LONGEST_PAUSE);
    }
}

/// The outer error ends the start; the inner one is worth another try.
async fn try_to_open(
    opening: &Opening,
    keeper: &Gatekeeper,
    worker: &Worker,
) -> Result<Result<(), String>, Failure> {
    if let Some(owner_url) = &opening.owner_url {
        match migrate(owner_url).await {
            Ok(applied) if applied.is_empty() => {}
            Ok(applied) => tracing::info!(count = applied.len(), "migrated the database"),
            Err(error) if error.is_absence() => return Ok(Err(in_full(&error, ": "))),
            Err(error) => return Err(error.into()),
        }
    }
    match keeper.open(worker).await {
        Ok(()) => Ok(Ok(())),
        Err(OpenError::Connect(ConnectError::Database { source, .. }) | OpenError::Database(source))
            if matches!(source, elder_access::DbError::Unavailable(_)) =>
        {
            Ok(Err(in_full(&source, ": ")))
        }
        Err(error) => Err(error.into()),
    }
}

/// Makes the configured owner, or the link at which the first person becomes the owner.
///
/// # Errors
/// A password that breaks the rules, or the database.
pub(crate) async fn first_owner(
    opening: &Opening,
    worker: &Worker,
    hasher: &PasswordHasher,
) -> Result<Option<String>, Failure> {
    if let Some((email, password)) = &opening.owner {
        elder_portal_users::bootstrap_owner(worker, hasher, email, password.clone()).await?;
        return Ok(None);
    }
    let Some(token) = elder_portal_users::setup_link(worker).await? else { return Ok(None) };
    Ok(Some(format!(
        "This platform has no owner yet. Within one hour, whoever opens this link becomes it:\n  {}/setup?token={}",
        opening.url,
        token.expose(),
    )))
}

/// The resolver that proves domains.
///
/// # Errors
/// If the system has no usable configuration of name servers.
pub(crate) fn resolver(settings: &Settings) -> Result<DomainResolver, Failure> {
    if settings.dns.resolvers.is_empty() {
        return Ok(DomainResolver::system()?);
    }
    Ok(DomainResolver::at(settings.dns.resolvers.clone())?)
}
