//! A pool of connections that sign in as one database role.

use std::time::Duration;

use deadpool_postgres::{Manager, ManagerConfig, Object, RecyclingMethod, Timeouts};

use super::{DbError, RoleRefused, UrlError, database_url, line::Lines, role};

/// Where a pool connects, and how large it may grow.
#[derive(Debug, Clone)]
pub struct DatabaseTarget {
    /// The setting that gave the URL, for messages.
    pub setting: &'static str,
    /// `postgres://…` or `key=value` pairs.
    pub url: String,
    /// Most connections at once.
    pub max_connections: usize,
    /// How long to wait for a connection.
    pub connect_timeout: Duration,
    /// After how long PostgreSQL cancels a statement.
    pub statement_timeout: Duration,
}

/// Why a pool could not be made.
#[derive(Debug, thiserror::Error)]
pub enum ConnectError {
    /// The setting is no database URL.
    #[error("{setting} cannot be used: {source}")]
    Url {
        /// The setting.
        setting: &'static str,
        /// What is wrong with it.
        source: UrlError,
    },
    /// The pool could not be built.
    #[error("the pool for {setting} could not be built")]
    Build {
        /// The setting.
        setting: &'static str,
        /// What the pool says.
        source: deadpool_postgres::BuildError,
    },
    /// The role could bypass row-level security.
    #[error(transparent)]
    Role(#[from] RoleRefused),
    /// The database does not answer.
    #[error("{setting}: {source}")]
    Database {
        /// The setting.
        setting: &'static str,
        /// What went wrong.
        source: DbError,
    },
}

/// Private to the gate: nothing outside of this crate holds a pool or a connection of it.
pub(crate) struct Pool(deadpool_postgres::Pool);

impl Pool {
    /// Builds the pool; the first connection is made when it is needed.
    pub(crate) fn new(target: &DatabaseTarget) -> Result<Self, ConnectError> {
        let setting = target.setting;
        let (mut config, tls) =
            database_url(&target.url).map_err(|source| ConnectError::Url { setting, source })?;
        config.connect_timeout(target.connect_timeout);
        if config.get_application_name().is_none() {
            config.application_name("elder");
        }
        // Generic plans: a filter under row-level security plans longer than it runs (research: 35-40 % of a list).
        let options = format!(
            "{} -c plan_cache_mode=force_generic_plan -c timezone=UTC -c statement_timeout={} \
             -c idle_in_transaction_session_timeout=60000",
            config.get_options().unwrap_or_default(),
            target.statement_timeout.as_millis(),
        );
        config.options(options.trim());
        let recycling = ManagerConfig { recycling_method: RecyclingMethod::Fast };
        let manager = Manager::from_connect(config, Lines { tls }, recycling);
        let pool = deadpool_postgres::Pool::builder(manager)
            .max_size(target.max_connections)
            .timeouts(Timeouts {
                wait: Some(target.connect_timeout),
                create: Some(target.connect_timeout),
                recycle: Some(target.connect_timeout),
            })
            .runtime(deadpool_postgres::Runtime::Tokio1)
            .build()
            .map_err(|source| ConnectError::Build { setting, source })?;
        Ok(Self(pool))
    }

    /// Refuses a role that could bypass row-level security.
    pub(crate) async fn check_role(&self, setting: &'static str) -> Result<(), ConnectError> {
        let database = |source| ConnectError::Database { setting, source };
        let connection = self.get().await.map_err(database)?;
        match role::check(&connection, setting).await.map_err(database)? {
            Some(refused) => Err(refused.into()),
            None => Ok(()),
        }
    }

    pub(crate) async fn get(&self) -> Result<Object, DbError> {
        self.0.get().await.map_err(DbError::unavailable)
    }

    /// Connections that are open, idle and waited for.
    pub(crate) fn status(&self) -> (usize, usize, usize) {
        let status = self.0.status();
        (status.size, status.available, status.waiting)
    }

    /// Ends every idle connection and lends none any more.
    pub(crate) fn close(&self) {
        self.0.close();
    }
}
