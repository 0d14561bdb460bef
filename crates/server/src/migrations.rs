//! The migrations, embedded and applied under an advisory lock by one process at a time.

use std::error::Error;

use refinery::Runner;
use tokio_postgres::{Client, error::SqlState};

use crate::queue::{self, QueueSchemaError};

mod embedded {
    refinery::embed_migrations!("../../migrations");
}

/// Session lock that every migrator takes first; another one waits for it.
const LOCK: &str = "select pg_advisory_lock(hashtext('elder.migrations'))";
const UNLOCK: &str = "select pg_advisory_unlock(hashtext('elder.migrations'))";

/// One change of the schema.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Migration {
    /// Its place in the order.
    pub version: i64,
    /// What it does.
    pub name: String,
}

/// Why the database could not be migrated.
#[derive(Debug, thiserror::Error)]
pub enum MigrateError {
    /// The owner's URL is not one.
    #[error("the URL of the database's owner cannot be used: {0}")]
    Url(#[from] elder_access::UrlError),
    /// The database does not answer or refused a statement.
    #[error("the database refused the migration")]
    Database(#[from] tokio_postgres::Error),
    /// A migration failed, or one that was applied has been changed since.
    #[error("a migration failed")]
    Migration(#[from] refinery::Error),
    /// The tables of the job queue.
    #[error(transparent)]
    Queue(#[from] QueueSchemaError),
}

impl MigrateError {
    /// Whether waiting may help: nobody answers, or not yet.
    pub fn is_absence(&self) -> bool {
        let error = match self {
            Self::Database(error) => Some(error),
            Self::Migration(error) => causes(error).find_map(|cause| cause.downcast_ref()),
            Self::Url(_) | Self::Queue(_) => None,
        };
        // One that only reads is a standby: another server leads, or will soon.
        let not_yet = [
            SqlState::CANNOT_CONNECT_NOW,
            SqlState::INVALID_CATALOG_NAME,
            SqlState::ADMIN_SHUTDOWN,
            SqlState::READ_ONLY_SQL_TRANSACTION,
        ];
        let is_asked = matches!(self, Self::Database(_));
        error.is_some_and(|error| {
            error.is_closed() || error.code().map_or(is_asked, |code| not_yet.contains(code))
        })
    }
}

fn causes<'e>(error: &'e (dyn Error + 'static)) -> impl Iterator<Item = &'e (dyn Error + 'static)> {
    std::iter::successors(Some(error), |&error| error.source())
}

/// Applies what is missing and says what that was. Each file is one transaction, so that a crash leaves a whole
/// number of them; a second migrator waits for the first and finds nothing left to do.
///
/// # Errors
/// [`MigrateError`].
pub async fn migrate(owner_url: &str) -> Result<Vec<Migration>, MigrateError> {
    let mut client = connect(owner_url).await?;
    client.batch_execute(LOCK).await?;
    let report = run(&mut client, owner_url).await;
    client.batch_execute(UNLOCK).await?;
    Ok(report?.applied_migrations().iter().map(describe).collect())
}

async fn run(client: &mut Client, owner_url: &str) -> Result<refinery::Report, MigrateError> {
    let report = runner().run_async(client).await?;
    queue::migrate(client, owner_url).await?;
    Ok(report)
}

/// What [`migrate`] would apply.
///
/// # Errors
/// [`MigrateError`].
pub async fn pending(owner_url: &str) -> Result<Vec<Migration>, MigrateError> {
    let applied = applied(owner_url).await?;
    Ok(without(embedded::migrations::runner().get_migrations(), &applied))
}

/// What a newer version of Elder has applied. This one leaves it, and serves the database as it is.
///
/// # Errors
/// [`MigrateError`].
pub async fn newer(owner_url: &str) -> Result<Vec<Migration>, MigrateError> {
    let applied = applied(owner_url).await?;
    Ok(without(&applied, embedded::migrations::runner().get_migrations()))
}

async fn applied(owner_url: &str) -> Result<Vec<refinery::Migration>, MigrateError> {
    let mut client = connect(owner_url).await?;
    let table = "select to_regclass('public.refinery_schema_history') is not null";
    if client.query_one(table, &[]).await?.get(0) {
        return Ok(runner().get_applied_migrations_async(&mut client).await?);
    }
    Ok(Vec::new())
}

/// Those of `all` whose version is none of `others`.
fn without(all: &[refinery::Migration], others: &[refinery::Migration]) -> Vec<Migration> {
    let is_other = |one: &refinery::Migration| others.iter().any(|other| other.version() == one.version());
    all.iter().filter(|one| !is_other(one)).map(describe).collect()
}

fn runner() -> Runner {
    embedded::migrations::runner().set_abort_divergent(true).set_abort_missing(false)
}

fn describe(migration: &refinery::Migration) -> Migration {
    Migration { version: i64::from(migration.version()), name: migration.name().to_owned() }
}

async fn connect(owner_url: &str) -> Result<Client, MigrateError> {
    let (mut config, tls) = elder_access::database_url(owner_url)?;
    config.application_name("elder migrate");
    let (client, connection) = config.connect(tls).await?;
    elder_telemetry::spawn("migration connection", async move {
        if let Err(error) = connection.await {
            tracing::debug!(%error, "the migration's connection ended");
        }
    });
    Ok(client)
}
