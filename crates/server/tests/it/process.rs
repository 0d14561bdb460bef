//! The real binary as a process of its own, on a test's database or on its private one.

use std::{
    io::{BufRead as _, BufReader},
    path::Path,
    process::{Child, Command, Stdio},
};

use elder_testkit::TestDatabase;
use nix::{
    sys::signal::{Signal, kill},
    unistd::Pid,
};

/// The e-mail address of the owner whom every process makes on an empty platform.
pub(crate) const OWNER: &str = "owner@elder.example";
/// The owner's password.
pub(crate) const PASSWORD: &str = "correct horse battery staple";

/// A running `elder serve`. Dropping it kills it.
pub(crate) struct Process {
    child: Child,
    /// Where it listens.
    pub(crate) url: String,
}

/// `elder` with a data directory and, if one is given, a test's database.
pub(crate) fn command(data: &Path, database: Option<&TestDatabase>) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_elder"));
    command.env_remove("DATABASE_URL").env("ELDER_DATA_DIR", data).env("ELDER_HTTP__BIND", "127.0.0.1:0");
    // Nobody balances load among tests.
    command.env("ELDER_HTTP__DRAIN_SECONDS", "0");
    command
        .env("ELDER_LICENSE__FILE", concat!(env!("CARGO_MANIFEST_DIR"), "/../../config/development.license"));
    if let Some(database) = database {
        command.env("DATABASE_URL", database.postgres_url("elder_app"));
        command.env("ELDER_DATABASE__PLATFORM_URL", database.postgres_url("elder_platform"));
        command.env("ELDER_DATABASE__OWNER_URL", database.postgres_url("elder_owner"));
    }
    command
}

/// Runs a command to its end: whether it succeeded, and all that it said.
pub(crate) fn output(command: &mut Command) -> (bool, String) {
    let output = command.stdin(Stdio::null()).output().unwrap();
    let text = [output.stdout, output.stderr].concat();
    (output.status.success(), String::from_utf8_lossy(&text).into_owned())
}

impl Process {
    /// Starts the server and waits until it says that it is ready.
    pub(crate) fn start(data: &Path, database: Option<&TestDatabase>) -> Self {
        let mut command = command(data, database);
        command.env("ELDER_BOOTSTRAP_EMAIL", OWNER).env("ELDER_BOOTSTRAP_PASSWORD", PASSWORD);
        Self::spawn(command.arg("serve"))
    }

    /// Starts the server with the demonstration data, as `make run` does.
    pub(crate) fn demo(data: &Path, database: &TestDatabase) -> Self {
        Self::spawn(command(data, Some(database)).args(["serve", "--demo"]))
    }

    /// Starts a command that serves.
    pub(crate) fn spawn(command: &mut Command) -> Self {
        let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        let errors = BufReader::new(child.stderr.take().unwrap());
        let log =
            std::thread::spawn(move || errors.lines().map_while(Result::ok).collect::<Vec<_>>().join("\n"));
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines().map_while(Result::ok);
        let Some(url) = lines.find_map(|line| Some(line.split_once("is ready on ")?.1.to_owned())) else {
            let _ended = child.wait();
            panic!("elder ended before it was ready:\n{}", log.join().unwrap());
        };
        // Nobody reads on, but the pipe must not fill.
        std::thread::spawn(move || lines.for_each(drop));
        Self { child, url }
    }

    /// Sends a signal.
    pub(crate) fn signal(&self, signal: Signal) {
        kill(Pid::from_raw(self.child.id().try_into().unwrap()), signal).unwrap();
    }

    /// `kill -9`, and waits until it is gone.
    pub(crate) fn kill(mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }

    /// Waits for the end that a signal asked for; gives the exit code.
    pub(crate) fn wait(&mut self) -> Option<i32> {
        self.child.wait().unwrap().code()
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        let _killed = self.child.kill();
        let _ended = self.child.wait();
    }
}

/// A folder that the operating-system user of a private PostgreSQL may enter too.
pub(crate) fn data_directory() -> tempfile::TempDir {
    use std::os::unix::fs::PermissionsExt as _;
    let directory = tempfile::Builder::new().prefix("elder-data-").tempdir().unwrap();
    std::fs::set_permissions(directory.path(), std::fs::Permissions::from_mode(0o755)).unwrap();
    directory
}
