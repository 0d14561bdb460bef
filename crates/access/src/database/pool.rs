//! A pool of connections that sign in as one database role.

use std::{sync::Arc, time::Duration};

use super::{
    DbError, RoleRefused, UrlError, database_url,
    lending::{Lender, Lent},
    line::Lines,
    role, silence,
};

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
pub(crate) struct Pool(Arc<Lender>);

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
        // No merge joins: where statistics promise an early end (only the first people of a tenant have signed in so
        // far), such a plan walks through all of a tenant's people to find one, and is kept: 390 ms instead of 0.2 ms.
        let options = format!(
            "{} -c plan_cache_mode=force_generic_plan -c enable_mergejoin=off -c timezone=UTC \
             -c statement_timeout={} -c idle_in_transaction_session_timeout=60000",
            config.get_options().unwrap_or_default(),
            target.statement_timeout.as_millis(),
        );
        config.options(options.trim());
        let connect = Box::new(Lines { tls });
        Ok(Self(Arc::new(Lender::new(connect, config, target.max_connections, target.connect_timeout))))
    }

    /// Refuses a role that could bypass row-level security.
    pub(crate) async fn check_role(&self, setting: &'static str) -> Result<(), ConnectError> {
        let database = |source| ConnectError::Database { setting, source };
        let connection = self.get().await.map_err(database)?;
        let refused = role::check(&connection, setting).await.map_err(database)?;
        // The thread that starts serves no requests: each that does makes connections of its own.
        connection.discard();
        match refused {
            Some(refused) => Err(refused.into()),
            None => Ok(()),
        }
    }

    pub(crate) async fn get(&self) -> Result<Lent, DbError> {
        self.0.lend().await.map_err(DbError::unavailable)
    }

    /// Connections that are open, idle and waited for.
    pub(crate) fn status(&self) -> (usize, usize, usize) {
        self.0.status()
    }

    /// Begins to notice when PostgreSQL says nothing any more, so that nobody waits for it for ever.
    pub(crate) fn watch(&self) {
        elder_telemetry::spawn("silence of the database", silence::watch(Arc::downgrade(&self.0)));
    }

    /// Whether PostgreSQL says nothing any more.
    pub(crate) fn is_silent(&self) -> bool {
        self.0.silence().reigns()
    }

    /// Ends every idle connection and lends none any more.
    pub(crate) fn close(&self) {
        self.0.close();
    }
}
