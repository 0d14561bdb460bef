//! One server at a time on a data directory, and after the former PostgreSQL has really gone.

use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::Write;
use std::path::Path;
use std::time::{Duration, Instant};

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;

use super::Error;

/// How long a server that was killed may take to vanish.
const HOLDER_LIMIT: Duration = Duration::from_secs(1);

/// How long the PostgreSQL of a server that was killed may take to shut down.
const PREDECESSOR_LIMIT: Duration = Duration::from_secs(30);

/// A lock on the directory. The kernel gives it up when the process ends, however it ends.
#[derive(Debug)]
pub(super) struct Occupancy {
    _lock: File,
}

impl Occupancy {
    pub(super) fn take(home: &Path) -> Result<Self, Error> {
        let path = home.join("elder.lock");
        let mut file = open(&path)?;
        let asked = Instant::now();
        loop {
            match file.try_lock() {
                Ok(()) => break,
                Err(TryLockError::WouldBlock) if asked.elapsed() < HOLDER_LIMIT => {
                    std::thread::sleep(Duration::from_millis(10));
                }
                Err(TryLockError::WouldBlock) => {
                    let holder = fs::read_to_string(&path).map_err(Error::at("reading", &path))?;
                    let (directory, holder) = (home.to_owned(), holder.trim().to_owned());
                    return Err(Error::InUse { directory, holder });
                }
                Err(TryLockError::Error(error)) => return Err(Error::at("locking", &path)(error)),
            }
        }
        let written = file.set_len(0).and_then(|()| writeln!(file, "{}", std::process::id()));
        written.map_err(Error::at("writing", &path))?;
        Ok(Self { _lock: file })
    }
}

impl Occupancy {
    /// Whether another process holds the directory.
    pub(super) fn is_taken(home: &Path) -> Result<bool, Error> {
        let path = home.join("elder.lock");
        match open(&path)?.try_lock() {
            Ok(()) => Ok(false),
            Err(TryLockError::WouldBlock) => Ok(true),
            Err(TryLockError::Error(error)) => Err(Error::at("locking", &path)(error)),
        }
    }
}

/// Waits until no process of a former PostgreSQL is left; gives the lock that the next one will hold.
///
/// PostgreSQL gets the locked file as its standard input, and so does every process it forks: the lock is free
/// when the last of them has ended. No process id is trusted, which after a crash may be anybody's.
pub(super) fn wait_for_predecessor(home: &Path) -> Result<File, Error> {
    let path = home.join("postgres.lock");
    let lock = open(&path)?;
    let asked = Instant::now();
    let mut told = false;
    while let Err(refusal) = lock.try_lock() {
        if let TryLockError::Error(error) = refusal {
            return Err(Error::at("locking", &path)(error));
        }
        if asked.elapsed() > PREDECESSOR_LIMIT {
            let (pid, directory) = (postmaster_in(home), home.to_owned());
            return Err(Error::PredecessorLingers { pid, directory, limit: PREDECESSOR_LIMIT });
        }
        if !told {
            tracing::info!(directory = %home.display(), "waiting for the former PostgreSQL to shut down");
            postmaster_in(home).into_iter().for_each(interrupt);
            told = true;
        }
        std::thread::sleep(Duration::from_millis(10));
    }
    Ok(lock)
}

/// Removes what a PostgreSQL that was killed left behind, as it would take these for signs of a running one
/// when their process id has come to be another's. Only for the holder of the lock of the former.
pub(super) fn clear_leftovers(home: &Path, socket: &Path) -> Result<(), Error> {
    for leftover in [home.join("data/postmaster.pid"), socket.join(".s.PGSQL.5432.lock")] {
        match fs::remove_file(&leftover) {
            Ok(()) => tracing::info!(file = %leftover.display(), "PostgreSQL was killed: it will recover"),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {}
            Err(error) => return Err(Error::at("removing", &leftover)(error)),
        }
    }
    Ok(())
}

/// The running postmaster, by the file it keeps in its data directory.
fn postmaster_in(home: &Path) -> Option<i32> {
    let content = fs::read_to_string(home.join("data/postmaster.pid")).ok()?;
    let pid = content.lines().next()?.parse().ok().filter(|pid| *pid > 1)?;
    let name = fs::read_to_string(format!("/proc/{pid}/comm")).ok()?;
    (name.trim() == "postgres").then_some(pid)
}

/// The server's death has asked for the shutdown already, unless it came in the middle of launching.
fn interrupt(postmaster: i32) {
    if let Err(error) = kill(Pid::from_raw(postmaster), Signal::SIGINT) {
        tracing::warn!(%error, postmaster, "the former PostgreSQL could not be asked to stop");
    }
}

fn open(path: &Path) -> Result<File, Error> {
    let opened = OpenOptions::new().create(true).truncate(false).write(true).open(path);
    opened.map_err(Error::at("opening", path))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_second_server_is_told_the_process_of_the_first() {
        let home = tempfile::tempdir().unwrap();
        let first = Occupancy::take(home.path()).unwrap();
        let error = Occupancy::take(home.path()).unwrap_err();
        assert!(
            matches!(&error, Error::InUse { holder, .. } if *holder == std::process::id().to_string()),
            "{error}"
        );
        drop(first);
        Occupancy::take(home.path()).unwrap();
    }

    #[test]
    fn the_next_postgresql_waits_until_the_last_process_of_the_former_has_ended() {
        let home = tempfile::tempdir().unwrap();
        let former = wait_for_predecessor(home.path()).unwrap();
        let mut process = std::process::Command::new("sleep").arg("0.3").stdin(former).spawn().unwrap();
        wait_for_predecessor(home.path()).unwrap();
        assert!(process.try_wait().unwrap().is_some());
    }

    #[test]
    fn what_a_killed_postgresql_left_is_cleared() {
        let home = tempfile::tempdir().unwrap();
        fs::create_dir(home.path().join("data")).unwrap();
        let pid_file = home.path().join("data/postmaster.pid");
        let socket_lock = home.path().join(".s.PGSQL.5432.lock");
        fs::write(&pid_file, "1").unwrap();
        fs::write(&socket_lock, "1").unwrap();
        clear_leftovers(home.path(), home.path()).unwrap();
        assert!(!pid_file.exists() && !socket_lock.exists());
        clear_leftovers(home.path(), home.path()).unwrap();
    }
}
