//! The benchmark's own PostgreSQL: Elder's private cluster with its settings, so every commit waits for the disk.

use std::{
    fs,
    path::{Path, PathBuf},
};

use elder_server::embedded::{Embedded, Settings};
use tokio::runtime::Runtime;
use tokio_postgres::{Client, Config, NoTls, config::Host};

use crate::{Plan, fault::Fault};

/// The role that made the cluster; row-level security does not bind it.
const SUPERUSER: &str = "elder_superuser";

/// A running cluster with a migrated database.
pub(crate) struct Cluster {
    /// The folder of its socket.
    pub(crate) socket: PathBuf,
    /// Its first process.
    pub(crate) postmaster: u32,
    /// The folder of its programs.
    pub(crate) programs: PathBuf,
    client: Client,
    runtime: Runtime,
    embedded: Embedded,
}

impl Cluster {
    /// Makes and starts it. The calling thread must live as long as the cluster.
    pub(crate) fn start(plan: &Plan) -> Result<Self, Fault> {
        let directory = plan.data.join("postgres");
        let programs = plan.postgres_programs.clone();
        let settings = Settings { directory: directory.clone(), programs: Some(programs.clone()) };
        let embedded = Embedded::start(&settings)?;
        let owner = &embedded.connections().owner;
        let socket = socket(owner)?;
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build()?;
        runtime.block_on(elder_server::migrate(owner))?;
        let client = runtime.block_on(connect(&socket))?;
        let postmaster = postmaster(&directory)?;
        Ok(Self { socket, postmaster, programs, client, runtime, embedded })
    }

    /// The URL of a role.
    pub(crate) fn url(&self, role: &str) -> String {
        format!("postgres://{role}@/elder?host={}", self.socket.display())
    }

    /// Runs statements as the superuser.
    pub(crate) fn execute(&self, sql: &str) -> Result<(), Fault> {
        Ok(self.runtime.block_on(self.client.batch_execute(sql))?)
    }

    /// The one number that a query gives.
    pub(crate) fn number(&self, sql: &str) -> Result<i64, Fault> {
        Ok(self.runtime.block_on(self.client.query_one(sql, &[]))?.try_get(0)?)
    }

    /// The one text that a query gives.
    pub(crate) fn text(&self, sql: &str) -> Result<String, Fault> {
        Ok(self.runtime.block_on(self.client.query_one(sql, &[]))?.try_get(0)?)
    }

    /// Stops it.
    pub(crate) fn stop(self) -> Result<(), Fault> {
        drop(self.client);
        Ok(self.embedded.stop()?)
    }
}

fn socket(connection: &str) -> Result<PathBuf, Fault> {
    let config: Config = connection.parse()?;
    match config.get_hosts() {
        [Host::Unix(folder)] => Ok(folder.clone()),
        _ => Err(Fault::broken("the private PostgreSQL listens on something else than a unix socket")),
    }
}

async fn connect(socket: &Path) -> Result<Client, Fault> {
    let mut config = Config::new();
    config.host_path(socket).user(SUPERUSER).dbname("elder");
    let (client, connection) = config.connect(NoTls).await?;
    elder_telemetry::spawn("superuser's connection", connection);
    Ok(client)
}

fn postmaster(directory: &Path) -> Result<u32, Fault> {
    let text = fs::read_to_string(directory.join("data/postmaster.pid"))?;
    let pid = text.lines().next().and_then(|line| line.trim().parse().ok());
    pid.ok_or_else(|| Fault::broken("postmaster.pid names no process"))
}
