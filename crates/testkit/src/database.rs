//! A database of its own for each test, cloned from a template that is migrated once.

use std::{
    collections::hash_map::DefaultHasher,
    error::Error as _,
    hash::{Hash as _, Hasher as _},
    sync::atomic::{AtomicU32, Ordering},
};

use tokio_postgres::{Client, NoTls};

/// Under the development licence there may be any number of everything.
const LICENSED: &str = "update license_state set max_tenants = -1, max_users = -1, max_entities = -1";

static COUNT: AtomicU32 = AtomicU32::new(0);

/// A migrated database, dropped at the end of the test.
pub struct TestDatabase {
    directory: String,
    name: String,
}

impl TestDatabase {
    /// Clones the template, which the first test of a run makes.
    pub async fn create() -> Self {
        let directory = directory();
        let template = template(&directory).await;
        let name = format!("t{}_{}", std::process::id(), COUNT.fetch_add(1, Ordering::Relaxed));
        let admin = connect(&directory, "elder_superuser", "postgres").await;
        let clone =
            format!("create database {name} template {template} strategy file_copy owner elder_owner");
        admin.batch_execute(&format!("drop database if exists {name} with (force)")).await.unwrap();
        admin.batch_execute(&clone).await.unwrap();
        // Rights on the database itself are not cloned.
        let rights = format!(
            "revoke all on database {name} from public; grant connect on database {name} to elder_app, elder_platform"
        );
        admin.batch_execute(&rights).await.unwrap();
        Self { directory, name }
    }

    /// An empty database that nobody migrated.
    pub async fn empty() -> Self {
        let directory = directory();
        let name = format!("e{}_{}", std::process::id(), COUNT.fetch_add(1, Ordering::Relaxed));
        let admin = connect(&directory, "elder_superuser", "postgres").await;
        admin.batch_execute(&format!("drop database if exists {name} with (force)")).await.unwrap();
        admin.batch_execute(&format!("create database {name} owner elder_owner")).await.unwrap();
        Self { directory, name }
    }

    /// The URL with which `role` signs in.
    pub fn url(&self, role: &str) -> String {
        self.url_by(&self.directory, role)
    }

    /// The same by way of another directory with a socket.
    pub(crate) fn url_by(&self, directory: &str, role: &str) -> String {
        format!("host={directory} user={role} dbname={}", self.name)
    }

    /// Where the server's socket is.
    pub(crate) fn directory(&self) -> &str {
        &self.directory
    }

    /// The same as a URL, as an operator would configure it.
    pub fn postgres_url(&self, role: &str) -> String {
        format!("postgres://{role}@/{}?host={}", self.name, self.directory)
    }

    /// Its name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// A superuser's connection to another database of the same server.
    pub async fn maintenance(&self) -> Client {
        connect(&self.directory, "elder_superuser", "postgres").await
    }

    /// A connection of `role`, beside the application.
    pub async fn connect(&self, role: &str) -> Client {
        connect(&self.directory, role, &self.name).await
    }

    /// A connection that row-level security does not bind, to look at what really is there.
    pub async fn superuser(&self) -> Client {
        self.connect("elder_superuser").await
    }
}

impl Drop for TestDatabase {
    fn drop(&mut self) {
        let (directory, name) = (self.directory.clone(), self.name.clone());
        let dropped = std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
            runtime.block_on(async {
                let admin = connect(&directory, "elder_superuser", "postgres").await;
                let _gone =
                    admin.batch_execute(&format!("drop database if exists {name} with (force)")).await;
            });
        });
        let _joined = dropped.join();
    }
}

/// The migrated template, named after what it holds, so that a changed migration makes another.
async fn template(directory: &str) -> String {
    let mut hasher = DefaultHasher::new();
    let mut files: Vec<_> =
        std::fs::read_dir(migrations()).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.sort();
    files.iter().for_each(|file| std::fs::read(file).unwrap().hash(&mut hasher));
    LICENSED.hash(&mut hasher);
    let name = format!("elder_template_{:016x}", hasher.finish());
    let admin = connect(directory, "elder_superuser", "postgres").await;
    admin.batch_execute("select pg_advisory_lock(4711)").await.unwrap();
    let exists = "select from pg_database where datname = $1 and datistemplate";
    if admin.query_opt(exists, &[&name]).await.unwrap().is_none() {
        admin.batch_execute(&format!("drop database if exists {name} with (force)")).await.unwrap();
        admin.batch_execute(&format!("create database {name} owner elder_owner")).await.unwrap();
        let owner = format!("host={directory} user=elder_owner dbname={name}");
        elder_server::migrate(&owner).await.expect("the template is migrated");
        let licensed = connect(directory, "elder_superuser", &name).await;
        licensed.batch_execute(LICENSED).await.unwrap();
        drop(licensed);
        admin
            .batch_execute(&format!("alter database {name} with is_template true allow_connections false"))
            .await
            .unwrap();
    }
    admin.batch_execute("select pg_advisory_unlock(4711)").await.unwrap();
    name
}

fn migrations() -> std::path::PathBuf {
    std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../migrations")
}

#[expect(clippy::disallowed_methods, reason = "tests are told by the environment where their servers are")]
fn directory() -> String {
    std::env::var("ELDER_TEST_PG_DIR").expect("ELDER_TEST_PG_DIR is not set: run the tests by `make test`")
}

async fn connect(directory: &str, role: &str, database: &str) -> Client {
    let url = format!("host={directory} user={role} dbname={database}");
    let mut tries = 0;
    let (client, connection) = loop {
        match tokio_postgres::connect(&url, NoTls).await {
            // Many tests at once fill the socket's queue for a moment.
            Err(error) if is_crowded(&error) && tries < 200 => tries += 1,
            answer => break answer.expect("the test's PostgreSQL answers"),
        }
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    };
    elder_telemetry::spawn("test connection", async move {
        let _ended = connection.await;
    });
    client
}

fn is_crowded(error: &tokio_postgres::Error) -> bool {
    let cause = error.source().and_then(|cause| cause.downcast_ref::<std::io::Error>());
    cause.is_some_and(|cause| cause.kind() == std::io::ErrorKind::WouldBlock)
}
