//! Start, refusal to start, and stop of the real binary.

use std::{
    process::Stdio,
    sync::{
        Arc,
        atomic::{AtomicU32, Ordering},
    },
    time::Duration,
};

use elder_testkit::TestDatabase;
use nix::sys::signal::Signal;
use reqwest::Client;
use serde_json::{Value, json};

use crate::process::{OWNER, PASSWORD, Process, command, data_directory, output};

#[tokio::test]
async fn terminate_lets_a_request_in_flight_finish_and_stops_all_children() {
    let data = data_directory();
    let mut process = Process::start(data.path(), None);
    let (client, url) = (Client::new(), process.url.clone());
    // Over a connection that is there, it is under way at once.
    client.get(format!("{url}/healthz")).send().await.unwrap().bytes().await.unwrap();
    let login = elder_telemetry::spawn("login", async move {
        let body = json!({ "email": OWNER, "password": PASSWORD });
        client.post(format!("{url}/api/v2/auth/login")).json(&body).send().await.unwrap().status()
    });
    tokio::time::sleep(Duration::from_millis(20)).await;
    process.signal(Signal::SIGTERM);
    assert_eq!(login.await.unwrap(), 200);
    assert_eq!(process.wait(), Some(0));
    assert!(!data.path().join("postgres/data/postmaster.pid").exists(), "PostgreSQL still runs");
}

#[tokio::test]
async fn ctrl_c_ends_with_success() {
    let database = TestDatabase::create().await;
    let data = data_directory();
    let mut process = Process::start(data.path(), Some(&database));
    process.signal(Signal::SIGINT);
    assert_eq!(process.wait(), Some(0));
}

#[tokio::test]
async fn t_02_a_role_that_could_bypass_row_level_security_is_refused_with_the_mend() {
    let database = TestDatabase::create().await;
    let data = data_directory();
    drop(Process::start(data.path(), Some(&database)));
    for (role, reason) in [("elder_superuser", "is a superuser"), ("elder_owner", "owns tables of tenants")] {
        let mut serve = command(data.path(), Some(&database));
        serve.env("DATABASE_URL", database.postgres_url(role)).arg("serve");
        let (success, text) = output(&mut serve);
        assert!(!success && text.contains(reason) && text.contains("roles.sql"), "{role}: {text}");
    }
}

#[tokio::test]
async fn r_26_without_its_database_the_server_waits_and_is_ready_once_it_comes() {
    let client = Client::new();
    let status = async |url: &str, path: &str| {
        let asked = client.get(format!("{url}{path}")).send().await;
        asked.map(|answer| answer.status().as_u16()).unwrap_or_default()
    };
    let (present, data) = (TestDatabase::empty().await, data_directory());
    let process = Process::start(data.path(), Some(&present));
    for (path, answer) in [("/livez", 200), ("/readyz", 200), ("/api/v2/users", 401)] {
        assert_eq!(status(&process.url, path).await, answer, "{path} with a database");
    }
    drop(process);

    let (database, data) = (TestDatabase::empty().await, data_directory());
    let admin = database.maintenance().await;
    let away = format!("alter database {0} rename to {0}_away", database.name());
    let back = format!("alter database {0}_away rename to {0}", database.name());
    admin.batch_execute(&away).await.unwrap();
    let port = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let mut serve = command(data.path(), Some(&database));
    serve.env("ELDER_HTTP__BIND", format!("127.0.0.1:{port}")).arg("serve");
    let mut child = serve.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
    let url = format!("http://127.0.0.1:{port}");
    let mut waited = 0;
    while status(&url, "/livez").await != 200 {
        waited += 1;
        assert!(waited < 100, "the server does not listen");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    assert_eq!(status(&url, "/readyz").await, 503);
    assert_eq!(status(&url, "/api/v2/users").await, 401);
    admin.batch_execute(&back).await.unwrap();
    let mut waited = 0;
    while status(&url, "/readyz").await != 200 {
        waited += 1;
        assert!(waited < 300, "the server does not get ready");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    assert!(child.try_wait().unwrap().is_none(), "it crashed meanwhile");
    child.kill().unwrap();
    child.wait().unwrap();
}

#[tokio::test]
async fn r_27_a_wrong_setting_is_refused_by_its_name() {
    let data = data_directory();
    let database = TestDatabase::create().await;
    drop(Process::start(data.path(), Some(&database)));
    for (variable, value, key) in [
        ("ELDER_SECRETS__MASTER_KEY", "0000000000000000000000000000000000000000000=", "secrets.master_key"),
        ("ELDER_HTTP__PUBLIC_URL", "ftp://id.example.com", "http.public_url"),
        ("ELDER_HTTP__PUBLIC_URL", "http://id.example.com", "http.public_url"),
        ("ELDER_HTTP__BIND", "nowhere", "http.bind"),
        ("ELDER_HTTP__BNID", "127.0.0.1:1", "ELDER_HTTP__BNID"),
        ("ELDER_PASSWORDS__MEMORY_KIB", "64", "memory"),
        ("DATABASE_URL", "mysql://x", "database.url"),
    ] {
        let mut serve = command(data.path(), None);
        serve.env(variable, value).arg("serve");
        let (success, text) = output(&mut serve);
        assert!(!success && text.contains(key), "{variable}: {text}");
    }
    let mut serve = command(data.path(), Some(&database));
    let (success, text) = output(serve.env_remove("ELDER_DATABASE__PLATFORM_URL").arg("serve"));
    assert!(!success && text.contains("database.platform_url"), "{text}");
}

#[tokio::test]
async fn the_first_start_gives_one_setup_link_and_later_ones_give_none_to_an_owned_platform() {
    let database = TestDatabase::create().await;
    let data = data_directory();
    let mut serve = command(data.path(), Some(&database));
    let process = Process::spawn(serve.arg("serve"));
    let client = Client::new();
    let tokens = "select count(*) from setup_tokens where used_at is null and expires_at > now()";
    let superuser = database.superuser().await;
    tokio::time::sleep(Duration::from_millis(200)).await;
    assert_eq!(superuser.query_one(tokens, &[]).await.unwrap().get::<_, i64>(0), 1);
    drop(process);
    let process = Process::start(data.path(), Some(&database));
    let mut status = 0;
    for _ in 0..50 {
        let body = json!({ "email": OWNER, "password": PASSWORD });
        let answer =
            client.post(format!("{}/api/v2/auth/login", process.url)).json(&body).send().await.unwrap();
        status = answer.status().as_u16();
        if status == 200 {
            let answer: Value = answer.json().await.unwrap();
            assert!(answer["access_token"].is_string());
            break;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    assert_eq!(status, 200);
}

#[tokio::test]
async fn the_shell_makes_an_operator_beside_a_running_server() {
    let data = data_directory();
    let process = Process::start(data.path(), None);
    let mut admin = command(data.path(), None);
    let (success, text) =
        output(admin.args(["admin", "create", "--email", "second@elder.example", "--name", "Second"]));
    assert!(success, "{text}");
    let password = text.lines().last().unwrap().trim();
    let body = json!({ "email": "second@elder.example", "password": password });
    let answer =
        Client::new().post(format!("{}/api/v2/auth/login", process.url)).json(&body).send().await.unwrap();
    assert_eq!(answer.status(), 200, "{text}");
    let (healthy, findings) = output(command(data.path(), None).arg("doctor"));
    assert!(healthy, "{findings}");
}

/// Calls until nobody answers any more, and counts the answers.
async fn call(client: Client, url: String, token: String, answered: Arc<AtomicU32>) {
    while let Ok(answer) = client.get(&url).bearer_auth(&token).send().await {
        assert_eq!(answer.status(), 200);
        answered.fetch_add(1, Ordering::Relaxed);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn each_call_that_was_answered_before_a_stop_is_in_the_audit_log() {
    let database = TestDatabase::create().await;
    let data = data_directory();
    let mut process = Process::start(data.path(), Some(&database));
    let client = Client::new();
    let body = json!({ "email": OWNER, "password": PASSWORD });
    let login = client.post(format!("{}/api/v2/auth/login", process.url)).json(&body).send().await.unwrap();
    let login: Value = login.json().await.unwrap();
    let answered = Arc::new(AtomicU32::new(0));
    let callers: Vec<_> = (0..4)
        .map(|_| {
            let token = login["access_token"].as_str().unwrap().to_owned();
            let url = format!("{}/api/v2/me", process.url);
            elder_telemetry::spawn("caller", call(client.clone(), url, token, Arc::clone(&answered)))
        })
        .collect();
    while answered.load(Ordering::Relaxed) < 50 {
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
    // Nothing more can be written until long after the last answer.
    let mut superuser = database.superuser().await;
    let kept_out = superuser.transaction().await.unwrap();
    kept_out.batch_execute("lock table audit_logs in share row exclusive mode").await.unwrap();
    process.signal(Signal::SIGTERM);
    for caller in callers {
        caller.await.unwrap();
    }
    tokio::time::sleep(Duration::from_secs(3)).await;
    kept_out.commit().await.unwrap();
    assert_eq!(process.wait(), Some(0));
    let count =
        "select count(*) from audit_logs where action = 'api.called' and resource_id = 'GET /api/v2/me'";
    let written: i64 = superuser.query_one(count, &[]).await.unwrap().get(0);
    // One whose answer was lost on its way may be there too.
    assert!(written >= i64::from(answered.load(Ordering::Relaxed)), "{written} of {answered:?}");
}
