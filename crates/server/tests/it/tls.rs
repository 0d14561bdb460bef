//! A PostgreSQL that speaks TLS alone, with certificates of the test's own.

use std::{
    fs,
    os::unix::{fs::MetadataExt as _, fs::PermissionsExt as _, process::CommandExt as _},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};

use elder_testkit::TestDatabase;
use nix::unistd::{Gid, Uid, chown};
use tokio_postgres::{Client, NoTls};

use crate::process::{OWNER, PASSWORD, Process, command, data_directory, output};

const ROLES: &str = include_str!("../../../../infrastructure/postgres/roles.sql");
const PASSWORDS: &str = "
    alter role elder_owner password 'secret'; alter role elder_app password 'secret';
    alter role elder_platform password 'secret'";

/// By the socket anybody, over the network nobody without TLS and a password.
const WHO: &str = "local all all trust\nhostssl all all all scram-sha-256\n";

/// A cluster that listens on a port of the loopback, made by the programs and run by the user of the other tests'.
struct Server {
    postgres: Child,
    folder: tempfile::TempDir,
    port: u16,
}

impl Server {
    async fn start() -> Self {
        let folder = data_directory();
        let home = folder.path();
        authority(home, "good");
        authority(home, "other");
        server_certificate(home);
        let (programs, owner) = installed().await;
        for file in ["", "server.key", "server.pem"] {
            let (user, group) = (Uid::from_raw(owner.0), Gid::from_raw(owner.1));
            chown(&home.join(file), Some(user), Some(group)).unwrap();
        }
        let data = home.join("data");
        let mut initdb = run_as(owner, programs.join("initdb"));
        initdb.args(["--username=elder_superuser", "--encoding=UTF8", "--locale=C.UTF-8", "--auth=trust"]);
        finish(initdb.args(["--no-sync", "--no-instructions", "--pgdata"]).arg(&data));
        fs::write(data.join("pg_hba.conf"), WHO).unwrap();
        let port = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let mut postgres = run_as(owner, programs.join("postgres"));
        postgres.arg("-D").arg(&data).arg("-k").arg(home).arg("-p").arg(port.to_string());
        for setting in ["listen_addresses=localhost", "ssl=on", "fsync=off", "shared_buffers=16MB"] {
            postgres.args(["-c", setting]);
        }
        for (setting, file) in [("ssl_cert_file", "server.pem"), ("ssl_key_file", "server.key")] {
            postgres.arg("-c").arg(format!("{setting}={}", home.join(file).display()));
        }
        let postgres = postgres.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
        let server = Self { postgres, folder, port };
        server.make_database().await;
        server
    }

    async fn make_database(&self) {
        let started = Instant::now();
        let client = loop {
            match self.superuser().await {
                Ok(client) => break client,
                Err(error) => assert!(started.elapsed() < Duration::from_secs(30), "{error}"),
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        };
        client.batch_execute(ROLES).await.unwrap();
        client.batch_execute(PASSWORDS).await.unwrap();
        client.batch_execute("create database elder owner elder_owner").await.unwrap();
    }

    async fn superuser(&self) -> Result<Client, tokio_postgres::Error> {
        let url =
            format!("host={} port={} user=elder_superuser dbname=postgres", self.home().display(), self.port);
        let (client, connection) = tokio_postgres::connect(&url, NoTls).await?;
        elder_telemetry::spawn("superuser", async move { drop(connection.await) });
        Ok(client)
    }

    fn home(&self) -> &Path {
        self.folder.path()
    }

    fn url(&self, role: &str, host: &str, parameters: &str) -> String {
        format!("postgres://{role}:secret@{host}:{}/elder?{parameters}", self.port)
    }

    fn authority(&self, name: &str) -> String {
        self.home().join(name).with_extension("pem").display().to_string()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _killed = self.postgres.kill();
        let _ended = self.postgres.wait();
    }
}

/// Where the programs of the tests' PostgreSQL are, and who runs it.
async fn installed() -> (PathBuf, (u32, u32)) {
    let database = TestDatabase::empty().await;
    let superuser = database.superuser().await;
    let ask = async |sql| superuser.query_one(sql, &[]).await.unwrap().get::<_, String>(0);
    let programs = ask("select setting from pg_config where name = 'BINDIR'").await;
    let data = fs::metadata(ask("select current_setting('data_directory')").await).unwrap();
    (PathBuf::from(programs), (data.uid(), data.gid()))
}

/// A command as that user, if we are another.
fn run_as((user, group): (u32, u32), program: PathBuf) -> Command {
    let mut command = Command::new(program);
    command.current_dir("/");
    if Uid::effective().as_raw() != user {
        command.uid(user).gid(group);
    }
    command
}

fn finish(command: &mut Command) {
    let (success, text) = output(command);
    assert!(success, "{command:?}: {text}");
}

fn openssl(home: &Path) -> Command {
    let mut command = Command::new("openssl");
    command.current_dir(home);
    command
}

const NEW_KEY: [&str; 6] = ["req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"];

/// `<name>.pem` and its key.
fn authority(home: &Path, name: &str) {
    let mut make = openssl(home);
    make.args(NEW_KEY).args(["-x509", "-days", "2", "-subj", &format!("/CN={name}")]);
    finish(make.args(["-keyout", &format!("{name}.key"), "-out", &format!("{name}.pem")]));
}

/// For the name `localhost` alone, by the good authority.
fn server_certificate(home: &Path) {
    let mut ask = openssl(home);
    finish(ask.args(NEW_KEY).args(["-subj", "/CN=server", "-keyout", "server.key", "-out", "server.csr"]));
    fs::write(home.join("names"), "subjectAltName = DNS:localhost\n").unwrap();
    let mut sign = openssl(home);
    sign.args(["x509", "-req", "-in", "server.csr", "-CA", "good.pem", "-CAkey", "good.key"]);
    finish(sign.args(["-CAcreateserial", "-days", "2", "-extfile", "names", "-out", "server.pem"]));
    fs::set_permissions(home.join("server.key"), fs::Permissions::from_mode(0o600)).unwrap();
}

#[tokio::test]
async fn the_database_is_reached_by_verified_tls_and_not_otherwise() {
    let server = Server::start().await;
    let data = data_directory();
    let (good, other) = (server.authority("good"), server.authority("other"));
    let migrate = |host: &str, parameters: &str| {
        let mut migrate = command(data.path(), None);
        migrate.env("DATABASE_URL", server.url("elder_app", host, parameters));
        migrate.env("ELDER_DATABASE__PLATFORM_URL", server.url("elder_platform", host, parameters));
        migrate.env("ELDER_DATABASE__OWNER_URL", server.url("elder_owner", host, parameters));
        output(migrate.arg("migrate"))
    };
    for mode in ["require", "verify-ca", "verify-full"] {
        let (success, text) = migrate("localhost", &format!("sslmode={mode}&sslrootcert={good}"));
        assert!(success, "{mode}: {text}");
    }
    for (host, parameters, reason) in [
        ("localhost", format!("sslmode=verify-full&sslrootcert={other}"), "invalid peer certificate"),
        ("localhost", format!("sslmode=require&sslrootcert={other}"), "invalid peer certificate"),
        ("localhost", "sslmode=verify-full".to_owned(), "invalid peer certificate"),
        ("127.0.0.1", format!("sslmode=verify-full&sslrootcert={good}"), "not valid for name"),
        ("localhost", "sslmode=disable".to_owned(), "no encryption"),
        ("localhost", "sslmode=require&sslrootcert=/nowhere/ca.pem".to_owned(), "/nowhere/ca.pem"),
    ] {
        let (success, text) = migrate(host, &parameters);
        assert!(!success && text.contains(reason), "{host} {parameters}: {text}");
        assert!(!text.contains("secret"), "{text}");
    }
}

#[tokio::test]
async fn every_connection_of_a_server_that_asks_for_tls_is_encrypted() {
    let server = Server::start().await;
    let data = data_directory();
    let parameters = format!("sslmode=verify-full&sslrootcert={}", server.authority("good"));
    let mut serve = command(data.path(), None);
    serve.env("DATABASE_URL", server.url("elder_app", "localhost", &parameters));
    serve.env("ELDER_DATABASE__PLATFORM_URL", server.url("elder_platform", "localhost", &parameters));
    serve.env("ELDER_DATABASE__OWNER_URL", server.url("elder_owner", "localhost", &parameters));
    serve.env("ELDER_BOOTSTRAP_EMAIL", OWNER).env("ELDER_BOOTSTRAP_PASSWORD", PASSWORD);
    let process = Process::spawn(serve.arg("serve"));
    // Looks the account up as one role, and signs in as the other.
    let body = serde_json::json!({ "email": OWNER, "password": PASSWORD });
    let login = reqwest::Client::new().post(format!("{}/api/v2/auth/login", process.url)).json(&body);
    assert_eq!(login.send().await.unwrap().status(), 200);
    let encrypted = "select count(*), count(*) filter (where ssl and version >= 'TLSv1.2')
        from pg_stat_ssl join pg_stat_activity using (pid) where datname = 'elder'";
    let row = server.superuser().await.unwrap().query_one(encrypted, &[]).await.unwrap();
    let (all, encrypted): (i64, i64) = (row.get(0), row.get(1));
    assert!(all >= 2 && all == encrypted, "{encrypted} of {all} connections are encrypted");
}
