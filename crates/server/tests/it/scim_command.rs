//! `elder scim test`: against Elder itself, against a server that others wrote, and against servers that are wrong.

use std::{
    io::{Read as _, Write as _},
    net::{Shutdown, TcpListener, TcpStream},
    path::Path,
    process::{Child, Command, Stdio},
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    thread,
    time::Duration,
};

use elder_api_types::directory::Provider;
use elder_testkit::TestApp;
use nix::{
    sys::signal::{Signal, kill},
    unistd::Pid,
};
use serde_json::Value;

/// What the command said and ended with.
struct Said {
    code: Option<i32>,
    text: String,
}

impl Said {
    fn report(&self) -> Value {
        serde_json::from_str(&self.text).unwrap_or_else(|error| panic!("{error}: {}", self.text))
    }
}

/// `elder scim test` as a command that is not started yet.
fn doctor(url: &str, token: &str, arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_elder"));
    command.args(["scim", "test", "--url", url]).args(arguments).env("ELDER_SCIM_TOKEN", token);
    command
}

async fn run(command: Command) -> Said {
    let mut command = tokio::process::Command::from(command);
    let output = command.stdin(Stdio::null()).output().await.unwrap();
    let text = String::from_utf8([output.stdout, output.stderr].concat()).unwrap();
    Said { code: output.status.code(), text }
}

/// A directory for tests, whose token is good and whose deleted people are gone.
async fn directory(app: &TestApp, provider: &str) -> String {
    let (_, actor) = app.directory_of(app.acme.id, provider).await;
    app.superuser.execute("update scim_configurations set deprovisioning = 'delete'", &[]).await.unwrap();
    actor.token.unwrap()
}

/// How much is there that the command has made.
async fn left(app: &TestApp) -> i64 {
    let count = "select (select count(*) from portal_users where email like 'elder-scim-test-%')
        + (select count(*) from scim_users) + (select count(*) from scim_groups)";
    app.superuser.query_one(count, &[]).await.unwrap().get(0)
}

/// The names of the steps that ended so.
fn steps<'a>(report: &'a Value, outcome: &str) -> Vec<&'a str> {
    let steps = report["steps"].as_array().unwrap().iter().filter(|step| step["outcome"] == outcome);
    steps.map(|step| step["name"].as_str().unwrap()).collect()
}

#[tokio::test]
async fn elder_passes_every_step_as_each_provider_goes_it_and_nothing_is_left() {
    let app = TestApp::start().await;
    let url = format!("{}/scim/v2", app.base);
    for provider in Provider::NAMES {
        let token = directory(&app, provider).await;
        let said = run(doctor(&url, &token, &["--provider", provider, "--json"])).await;
        let report = said.report();
        assert_eq!(steps(&report, "fail"), [""; 0], "{provider}: {report:#}");
        assert_eq!((steps(&report, "skip"), said.code), (vec!["tls"], Some(0)), "{provider}");
        assert_eq!((report["left_behind"].as_array().unwrap().len(), left(&app).await), (0, 0), "{provider}");
    }
}

#[tokio::test]
async fn two_doctors_beside_each_other_do_not_meet() {
    let app = TestApp::start().await;
    let (url, token) = (format!("{}/scim/v2", app.base), directory(&app, "generic").await);
    let (one, two) = tokio::join!(run(doctor(&url, &token, &[])), run(doctor(&url, &token, &[])));
    assert_eq!((one.code, two.code), (Some(0), Some(0)), "{}\n{}", one.text, two.text);
    assert_eq!(left(&app).await, 0);
}

#[tokio::test]
async fn a_token_that_is_wrong_or_may_not_write_is_told_and_never_shown() {
    let app = TestApp::start().await;
    let url = format!("{}/scim/v2", app.base);
    let wrong = run(doctor(&url, "a-wrong-token", &[])).await;
    assert_eq!(wrong.code, Some(1));
    assert!(
        wrong.text.contains("FAIL  token ") && wrong.text.contains("200 was expected, 401 came"),
        "{}",
        wrong.text
    );
    assert!(
        wrong.text.contains("the server does not take the token") && !wrong.text.contains("a-wrong-token")
    );

    let token = directory(&app, "generic").await;
    app.superuser.execute("update scim_tokens set can_write = false", &[]).await.unwrap();
    let said = run(doctor(&url, &token, &["--json"])).await;
    let report = said.report();
    assert_eq!(
        (steps(&report, "fail"), said.code),
        (vec!["user-create", "group-create"], Some(1)),
        "{report:#}"
    );
    assert_eq!(report["steps"][8]["exchange"]["status"], 403, "{report:#}");
    assert!(!said.text.contains(&token));
}

#[tokio::test]
async fn what_was_made_goes_although_a_later_step_fails() {
    let app = TestApp::start().await;
    let token = directory(&app, "generic").await;
    // A directory of Entra's answers PATCH in its own way; the strict one refuses what only Entra may ask.
    let said =
        run(doctor(&format!("{}/scim/v2", app.base), &token, &["--provider", "entra", "--json"])).await;
    let report = said.report();
    assert_eq!((steps(&report, "fail"), said.code), (vec!["patch-add"], Some(1)), "{report:#}");
    assert_eq!(left(&app).await, 0);
}

#[tokio::test]
async fn what_is_to_stay_stays_and_is_named() {
    let app = TestApp::start().await;
    let token = directory(&app, "generic").await;
    let said = run(doctor(&format!("{}/scim/v2", app.base), &token, &["--keep", "--json"])).await;
    let report = said.report();
    assert_eq!((report["left_behind"].as_array().unwrap().len(), said.code), (3, Some(0)), "{report:#}");
    assert_eq!(left(&app).await, 5, "two accounts, two SCIM users and a group");
}

#[tokio::test]
async fn an_interrupt_takes_away_what_was_made_and_a_second_one_ends_at_once() {
    let app = TestApp::start().await;
    let token = directory(&app, "generic").await;
    let url = format!("{}/scim/v2", slow_road(&app.base, false));
    for (signals, stays) in [(1, false), (2, true)] {
        let mut command = tokio::process::Command::from(doctor(&url, &token, &["--json"]));
        let child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        while left(&app).await == 0 {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        let pid = Pid::from_raw(child.id().unwrap().try_into().unwrap());
        for _ in 0..signals {
            kill(pid, Signal::SIGINT).unwrap();
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        let output = child.wait_with_output().await.unwrap();
        let report: Value = serde_json::from_slice(&output.stdout).unwrap();
        assert_eq!((output.status.code(), &report["interrupted"]), (Some(1), &true.into()), "{report:#}");
        assert_eq!(report["left_behind"].as_array().unwrap().is_empty(), !stays, "{report:#}");
        assert_eq!(left(&app).await > 0, stays);
    }
}

#[tokio::test]
async fn what_was_made_without_its_id_being_told_is_found_and_taken_away() {
    let app = TestApp::start().await;
    let token = directory(&app, "generic").await;
    let url = format!("{}/scim/v2", slow_road(&app.base, true));
    let said = run(doctor(&url, &token, &["--json"])).await;
    let report = said.report();
    assert_eq!(
        (steps(&report, "fail"), said.code),
        (vec!["user-create", "group-create"], Some(1)),
        "{report:#}"
    );
    let made = "select count(*) from audit_logs where action in ('scim.user.created', 'scim.group.created')";
    assert_eq!(app.superuser.query_one(made, &[]).await.unwrap().get::<_, i64>(0), 2);
    assert_eq!(left(&app).await, 0);
}

#[tokio::test]
async fn a_server_that_is_none_is_told_in_words() {
    let pages = answering(
        "HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: 13\r\nConnection: close\r\n\r\n<h1>Hello</h1",
    );
    let said = run(doctor(&pages, "token", &[])).await;
    assert_eq!(said.code, Some(1));
    assert!(
        said.text.contains("no JSON came, but `text/html`") && said.text.contains("<h1>Hello"),
        "{}",
        said.text
    );

    let moved = answering(
        "HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:9/\r\nContent-Length: 0\r\nConnection: close\r\n\r\n",
    );
    let said = run(doctor(&moved, "token", &[])).await;
    assert!(said.code == Some(1) && said.text.contains("200 was expected, 302 came"), "{}", said.text);

    let nobody = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let said = run(doctor(&format!("http://{nobody}"), "token", &["--json"])).await;
    let report = said.report();
    assert_eq!((steps(&report, "fail"), said.code), (vec!["reach"], Some(1)), "{report:#}");
    let why = report["steps"][0]["exchange"]["received"].as_str().unwrap();
    assert!(why.contains("refused"), "{why}");

    let silent = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", silent.local_addr().unwrap());
    let said = run(doctor(&url, "token", &["--json", "--timeout", "1"])).await;
    assert_eq!(steps(&said.report(), "fail"), ["reach"]);
}

#[tokio::test]
async fn a_wrong_command_ends_with_2_and_says_what_is_missing() {
    let with = |arguments: &[&str], token: Option<&str>| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_elder"));
        command.args(["scim", "test"]).args(arguments).env_remove("ELDER_SCIM_TOKEN");
        command.envs(token.map(|token| ("ELDER_SCIM_TOKEN", token)));
        run(command)
    };
    for (arguments, token, says) in [
        (vec!["--url", "https://id.example.com"], None, "--token-file"),
        (vec!["--url", "id.example.com"], Some("t"), "write it as https://host/path"),
        (vec!["--url", "https://a:b@id.example.com"], Some("t"), "credentials are given apart"),
        (vec!["--url", "https://id.example.com", "--token-file", "/nowhere"], None, "No such file"),
        (vec!["--url", "https://id.example.com", "--provider", "nobody"], Some("t"), "jumpcloud"),
        (vec!["--url", "https://id.example.com", "--timeout", "0"], Some("t"), "1..=600"),
    ] {
        let said = with(&arguments, token).await;
        assert!(said.code == Some(2) && said.text.contains(says), "{arguments:?}: {}", said.text);
    }
    let help = with(&["--help"], Some("s3cret")).await;
    assert!(help.text.contains("ELDER_SCIM_TOKEN") && !help.text.contains("s3cret"), "{}", help.text);
}

#[tokio::test]
async fn a_server_that_others_wrote_is_examined() {
    let server = Scim2Server::start(Some("right"));
    let said = run(doctor(&server.url, "right", &["--json"])).await;
    let report = said.report();
    assert_eq!((steps(&report, "fail"), said.code), (vec![], Some(0)), "{report:#}");
    let open = Scim2Server::start(None);
    let said = run(doctor(&open.url, "any", &["--json"])).await;
    let report = said.report();
    assert_eq!((steps(&report, "fail"), said.code), (vec!["wrong-token", "config"], Some(1)), "{report:#}");
}

/// A server with a fixed answer; gives its address.
fn answering(answer: &'static str) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    thread::spawn(move || {
        for mut stream in listener.incoming().flatten() {
            let _read = stream.read(&mut [0; 4096]);
            let _written = stream.write_all(answer.as_bytes());
        }
    });
    url
}

/// A way to a server on which each answer takes a while, and those to POSTs are lost if it `loses` them.
fn slow_road(base: &str, loses: bool) -> String {
    let target = base.strip_prefix("http://").unwrap().to_owned();
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    thread::spawn(move || {
        for client in listener.incoming().flatten() {
            let server = TcpStream::connect(&target).unwrap();
            let (asking, answering) = (client.try_clone().unwrap(), server.try_clone().unwrap());
            let lost = Arc::new(AtomicBool::new(false));
            let told = lost.clone();
            thread::spawn(move || {
                carry(asking, server, |request| {
                    told.fetch_or(loses && request.starts_with(b"POST"), Ordering::SeqCst);
                    true
                });
            });
            thread::spawn(move || {
                carry(answering, client, |_| {
                    thread::sleep(Duration::from_millis(60));
                    !lost.load(Ordering::SeqCst)
                });
            });
        }
    });
    url
}

/// Carries what comes from one end to the other, until an end closes or a piece is not to go on.
fn carry(mut from: TcpStream, mut to: TcpStream, goes_on: impl Fn(&[u8]) -> bool) {
    let mut buffer = [0; 16_384];
    while let Ok(count @ 1..) = from.read(&mut buffer) {
        if !goes_on(&buffer[..count]) || to.write_all(&buffer[..count]).is_err() {
            break;
        }
    }
    let _closed = (from.shutdown(Shutdown::Both), to.shutdown(Shutdown::Both));
}

/// scim2-server, of the authors of scim2-tester. Dropping it kills it.
struct Scim2Server {
    process: Child,
    url: String,
}

impl Scim2Server {
    #[expect(clippy::disallowed_methods, reason = "tests are told by the environment where their tools are")]
    fn start(token: Option<&str>) -> Self {
        let python =
            std::env::var("ELDER_TEST_PYTHON").expect("ELDER_TEST_PYTHON is not set: run by `make test`");
        let program = Path::new(&python).with_file_name("scim2-server");
        let address = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
        let mut command = Command::new(program);
        command.args(["--hostname", "127.0.0.1", "--port", &address.port().to_string()]);
        command.args(token.map(|token| ["--bearer-token", token]).into_iter().flatten());
        let process = command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
        let server = Self { process, url: format!("http://{address}/v2") };
        for _ in 0..600 {
            if TcpStream::connect(address).is_ok() {
                return server;
            }
            thread::sleep(Duration::from_millis(50));
        }
        panic!("scim2-server does not start");
    }
}

impl Drop for Scim2Server {
    fn drop(&mut self) {
        let _killed = self.process.kill();
        let _ended = self.process.wait();
    }
}
