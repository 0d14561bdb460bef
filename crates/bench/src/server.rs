//! The servers under load, as processes of their own: Elder, and the floor.

use std::{
    fs::{self, File},
    net::{SocketAddr, TcpListener},
    path::Path,
    process::{Child, Command, Stdio},
    thread,
    time::{Duration, Instant},
};

use nix::{
    sys::signal::{Signal, kill},
    unistd::Pid,
};

use crate::{cluster::Cluster, fault::Fault, http::Connection, operation};

/// A server that is not ready by then never will be.
const START_LIMIT: Duration = Duration::from_mins(1);
/// Between two looks whether it is ready.
const POLL: Duration = Duration::from_millis(1);

/// A running server.
pub(crate) struct Server {
    pub(crate) address: SocketAddr,
    /// From exec to the first answer 200 of `/readyz`.
    pub(crate) start: Duration,
    child: Child,
}

impl Server {
    /// Starts Elder on the cluster, as it stands in the release, but without rate limits: one caller stands for many.
    pub(crate) fn elder(cluster: &Cluster, data: &Path) -> Result<Self, Fault> {
        Self::elder_with(cluster, data, &[("ELDER_RATE_LIMIT__ENABLED", "false")])
    }

    /// Starts Elder with further settings.
    pub(crate) fn elder_with(
        cluster: &Cluster,
        data: &Path,
        settings: &[(&str, &str)],
    ) -> Result<Self, Fault> {
        let home = data.join("elder");
        fs::create_dir_all(&home)?;
        let address = free_address()?;
        let mut command = ending_with_us(&beside_this_program("elder")?);
        self::settings(&mut command, cluster, &home);
        command
            .arg("serve")
            .env("ELDER_HTTP__BIND", address.to_string())
            // Nobody balances load here.
            .env("ELDER_HTTP__DRAIN_SECONDS", "0")
            .env(
                "ELDER_LICENSE__FILE",
                concat!(env!("CARGO_MANIFEST_DIR"), "/../../config/development.license"),
            )
            .env("ELDER_LOG__LEVEL", "warn")
            // The tokens must outlast the measurement.
            .env("ELDER_TOKENS__ACCESS_TOKEN_SECONDS", "3600")
            // What calls in the audit log cost is measured by itself.
            .env("ELDER_AUDIT__API_CALLS", "false")
            .envs(settings.iter().copied());
        Self::start(command, (address, "/readyz"), &home.join("log"))
    }

    /// Starts the floor server on the cluster.
    pub(crate) fn floor(cluster: &Cluster, data: &Path) -> Result<Self, Fault> {
        let address = free_address()?;
        let mut command = ending_with_us(&std::env::current_exe()?);
        command.args(["floor", "--listen", &address.to_string(), "--database", &cluster.url("elder_app")]);
        Self::start(command, (address, "/readyz"), &data.join("floor.log"))
    }

    /// Starts a server that others wrote; it is ready once it answers 200 there.
    pub(crate) fn peer(
        program: &Path,
        prepare: impl FnOnce(&mut Command, SocketAddr),
        ready: &str,
        log: &Path,
    ) -> Result<Self, Fault> {
        let address = free_address()?;
        let mut command = ending_with_us(program);
        prepare(&mut command, address);
        Self::start(command, (address, ready), log)
    }

    fn start(mut command: Command, (address, ready): (SocketAddr, &str), log: &Path) -> Result<Self, Fault> {
        let output = File::create(log)?;
        command.stdin(Stdio::null()).stdout(output.try_clone()?).stderr(output);
        let begin = Instant::now();
        let child = command.spawn()?;
        let mut server = Self { address, start: Duration::ZERO, child };
        while !is_ready(address, ready) {
            if let Some(status) = server.child.try_wait()? {
                let words = fs::read_to_string(log)?;
                return Err(Fault::broken(format!("a server ended with {status}: {words}")));
            }
            if begin.elapsed() > START_LIMIT {
                return Err(Fault::broken(format!("a server is not ready after {START_LIMIT:?}")));
            }
            thread::sleep(POLL);
        }
        server.start = begin.elapsed();
        Ok(server)
    }

    pub(crate) fn pid(&self) -> u32 {
        self.child.id()
    }

    /// Asks it to end and waits.
    pub(crate) fn stop(mut self) -> Result<(), Fault> {
        self.terminate();
        let status = self.child.wait()?;
        // The floor ends by the signal itself.
        if status.success() || status.code().is_none() {
            return Ok(());
        }
        Err(Fault::broken(format!("a server ended with {status}")))
    }

    fn terminate(&self) {
        if let Ok(pid) = i32::try_from(self.child.id()) {
            // It may have ended by itself.
            let _ = kill(Pid::from_raw(pid), Signal::SIGTERM);
        }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        if let Ok(None) = self.child.try_wait() {
            self.terminate();
            let _ = self.child.wait();
        }
    }
}

/// A program with no settings but those it is given, which the kernel ends when this program dies.
fn ending_with_us(program: &Path) -> Command {
    let mut command = Command::new("setpriv");
    command.args(["--pdeathsig", "TERM", "--"]).arg(program).env_clear().env("PATH", "/usr/bin:/bin");
    command
}

fn is_ready(address: SocketAddr, path: &str) -> bool {
    Connection::open(address)
        .and_then(|mut connection| {
            Ok(connection.exchange(&operation::get(path, "Authorization: Bearer peer\r\n"))?.status == 200)
        })
        .unwrap_or(false)
}

/// Says to a command of Elder's where its database and its files are.
pub(crate) fn settings(command: &mut Command, cluster: &Cluster, home: &Path) {
    command
        .current_dir(home)
        .env("DATABASE_URL", cluster.url("elder_app"))
        .env("ELDER_DATABASE__PLATFORM_URL", cluster.url("elder_platform"))
        .env("ELDER_DATABASE__OWNER_URL", cluster.url("elder_owner"))
        .env("ELDER_DATA__DIR", home);
}

/// A port that nobody listens on now.
fn free_address() -> Result<SocketAddr, Fault> {
    Ok(TcpListener::bind("127.0.0.1:0")?.local_addr()?)
}

pub(crate) fn beside_this_program(name: &str) -> Result<std::path::PathBuf, Fault> {
    let path = std::env::current_exe()?.with_file_name(name);
    if path.is_file() { Ok(path) } else { Err(Fault::broken(format!("{} is not built", path.display()))) }
}
