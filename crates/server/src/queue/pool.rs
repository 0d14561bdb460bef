//! The queue's own connections. Nothing but the queue's statements travels on them.

use deadpool_postgres::{BuildError, Manager, ManagerConfig, Pool, RecyclingMethod};
use elder_access::UrlError;
use graphile_worker::Database;

/// Connections of the runner.
const OF_RUNNER: usize = 2;

/// A pool that could not be made.
#[derive(Debug, thiserror::Error)]
pub enum PoolError {
    /// The URL is none.
    #[error("the URL of the database cannot be used: {0}")]
    Url(#[from] UrlError),
    /// The pool.
    #[error(transparent)]
    Build(#[from] BuildError),
}

/// The runner's pool, in the words of the queue.
pub(super) fn of_runner(platform_url: &str) -> Result<Database, PoolError> {
    Ok(pool(platform_url, "elder queue", OF_RUNNER)?.into())
}

/// One connection of the owner, to migrate by.
pub(super) fn of_owner(owner_url: &str) -> Result<Pool, PoolError> {
    pool(owner_url, "elder migrate", 1)
}

fn pool(url: &str, name: &str, size: usize) -> Result<Pool, PoolError> {
    let (mut config, tls) = elder_access::database_url(url)?;
    config.application_name(name);
    let recycling = ManagerConfig { recycling_method: RecyclingMethod::Fast };
    Ok(Pool::builder(Manager::from_config(config, tls, recycling)).max_size(size).build()?)
}
