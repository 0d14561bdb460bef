//! What can keep the private PostgreSQL from running, each with the way to mend it.

use std::path::{Path, PathBuf};
use std::process::ExitStatus;
use std::time::Duration;

/// Why the private PostgreSQL does not run.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// No usable PostgreSQL programs on this machine.
    #[error(
        "PostgreSQL 15 or newer is not installed: apt-get install postgresql-15 \
         (or set DATABASE_URL to use a server of your own)"
    )]
    NotInstalled,
    /// The folder named in the settings holds no usable programs.
    #[error("{} holds no `postgres` and `initdb` of version 15 or newer: name the folder that does", .0.display())]
    NoProgramsIn(PathBuf),
    /// The cluster was made by a version that is not there any more.
    #[error(
        "the data in {} was made by PostgreSQL {version}, which is not installed: \
         apt-get install postgresql-{version} (pg_upgrade carries data to a newer version)",
        directory.display()
    )]
    OtherVersion {
        /// The major version that made the data.
        version: u32,
        /// The data directory.
        directory: PathBuf,
    },
    /// `setpriv` is missing.
    #[error("the program `setpriv` is not installed: apt-get install util-linux")]
    NoSetpriv,
    /// Root has no unprivileged user to run PostgreSQL as.
    #[error(
        "PostgreSQL refuses to run as root and there is no user `postgres` or `nobody`: useradd --system postgres"
    )]
    NoUnprivilegedUser,
    /// The running user has no entry in the user database.
    #[error(
        "user id {0} has no name, which PostgreSQL needs: add it with useradd, or run as a user that exists"
    )]
    UnknownUser(u32),
    /// The unprivileged user cannot reach the directory.
    #[error(
        "user `{user}`, as whom PostgreSQL runs when root starts it, may not enter {}: \
         set the data directory to a place it can reach, such as /var/lib/elder",
        blocked.display()
    )]
    Unreachable {
        /// As whom PostgreSQL would run.
        user: String,
        /// The folder on the way that it may not enter.
        blocked: PathBuf,
    },
    /// The directory is somebody else's.
    #[error(
        "{} belongs to user id {owner}, but PostgreSQL would run as `{user}`: \
         start as the user who made it, or choose another data directory",
        directory.display()
    )]
    ForeignDirectory {
        /// The directory.
        directory: PathBuf,
        /// Whose it is.
        owner: u32,
        /// As whom PostgreSQL would run.
        user: String,
    },
    /// Another server uses the directory.
    #[error(
        "{} is in use by another elder server (process {holder}): stop that one, or choose another data directory",
        directory.display()
    )]
    InUse {
        /// The directory.
        directory: PathBuf,
        /// The other server's process id.
        holder: String,
    },
    /// A PostgreSQL that a former server left behind does not end.
    #[error(
        "a former PostgreSQL ({}) still uses {} after {}s: end it with `kill -QUIT`",
        pid.map_or_else(|| "of an unknown process".to_owned(), |pid| format!("process {pid}")),
        directory.display(), limit.as_secs()
    )]
    PredecessorLingers {
        /// Its postmaster, where that is known.
        pid: Option<i32>,
        /// The data directory.
        directory: PathBuf,
        /// How long it was waited for.
        limit: Duration,
    },
    /// Every candidate for the socket's folder is too long or not ours alone.
    #[error(
        "no folder for the database socket: {} is too long for a socket or holds odd characters, and {} \
         is not a private folder of ours: remove that, or choose a shorter data directory",
        directory.display(), fallback.display()
    )]
    NoSocketDirectory {
        /// The folder inside the data directory.
        directory: PathBuf,
        /// The short folder that was tried instead.
        fallback: PathBuf,
    },
    /// A program of PostgreSQL failed.
    #[error("{program} failed ({status}): {output}")]
    Failed {
        /// Which.
        program: &'static str,
        /// How it ended.
        status: ExitStatus,
        /// The last of what it wrote.
        output: String,
    },
    /// PostgreSQL takes no queries yet.
    #[error("PostgreSQL takes no queries after {}s; its log is in {}", limit.as_secs(), log.display())]
    NotReady {
        /// How long it was waited for.
        limit: Duration,
        /// Where to look.
        log: PathBuf,
    },
    /// PostgreSQL did not stop.
    #[error("PostgreSQL (process {pid}) has not stopped after {}s: end it with `kill -QUIT {pid}`", limit.as_secs())]
    StillRunning {
        /// Its process id.
        pid: u32,
        /// How long it was waited for.
        limit: Duration,
    },
    /// The roles or the database could not be made.
    #[error("setting up the roles and the database: {0}")]
    SetUp(#[from] tokio_postgres::Error),
    /// The operating system refused something.
    #[error("{action}: {source}")]
    Io {
        /// What was tried.
        action: String,
        /// What came of it.
        source: std::io::Error,
    },
}

impl Error {
    pub(super) fn io(action: impl Into<String>, source: impl Into<std::io::Error>) -> Self {
        Self::Io { action: action.into(), source: source.into() }
    }

    /// For `map_err`: the operation on `path` that failed.
    pub(super) fn at<E: Into<std::io::Error>>(verb: &str, path: &Path) -> impl FnOnce(E) -> Self {
        let action = format!("{verb} {}", path.display());
        move |source| Self::io(action, source)
    }
}
