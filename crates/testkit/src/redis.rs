//! A Redis of a test's own, which it may kill.

use std::{
    os::unix::net::UnixStream,
    path::PathBuf,
    process::{Child, Command, Stdio},
    thread,
    time::{Duration, Instant},
};

use elder_kernel::Secret;
use nix::{
    sys::signal::{Signal, kill},
    unistd::Pid,
};
use tempfile::TempDir;

/// A server that is not there by then never will be.
const START_LIMIT: Duration = Duration::from_secs(20);

/// A running `redis-server` on a unix socket. Dropping it kills it.
pub struct RedisServer {
    directory: TempDir,
    child: Child,
}

impl RedisServer {
    /// Starts an empty server.
    pub fn start() -> Self {
        let directory = tempfile::tempdir().unwrap();
        let child = run(&directory);
        let server = Self { directory, child };
        server.wait();
        server
    }

    /// Where it listens.
    pub fn url(&self) -> Secret<String> {
        Secret::new(format!("redis+unix://{}", self.socket().display()))
    }

    /// `kill -9`.
    pub fn kill(&mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }

    /// Starts it again, empty, after it was killed.
    pub fn restart(&mut self) {
        self.child = run(&self.directory);
        self.wait();
    }

    /// Sends a signal, such as SIGSTOP.
    pub fn signal(&self, signal: Signal) {
        kill(Pid::from_raw(self.child.id().try_into().unwrap()), signal).unwrap();
    }

    /// Runs one command; gives what it printed.
    pub fn command(&self, words: &[&str]) -> String {
        let output = Command::new("redis-cli").arg("-s").arg(self.socket()).args(words).output().unwrap();
        String::from_utf8(output.stdout).unwrap().trim().to_owned()
    }

    fn socket(&self) -> PathBuf {
        self.directory.path().join("redis.sock")
    }

    fn wait(&self) {
        let begin = Instant::now();
        while UnixStream::connect(self.socket()).is_err() {
            assert!(begin.elapsed() < START_LIMIT, "redis-server does not start");
            thread::sleep(Duration::from_millis(5));
        }
    }
}

impl Drop for RedisServer {
    fn drop(&mut self) {
        let _killed = self.child.kill();
        let _ended = self.child.wait();
    }
}

fn run(directory: &TempDir) -> Child {
    let mut command = Command::new("redis-server");
    command.args(["--port", "0", "--unixsocket", "redis.sock", "--save", "", "--appendonly", "no"]);
    command.current_dir(directory.path()).stdin(Stdio::null()).stdout(Stdio::null());
    command.spawn().expect("redis-server is installed: run the tests by `make test`")
}
