//! A private PostgreSQL for the server that was given no database: starts and stops with it.
//!
//! The cluster runs from the PostgreSQL programs of the machine, on a unix socket in a directory that only
//! its operating-system user (and root) may enter; it opens no TCP port. Started by root it runs as `postgres`
//! or `nobody`, since PostgreSQL refuses root. A directory belongs to one server at a time.
//!
//! # Threads
//! PostgreSQL asks the kernel for a fast shutdown (`PR_SET_PDEATHSIG`) when its parent dies, so that not even
//! `kill -9` leaves it running. The kernel means the parent *thread*: call [`Embedded::start`] on a thread that
//! lives as long as the server, such as the main thread before the asynchronous runtime starts. It blocks.

mod account;
mod cluster;
mod error;
mod occupancy;
mod programs;
mod roles;
mod socket;

use std::path::{Path, PathBuf};
use std::process::Child;
use std::time::{Duration, Instant};

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;

pub use self::error::Error;
use self::{account::Account, occupancy::Occupancy, programs::Programs};

/// How long a fast shutdown may take before [`Embedded::stop`] gives up on it.
const STOP_LIMIT: Duration = Duration::from_secs(30);

/// Where the private cluster lives and what runs it.
#[derive(Clone, Debug)]
pub struct Settings {
    /// Folder for everything of this cluster; made when missing.
    pub directory: PathBuf,
    /// Folder of the programs `postgres` and `initdb`; searched for when not given.
    pub programs: Option<PathBuf>,
}

/// How to reach the cluster: one libpq key=value string for each role.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Connections {
    /// Owns the database; for migrations.
    pub owner: String,
    /// Serves tenants.
    pub app: String,
    /// Serves operators and jobs.
    pub platform: String,
}

impl Connections {
    fn at(socket: &Path) -> Self {
        let role = |name| format!("host={} user={name} dbname=elder", socket.display());
        Self { owner: role("elder_owner"), app: role("elder_app"), platform: role("elder_platform") }
    }
}

/// A running private cluster.
#[derive(Debug)]
pub struct Embedded {
    postmaster: Child,
    connections: Connections,
    /// Held until the end: the next server on this directory waits for it.
    _occupancy: Occupancy,
}

impl Embedded {
    /// Starts the cluster, making it first when there is none, and answers once it takes queries.
    ///
    /// Blocks; see the module's note on threads.
    ///
    /// # Errors
    /// [`Error`] says what is missing or in the way, and how to mend it.
    pub fn start(settings: &Settings) -> Result<Self, Error> {
        let account = Account::choose()?;
        let home = account.prepare(&settings.directory)?;
        let occupancy = Occupancy::take(&home)?;
        let named = settings.programs.as_deref();
        let programs = match cluster::version_in(&home)? {
            Some(version) => Programs::of_version(named, version, &home)?,
            None => Programs::newest(named)?,
        };
        let lock = occupancy::wait_for_predecessor(&home)?;
        cluster::create_if_missing(&programs, &account, &home)?;
        let socket = socket::choose(&account, &home)?;
        occupancy::clear_leftovers(&home, &socket)?;
        let postmaster = cluster::launch(&programs, &account, &home, &socket, lock)?;
        let mut embedded = Self { postmaster, connections: Connections::at(&socket), _occupancy: occupancy };
        cluster::wait_until_ready(&mut embedded.postmaster, &home)?;
        roles::ensure(&socket)?;
        tracing::info!(
            directory = %home.display(), socket = %socket.display(), user = account.name(),
            "private PostgreSQL is ready"
        );
        Ok(embedded)
    }

    /// How to reach the cluster that another process runs in this directory; `None` when none does.
    ///
    /// # Errors
    /// [`Error`] when the directory cannot be looked at.
    pub fn of_another_process(settings: &Settings) -> Result<Option<Connections>, Error> {
        let account = Account::choose()?;
        let home = account.prepare(&settings.directory)?;
        if !Occupancy::is_taken(&home)? {
            return Ok(None);
        }
        Ok(Some(Connections::at(&socket::choose(&account, &home)?)))
    }

    /// The connection settings of the three roles.
    pub fn connections(&self) -> &Connections {
        &self.connections
    }

    /// Ends every session and stops the cluster (PostgreSQL's fast shutdown).
    ///
    /// # Errors
    /// [`Error::StillRunning`] when it has not ended within 30 seconds.
    pub fn stop(mut self) -> Result<(), Error> {
        let pid = self.postmaster.id();
        self.interrupt();
        let asked = Instant::now();
        while asked.elapsed() < STOP_LIMIT {
            match self.postmaster.try_wait() {
                Ok(Some(_)) => return Ok(()),
                Ok(None) => std::thread::sleep(Duration::from_millis(5)),
                Err(source) => return Err(Error::io("waiting for PostgreSQL to stop", source)),
            }
        }
        Err(Error::StillRunning { pid, limit: STOP_LIMIT })
    }

    /// Asks for a fast shutdown; does nothing when the postmaster is gone, whose id may be another's by now.
    fn interrupt(&mut self) {
        if let (Ok(None), Ok(pid)) = (self.postmaster.try_wait(), i32::try_from(self.postmaster.id()))
            && let Err(error) = kill(Pid::from_raw(pid), Signal::SIGINT)
        {
            tracing::warn!(%error, pid, "PostgreSQL could not be asked to stop");
        }
    }
}

impl Drop for Embedded {
    fn drop(&mut self) {
        self.interrupt();
    }
}
