//! Licences at the shell, and at the start of the real binary.

use std::{
    fs,
    path::Path,
    process::Command,
    time::{Duration, Instant},
};

use elder_testkit::TestDatabase;
use reqwest::Client;
use serde_json::{Value, json};

use crate::process::{OWNER, PASSWORD, Process, command, data_directory, output};

/// A key of whoever makes licences, and where it lies.
struct Maker {
    directory: tempfile::TempDir,
    public: String,
}

impl Maker {
    fn new() -> Self {
        let directory = tempfile::tempdir().unwrap();
        let key = directory.path().join("key.pem");
        let (success, public) = output(elder(&["license", "keygen", "--out"]).arg(&key));
        assert!(success, "{public}");
        Self { directory, public: public.trim().to_owned() }
    }

    fn path(&self, name: &str) -> std::path::PathBuf {
        self.directory.path().join(name)
    }

    /// A signed licence in a file.
    fn issue(&self, name: &str, more: &[&str]) -> std::path::PathBuf {
        let usual = ["license", "issue", "--id", name, "--licensee", "Acme Ltd", "--key"];
        let (success, document) = output(elder(&usual).arg(self.path("key.pem")).args(more));
        assert!(success, "{document}");
        fs::write(self.path(name), document).unwrap();
        self.path(name)
    }
}

fn elder(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_elder"));
    command.args(arguments);
    command
}

/// `elder license …` at a site that trusts the maker.
fn license(data: &Path, database: &TestDatabase, maker: &Maker, arguments: &[&str]) -> (bool, String) {
    let mut command = command(data, Some(database));
    command.env("ELDER_LICENSE__PUBLIC_KEYS", &maker.public).env_remove("ELDER_LICENSE__FILE");
    output(command.arg("license").args(arguments))
}

fn serve(data: &Path, database: &TestDatabase, maker: &Maker) -> Command {
    let mut serve = command(data, Some(database));
    serve.env("ELDER_LICENSE__PUBLIC_KEYS", &maker.public).env_remove("ELDER_LICENSE__FILE");
    serve.env("ELDER_BOOTSTRAP_EMAIL", OWNER).env("ELDER_BOOTSTRAP_PASSWORD", PASSWORD).arg("serve");
    serve
}

/// What a server says of its licence.
async fn shown(client: &Client, url: &str) -> Value {
    let login = client
        .post(format!("{url}/api/v2/auth/login"))
        .json(&json!({ "email": OWNER, "password": PASSWORD }));
    let login: Value = login.send().await.unwrap().json().await.unwrap();
    let ask = client.get(format!("{url}/api/v2/global/license"));
    ask.bearer_auth(login["access_token"].as_str().unwrap()).send().await.unwrap().json().await.unwrap()
}

#[tokio::test]
async fn a_licence_that_the_shell_installs_is_obeyed_within_a_second_and_survives_kill_9() {
    let (database, data, maker) = (TestDatabase::create().await, data_directory(), Maker::new());
    let server = Process::spawn(&mut serve(data.path(), &database, &maker));
    let client = Client::new();
    assert_eq!(shown(&client, &server.url).await["tier"], "community");
    let create = |slug: &str| {
        let mut create = command(data.path(), Some(&database));
        create.env("ELDER_LICENSE__PUBLIC_KEYS", &maker.public).env_remove("ELDER_LICENSE__FILE");
        output(create.args(["tenant", "create", "--name", "N", "--slug", slug]))
    };
    let (success, text) = create("early");
    assert!(!success && text.contains("elder license status"), "{text}");
    let file = maker.issue("lic-1", &["--max-tenants", "2", "--days", "30"]);
    let (success, text) = license(data.path(), &database, &maker, &["install", file.to_str().unwrap()]);
    assert!(success && text.contains("Installed.") && text.contains("enterprise"), "{text}");
    let began = Instant::now();
    let health = format!("{}/healthz", server.url);
    loop {
        let health: Value = client.get(&health).send().await.unwrap().json().await.unwrap();
        if health["checks"]["license"] == "ok" {
            break;
        }
        assert!(began.elapsed() < Duration::from_secs(1), "{health}");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    assert!(create("one-more").0);
    let (success, text) = create("too-many");
    assert!(!success && text.contains("max_tenants"), "{text}");
    server.kill();
    let again = Process::spawn(&mut serve(data.path(), &database, &maker));
    assert_eq!(shown(&client, &again.url).await["id"], "lic-1");
}

#[tokio::test]
async fn a_start_never_fails_on_a_licence() {
    let (database, data, maker) = (TestDatabase::create().await, data_directory(), Maker::new());
    let broken = maker.path("broken");
    fs::write(&broken, "no licence").unwrap();
    let foreign = maker.issue("foreign", &["--installation", "00000000-0000-4000-8000-000000000001"]);
    let client = Client::new();
    for (file, reason) in [(broken, "malformed"), (foreign, "foreign"), (maker.path("not there"), "foreign")]
    {
        let server = Process::spawn(serve(data.path(), &database, &maker).env("ELDER_LICENSE__FILE", &file));
        let shown = shown(&client, &server.url).await;
        assert_eq!(
            (&shown["tier"], &shown["refused"]["reason"]),
            (&json!("community"), &json!(reason)),
            "{file:?}"
        );
        server.kill();
    }
}

#[tokio::test]
async fn the_development_licence_holds_on_this_machine_alone() {
    let (database, data) = (TestDatabase::create().await, data_directory());
    let client = Client::new();
    let server = Process::start(data.path(), Some(&database));
    assert_eq!(shown(&client, &server.url).await["tier"], "enterprise");
    drop(server);
    let mut everywhere = command(data.path(), Some(&database));
    everywhere.env("ELDER_HTTP__BIND", "0.0.0.0:0").arg("serve");
    let server = Process::spawn(&mut everywhere);
    let shown = shown(&client, &server.url).await;
    assert_eq!((&shown["tier"], &shown["refused"]["reason"]), (&json!("community"), &json!("not_loopback")));
}

#[tokio::test]
async fn what_a_file_says_can_be_read_and_is_judged() {
    let (data, maker) = (data_directory(), Maker::new());
    let database = TestDatabase::create().await;
    let inspect = |file: &Path| license(data.path(), &database, &maker, &["inspect", file.to_str().unwrap()]);
    let (success, text) = inspect(
        &maker.issue("good", &["--tier", "professional", "--feature", "scim=true", "--max-users", "-1"]),
    );
    assert!(
        success && text.contains("It holds here and now.") && text.contains("\"professional\""),
        "{text}"
    );
    assert!(text.contains("\"max_users\": -1") && text.contains("\"scim\""), "{text}");
    let (success, text) =
        inspect(&maker.issue("over", &["--not-before", "2020-01-01T00:00:00Z", "--days", "1"]));
    assert!(
        success && text.contains("It does not hold here and now: The licence ended on 2020-01-02"),
        "{text}"
    );
    let (success, text) = inspect(&Maker::new().issue("forged", &[]));
    assert!(!success && text.contains("license.public_keys"), "{text}");
    let (success, text) = output(elder(&["license", "keygen", "--out"]).arg(maker.path("key.pem")));
    assert!(!success && text.contains("exists"), "a key is never overwritten: {text}");
}
