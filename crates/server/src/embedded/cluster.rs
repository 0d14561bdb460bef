//! Makes the cluster's files, launches its postmaster and waits until that takes queries.

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::Child;
use std::time::{Duration, Instant};

use super::{Account, Error, Programs, account};

/// The role that sets the cluster up; no request is ever served with it.
pub(super) const SUPERUSER: &str = "elder_superuser";

/// Long enough for recovery after a crash in the middle of heavy writing.
const READY_LIMIT: Duration = Duration::from_mins(5);

/// How much of a failed program's output goes into the error.
const TAIL: usize = 2_000;

/// Given on the command line, so that they also hold for a cluster that an older release made.
const SETTINGS: &[&str] = &[
    // Nobody reaches it over a network; the socket's folder is closed to everyone else.
    "listen_addresses=",
    "unix_socket_permissions=0700",
    "max_connections=100",
    // An answered request is on disk.
    "fsync=on",
    "full_page_writes=on",
    "synchronous_commit=on",
    // Sized for a small machine that does other things too.
    "shared_buffers=64MB",
    "max_wal_size=512MB",
    "max_worker_processes=2",
    "max_parallel_workers=0",
    "autovacuum_max_workers=2",
    "huge_pages=off",
    // Compiling a plan costs more than the short queries here take.
    "jit=off",
    "timezone=UTC",
    // A week's ring of logs, without the values that `DETAIL` lines would quote.
    "logging_collector=on",
    "log_directory=log",
    "log_filename=postgresql-%a.log",
    "log_rotation_age=1d",
    "log_rotation_size=0",
    "log_truncate_on_rotation=on",
    "log_error_verbosity=terse",
    "log_timezone=UTC",
];

/// The major version that made the cluster in `home`, if one is there.
pub(super) fn version_in(home: &Path) -> Result<Option<u32>, Error> {
    let path = home.join("data/PG_VERSION");
    match fs::read_to_string(&path) {
        Ok(content) => {
            let version = content.trim().parse().map_err(std::io::Error::other);
            version.map(Some).map_err(Error::at("reading", &path))
        }
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(Error::at("reading", &path)(error)),
    }
}

/// Makes the cluster beside its place and moves it there, so that a half-made one is never taken for whole.
pub(super) fn create_if_missing(programs: &Programs, account: &Account, home: &Path) -> Result<(), Error> {
    let (half_made, data) = (home.join("half-made"), home.join("data"));
    if half_made.exists() {
        fs::remove_dir_all(&half_made).map_err(Error::at("removing", &half_made))?;
    }
    if data.exists() {
        return Ok(());
    }
    tracing::info!(directory = %home.display(), "making a private PostgreSQL cluster");
    let mut initdb = account.command(programs.path("initdb"));
    initdb.args(["--username", SUPERUSER, "--encoding=UTF8", "--locale=C.UTF-8", "--data-checksums"]);
    initdb
        .args(["--auth-local=trust", "--auth-host=reject", "--no-instructions", "--pgdata"])
        .arg(&half_made);
    let made = initdb.output().map_err(account::not_started)?;
    if !made.status.success() {
        let output = tail(&String::from_utf8_lossy(&made.stderr));
        return Err(Error::Failed { program: "initdb", status: made.status, output });
    }
    fs::rename(&half_made, &data).map_err(Error::at("moving into place", &data))?;
    File::open(home).and_then(|folder| folder.sync_all()).map_err(Error::at("writing", home))
}

/// Starts the postmaster; what it says before its own log opens goes to `startup.log`.
pub(super) fn launch(
    programs: &Programs,
    account: &Account,
    home: &Path,
    socket: &Path,
    lock: File,
) -> Result<Child, Error> {
    let path = startup_log(home);
    let log = File::create(&path).map_err(Error::at("creating", &path))?;
    let copy = log.try_clone().map_err(Error::at("opening", &path))?;
    let mut postgres = account.command(programs.path("postgres"));
    postgres.arg("-D").arg(home.join("data")).arg("-k").arg(socket);
    postgres.args(SETTINGS.iter().flat_map(|setting| ["-c", setting]));
    postgres.stdin(lock).stdout(copy).stderr(log).spawn().map_err(account::not_started)
}

/// Watches `postmaster.pid`, which tells without disturbing it whether the postmaster takes queries.
pub(super) fn wait_until_ready(postmaster: &mut Child, home: &Path) -> Result<(), Error> {
    let pid_file = home.join("data/postmaster.pid");
    let launched = Instant::now();
    while launched.elapsed() < READY_LIMIT {
        if says_ready(&fs::read_to_string(&pid_file).unwrap_or_default(), postmaster.id()) {
            return Ok(());
        }
        if let Some(status) = postmaster.try_wait().map_err(|e| Error::io("watching PostgreSQL", e))? {
            let output = last_words(home);
            return Err(Error::Failed { program: "postgres", status, output });
        }
        std::thread::sleep(Duration::from_millis(5));
    }
    Err(Error::NotReady { limit: READY_LIMIT, log: home.join("data/log") })
}

/// The first line is the process, the eighth its state.
fn says_ready(pid_file: &str, pid: u32) -> bool {
    let line = |number| pid_file.lines().nth(number).unwrap_or_default().trim();
    line(0) == pid.to_string() && line(7) == "ready"
}

fn startup_log(home: &Path) -> PathBuf {
    home.join("startup.log")
}

/// From the log that PostgreSQL wrote last: the first one until its own opens.
fn last_words(home: &Path) -> String {
    let own = fs::read_dir(home.join("data/log")).into_iter().flatten().flatten().map(|entry| entry.path());
    let written = |path: &PathBuf| fs::metadata(path).and_then(|metadata| metadata.modified()).ok();
    let last = own.chain([startup_log(home)]).max_by_key(written);
    tail(&last.and_then(|path| fs::read_to_string(path).ok()).unwrap_or_default())
}

fn tail(output: &str) -> String {
    let start = output.ceil_char_boundary(output.len().saturating_sub(TAIL));
    output.get(start..).unwrap_or_default().trim().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_our_own_postmaster_counts_as_ready() {
        let file = "42\n/data\n1700000000\n5432\n/socket\n\n  1 2\nready   \n";
        assert!(says_ready(file, 42));
        assert!(!says_ready(file, 43));
        assert!(!says_ready(&file.replace("ready", "starting"), 42));
        assert!(!says_ready("", 42));
    }

    #[test]
    fn the_tail_never_cuts_a_character() {
        assert_eq!(tail(&"ä".repeat(TAIL)).chars().filter(|c| *c != 'ä').count(), 0);
        assert_eq!(tail(" short\n"), "short");
    }
}
