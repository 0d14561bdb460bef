//! Where this Elder lives: its settings, its database, its master key.

use std::{
    fs::{self, OpenOptions},
    io::{self, Write as _},
    os::unix::fs::OpenOptionsExt as _,
    path::{Path, PathBuf},
};

use elder_access::{
    AccessPolicy, Asides, DatabaseTarget, Entitlements, Gatekeeper, Parts, SubscriptionTier, Worker,
};
use elder_config::{Algorithm, Settings};
use elder_crypto::{InvalidEnvironment, MasterKey, WeakMasterKey};
use elder_kernel::{Random, Seam};

use crate::{
    embedded::{self, Connections, Embedded},
    limits,
};

/// Settings, and a database that answers or will.
pub(crate) struct Site {
    /// What was configured.
    pub(crate) settings: Settings,
    /// How each role connects.
    pub(crate) database: Connections,
    /// Whether the owner's connection is known, so that this process can migrate.
    pub(crate) can_migrate: bool,
    cluster: Option<Embedded>,
}

/// Why a site cannot be opened.
#[derive(Debug, thiserror::Error)]
pub(crate) enum SiteError {
    /// The private PostgreSQL.
    #[error(transparent)]
    Embedded(#[from] embedded::Error),
    /// The platform role's URL is missing.
    #[error(
        "`database.platform_url` is not set: beside `database.url` Elder needs the URL of the role elder_platform \
         (infrastructure/postgres/roles.sql makes it)"
    )]
    NoPlatformUrl,
    /// A file.
    #[error("{path}: {source}")]
    File {
        /// Which.
        path: PathBuf,
        /// What is wrong with it.
        source: io::Error,
    },
    /// The master key.
    #[error("the master key in {place} cannot be used: {source}")]
    MasterKey {
        /// The setting or file.
        place: String,
        /// What is wrong with it.
        source: WeakMasterKey,
    },
    /// The URL of Redis.
    #[error("`redis.url` cannot be used: {0}")]
    Redis(#[from] elder_limits::InvalidUrl),
    /// What stands in API keys.
    #[error("`tokens.key_environment` cannot be used: {0}")]
    KeyEnvironment(#[from] InvalidEnvironment),
    /// A database URL.
    #[error(transparent)]
    Connect(#[from] elder_access::ConnectError),
}

impl Site {
    /// Uses the configured database, or starts the private one: call it on the main thread, before any runtime.
    ///
    /// # Errors
    /// [`SiteError`].
    pub(crate) fn serve(settings: Settings) -> Result<Self, SiteError> {
        // With a database elsewhere nothing may be written for long, and a folder that is missing looks like a lost disk.
        if let Err(error) = fs::create_dir_all(&settings.data.dir) {
            tracing::warn!(%error, path = %settings.data.dir.display(), "the data directory cannot be made");
        }
        Self::open(settings, |private| {
            let cluster = Embedded::start(private)?;
            Ok((cluster.connections().clone(), Some(cluster)))
        })
    }

    /// Like [`Self::serve`], but joins a private PostgreSQL that a running server has started already.
    ///
    /// # Errors
    /// [`SiteError`].
    pub(crate) fn join(settings: Settings) -> Result<Self, SiteError> {
        Self::open(settings, |private| {
            if let Some(connections) = Embedded::of_another_process(private)? {
                return Ok((connections, None));
            }
            let cluster = Embedded::start(private)?;
            Ok((cluster.connections().clone(), Some(cluster)))
        })
    }

    fn open(
        settings: Settings,
        private: impl FnOnce(&embedded::Settings) -> Result<(Connections, Option<Embedded>), embedded::Error>,
    ) -> Result<Self, SiteError> {
        let Some(app) = settings.database.url.as_ref().map(|url| url.expose().clone()) else {
            let directory = absolute(&settings.data.dir)?.join("postgres");
            let programs = settings.database.postgres_bin_dir.clone();
            let (database, cluster) = private(&embedded::Settings { directory, programs })?;
            return Ok(Self { settings, database, can_migrate: true, cluster });
        };
        let platform =
            settings.database.platform_url.as_ref().ok_or(SiteError::NoPlatformUrl)?.expose().clone();
        let owner = settings.database.owner_url.as_ref().map(|url| url.expose().clone());
        let can_migrate = owner.is_some();
        let database = Connections { owner: owner.unwrap_or_default(), app, platform };
        Ok(Self { settings, database, can_migrate, cluster: None })
    }

    /// Whether the database is a private one.
    pub(crate) fn is_private(&self) -> bool {
        self.settings.database.url.is_none()
    }

    /// Builds the gate of this site.
    ///
    /// # Errors
    /// [`SiteError`] for the master key or a URL.
    pub(crate) fn gate(&self) -> Result<(Gatekeeper, Worker), SiteError> {
        let settings = &self.settings;
        let target = |setting, url: &str, most: u32| DatabaseTarget {
            setting,
            url: url.to_owned(),
            max_connections: usize::try_from(most).unwrap_or(usize::MAX),
            connect_timeout: settings.database.connect_timeout_seconds.duration(),
            statement_timeout: settings.database.statement_timeout_seconds.duration(),
        };
        let seam = Seam::system();
        let limits = limits::of(settings, &seam.clock)?;
        let most = settings.database.max_connections.get();
        let most_platform = settings.database.platform_max_connections.get();
        Ok(Gatekeeper::build(Parts {
            app: target("database.url", &self.database.app, most),
            platform: target("database.platform_url", &self.database.platform, most_platform),
            master_key: self.master_key(&seam.random)?,
            seam,
            // Until the database has told of a licence.
            entitlements: Entitlements::of_tier(SubscriptionTier::Community),
            policy: AccessPolicy {
                issuer: settings.issuer(),
                access_token: settings.tokens.access_token_seconds.duration(),
                refresh_retry: settings.tokens.refresh_retry_seconds.duration(),
                algorithm: match settings.tokens.algorithm {
                    Algorithm::EdDsa => elder_crypto::Algorithm::EdDsa,
                    Algorithm::Es256 => elder_crypto::Algorithm::Es256,
                },
                key_environment: settings.tokens.key_environment.parse()?,
            },
            limits,
            asides: Asides {
                calls: settings.audit.api_calls,
                folder: Some(absolute(&settings.data.dir)?.join("audit")),
                most_bytes: settings.audit.waiting_bytes,
            },
        })?)
    }

    /// The key that seals secrets: as configured, or from the data directory, where the first start makes it.
    fn master_key(&self, random: &Random) -> Result<MasterKey, SiteError> {
        let secrets = &self.settings.secrets;
        let parse = |place: String, text: &str| {
            MasterKey::parse(text.trim()).map_err(|source| SiteError::MasterKey { place, source })
        };
        if let Some(key) = &secrets.master_key {
            return parse("`secrets.master_key`".to_owned(), key.expose());
        }
        let made_here = secrets.master_key_file.is_none();
        let default = || absolute(&self.settings.data.dir).map(|dir| dir.join("master.key"));
        let path = secrets.master_key_file.clone().map_or_else(default, Ok)?;
        match fs::read_to_string(&path) {
            Ok(text) => parse(path.display().to_string(), &text),
            Err(error) if error.kind() == io::ErrorKind::NotFound && made_here => create_key(&path, random),
            Err(source) => Err(SiteError::File { path, source }),
        }
    }

    /// Stops the private PostgreSQL, if this process runs one.
    ///
    /// # Errors
    /// [`SiteError::Embedded`] if it does not stop.
    pub(crate) fn close(self) -> Result<(), SiteError> {
        self.cluster.map_or(Ok(()), |cluster| Ok(cluster.stop()?))
    }
}

fn create_key(path: &Path, random: &Random) -> Result<MasterKey, SiteError> {
    let at = |source| SiteError::File { path: path.to_owned(), source };
    if let Some(parent) = path.parent() {
        fs::create_dir_all(parent).map_err(at)?;
    }
    let key = MasterKey::generate(random);
    // Written whole under another name first: a crash leaves no half key behind.
    let draft = path.with_extension("new");
    let mut file =
        OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(&draft).map_err(at)?;
    writeln!(file, "{}", key.to_base64().expose()).and_then(|()| file.sync_all()).map_err(at)?;
    fs::rename(&draft, path).map_err(at)?;
    tracing::info!(path = %path.display(), "made the master key: keep a copy of it in a safe place");
    Ok(key)
}

fn absolute(path: &Path) -> Result<PathBuf, SiteError> {
    std::path::absolute(path).map_err(|source| SiteError::File { path: path.to_owned(), source })
}
