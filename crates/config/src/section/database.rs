//! PostgreSQL.

use std::num::NonZeroU32;
use std::path::PathBuf;

use elder_kernel::Secret;

use crate::ConfigError;
use crate::setting::section;
use crate::value::Seconds;

section! {
    /// PostgreSQL. Without `url`, Elder runs a private one in its data directory.
    Database = "database" {
        /// The database as the application's role, which row-level security binds.
        #[env("DATABASE_URL")]
        url: Option<Secret<String>> => "postgres://elder_app:secret@db.example.com/elder";
        /// The same database as the platform's role, which sees every tenant.
        platform_url: Option<Secret<String>> => "postgres://elder_platform:secret@db.example.com/elder";
        /// The same database as its owner, who migrates it.
        owner_url: Option<Secret<String>> => "postgres://elder_owner:secret@db.example.com/elder";
        /// Connections of the application's role.
        max_connections: NonZeroU32 = 16;
        /// Connections of the platform's role.
        platform_max_connections: NonZeroU32 = 4;
        /// How long a connection may take to be made.
        connect_timeout_seconds: Seconds = 5;
        /// How long a statement may take.
        statement_timeout_seconds: Seconds = 30;
        /// Whether `elder serve` migrates the database first.
        migrate_on_start: bool = true;
        /// Where initdb and postgres are, for the private database. Without it: the usual places.
        postgres_bin_dir: Option<PathBuf> => "/usr/lib/postgresql/17/bin";
    }
}

impl Database {
    pub(crate) fn check(&self) -> Result<(), ConfigError> {
        let Self { url, platform_url, owner_url, .. } = self;
        for (name, given) in [("url", url), ("platform_url", platform_url), ("owner_url", owner_url)] {
            let key = format!("database.{name}");
            let Some(given) = given else { continue };
            if !["postgres://", "postgresql://"].iter().any(|scheme| given.expose().starts_with(scheme)) {
                return Err(ConfigError::invalid(&key, "it must begin with postgres://"));
            }
            if url.is_none() {
                return Err(ConfigError::invalid(&key, "it is good for nothing without `database.url`"));
            }
        }
        Ok(())
    }
}
