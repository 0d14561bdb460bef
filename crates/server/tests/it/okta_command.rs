//! `elder okta configure`: against the shape of Okta's API, and with a directory of Elder's on the other side.

use std::{
    fs,
    io::{BufRead as _, BufReader},
    path::PathBuf,
    process::{Child, Command, Stdio},
};

use elder_testkit::TestApp;
use serde_json::{Value, json};
use tempfile::TempDir;

const API_TOKEN: &str = "00-an-api-token-of-okta";
const APP: &str = "0oa1gjh63g214q0Hq0g4";
const CONNECTION: &str = "/api/v1/apps/0oa1gjh63g214q0Hq0g4/connections/default";
const FEATURE: &str = "/api/v1/apps/0oa1gjh63g214q0Hq0g4/features/USER_PROVISIONING";

/// An Okta org with one application. Dropping it ends it.
struct Okta {
    process: Child,
    url: String,
    folder: TempDir,
}

impl Okta {
    /// Starts it; `state` says what is other than usual.
    #[expect(clippy::disallowed_methods, reason = "tests are told by the environment where their tools are")]
    fn start(state: &Value) -> Self {
        let python =
            std::env::var("ELDER_TEST_PYTHON").expect("ELDER_TEST_PYTHON is not set: run by `make test`");
        let folder = tempfile::tempdir().unwrap();
        let script = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/it/okta_command/okta_org.py");
        let mut command = Command::new(python);
        command.arg(script).arg(folder.path().join("calls")).arg(state.to_string());
        let mut process = command.stdout(Stdio::piped()).spawn().unwrap();
        let mut port = String::new();
        BufReader::new(process.stdout.take().unwrap()).read_line(&mut port).unwrap();
        Self { process, url: format!("http://127.0.0.1:{}", port.trim()), folder }
    }

    /// The calls that it got since it was asked last: method, path, authorization, body.
    fn calls(&self) -> Vec<Value> {
        let file = self.folder.path().join("calls");
        let text = fs::read_to_string(&file).unwrap_or_default();
        let _none = fs::remove_file(file);
        text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
    }

    /// The calls that change something.
    fn changes(&self) -> Vec<(String, Value)> {
        let calls = self.calls().into_iter().filter(|call| call["method"] != "GET");
        let line =
            |call: &Value| format!("{} {}", call["method"].as_str().unwrap(), call["path"].as_str().unwrap());
        calls.map(|call| (line(&call), call["body"].clone())).collect()
    }

    fn file(&self, name: &str, text: &str) -> PathBuf {
        let file = self.folder.path().join(name);
        fs::write(&file, format!("{text}\n")).unwrap();
        file
    }

    /// `elder okta configure` for this org, with a token of its.
    async fn configure(&self, directory: &Directory, arguments: &[&str]) -> (bool, String) {
        let mut command = self.command(directory, arguments);
        command.arg("--token-file").arg(self.file("api-token", API_TOKEN));
        run(command).await
    }

    fn command(&self, directory: &Directory, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_elder"));
        command.args(["okta", "configure", "--org", &self.url, "--app", APP, "--scim-url", &directory.url]);
        command.arg("--scim-token-file").arg(self.file("scim-token", &directory.token)).args(arguments);
        command.env_remove("OKTA_API_TOKEN").env_remove("ELDER_SCIM_TOKEN");
        command
    }
}

impl Drop for Okta {
    fn drop(&mut self) {
        let _killed = self.process.kill();
        let _ended = self.process.wait();
    }
}

/// Where Okta is to push to.
struct Directory {
    url: String,
    token: String,
}

async fn directory(app: &TestApp) -> Directory {
    let (_, okta) = app.directory_of(app.acme.id, "okta").await;
    Directory { url: format!("{}/scim/v2", app.base), token: okta.token.unwrap() }
}

async fn run(command: Command) -> (bool, String) {
    let output = tokio::process::Command::from(command).output().await.unwrap();
    let text = String::from_utf8([output.stdout, output.stderr].concat()).unwrap();
    (output.status.success(), text)
}

fn wanted_capabilities() -> Value {
    let on = json!({"status": "ENABLED"});
    json!({"create": {"lifecycleCreate": on}, "update": {"profile": on, "lifecycleDeactivate": on}})
}

#[tokio::test]
async fn an_application_is_set_up_by_three_changes_and_a_second_run_changes_nothing() {
    let app = TestApp::start().await;
    let (okta, directory) = (Okta::start(&json!({})), directory(&app).await);
    let (success, text) = okta.configure(&directory, &[]).await;
    assert!(success && text.contains("Push Groups"), "{text}");
    assert!(!text.contains(&directory.token) && !text.contains(API_TOKEN), "{text}");
    let connection =
        json!({"baseUrl": directory.url, "profile": {"authScheme": "TOKEN", "token": directory.token}});
    let push = |from: &str| json!({"expression": from, "pushStatus": "PUSH"});
    let rules = json!({"givenName": push("user.firstName"), "email": push("user.email")});
    assert_eq!(
        okta.changes(),
        [
            (format!("POST {CONNECTION}?activate=true"), connection),
            (format!("PUT {FEATURE}"), wanted_capabilities()),
            ("POST /api/v1/mappings/prm1k48weFSOnEUnw0g4".to_owned(), json!({ "properties": rules })),
        ]
    );
    let (success, text) = okta.configure(&directory, &[]).await;
    assert!(success && text.contains("The connection is right already"), "{text}");
    assert_eq!(okta.changes(), []);
    let (success, _) = okta.configure(&directory, &["--replace-token", "--sync-passwords"]).await;
    let changes = okta.changes();
    assert!(success && changes.len() == 2, "{changes:?}");
    assert_eq!(changes[1].1["update"]["password"]["seed"], "OKTA");
}

#[tokio::test]
async fn every_call_carries_the_token_as_okta_wants_it() {
    let app = TestApp::start().await;
    let (okta, directory) = (Okta::start(&json!({})), directory(&app).await);
    okta.configure(&directory, &[]).await;
    let calls = okta.calls();
    assert!(calls.len() > 6, "{calls:?}");
    for call in calls {
        assert_eq!(call["authorization"], format!("SSWS {API_TOKEN}"), "{call}");
    }
}

#[tokio::test]
async fn a_dry_run_reads_and_prints_what_it_would_change_without_the_tokens() {
    let app = TestApp::start().await;
    let (okta, directory) = (Okta::start(&json!({})), directory(&app).await);
    let (success, text) = okta.configure(&directory, &["--dry-run"]).await;
    assert!(success, "{text}");
    for shown in ["POST", "?activate=true (dry run)", "[token]", "lifecycleDeactivate", "user.firstName"] {
        assert!(text.contains(shown), "{shown}: {text}");
    }
    assert!(!text.contains(&directory.token), "{text}");
    assert_eq!(okta.changes(), []);
    let (success, text) = run(okta.command(&directory, &["--dry-run"])).await;
    assert!(success && text.contains("not asked: no token") && text.contains("PUT"), "{text}");
    assert_eq!(okta.calls(), [] as [Value; 0]);
}

#[tokio::test]
async fn what_cannot_be_set_up_is_refused_before_anything_is_changed() {
    let app = TestApp::start().await;
    let directory = directory(&app).await;
    for (state, says) in [
        (json!({"provisioning": "UNKNOWN"}), "Provisioning to SCIM"),
        (json!({"provisioning": "OAUTH2"}), "OAuth 2.0"),
        (json!({"status": "INACTIVE"}), "is INACTIVE: activate it first"),
        (json!({"app": "0oaanother"}), "no application of this id"),
        (json!({"token": "another"}), "401: Invalid token provided"),
    ] {
        let okta = Okta::start(&state);
        let (success, text) = okta.configure(&directory, &[]).await;
        assert!(!success && text.contains(says), "{state}: {text}");
        assert_eq!(okta.changes(), [], "{state}");
    }
    let okta = Okta::start(&json!({}));
    let wrong = Directory { url: directory.url.clone(), token: "a-wrong-token".to_owned() };
    let (success, text) = okta.configure(&wrong, &[]).await;
    assert!(!success && text.contains("the directory does not do what Okta asks first"), "{text}");
    assert!(text.contains("401") && !text.contains("a-wrong-token"), "{text}");
    assert_eq!(okta.calls(), [] as [Value; 0]);
}

#[tokio::test]
async fn a_refusal_of_okta_is_told_in_its_words() {
    let app = TestApp::start().await;
    let (okta, directory) =
        (Okta::start(&json!({"refuses": "Provisioning is not supported."})), directory(&app).await);
    let (success, text) = okta.configure(&directory, &[]).await;
    assert!(
        !success && text.contains("400: Api validation failed: connection; Provisioning is not supported."),
        "{text}"
    );
}

#[tokio::test]
async fn rate_limits_are_waited_out_and_failures_of_okta_tried_again() {
    let app = TestApp::start().await;
    let directory = directory(&app).await;
    let okta = Okta::start(&json!({"first": [429, 503, 502]}));
    let (success, text) = okta.configure(&directory, &[]).await;
    assert!(success && text.contains("429 Too Many Requests") && text.contains("  again in "), "{text}");
    let okta = Okta::start(&json!({"first": [500, 500, 500, 500]}));
    let (success, text) = okta.configure(&directory, &[]).await;
    assert!(!success && text.contains("with 500"), "{text}");
    assert_eq!(okta.calls().len(), 4);
}

#[tokio::test]
async fn a_wrong_command_is_told_before_anybody_is_asked() {
    let app = TestApp::start().await;
    let (okta, directory) = (Okta::start(&json!({})), directory(&app).await);
    let (success, text) = run(okta.command(&directory, &[])).await;
    assert!(!success && text.contains("--token-file"), "{text}");
    let open = Directory { url: "http://id.example.com/scim/v2".to_owned(), ..directory };
    let (success, text) = okta.configure(&open, &[]).await;
    assert!(!success && text.contains("is not https"), "{text}");
    assert_eq!(okta.calls(), [] as [Value; 0]);
}
