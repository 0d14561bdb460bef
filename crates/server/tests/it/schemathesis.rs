//! Every operation of the API's document, asked by schemathesis: what it answers is what the document says.

use std::path::Path;

use elder_access::Role;
use elder_testkit::{Actor, Fixture, TestApp};
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::process::Command;

/// How it asks, with the reasons for what it leaves out.
const SETTINGS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/it/schemathesis/schemathesis.toml");
const GLOBAL: &str = "^/api/v2/global/";
const SCIM: &str = "^/scim/";
const ALL_PHASES: &str = "examples,coverage,fuzzing,stateful";

/// Parameters that schemathesis is not to know of, because the document cannot say what they do.
const UNTOLD: [&str; 3] = [
    // No tag that is made up fits: what carries one ends at 412, and nothing is made or changed.
    "If-Match",
    // The answer of before comes again, whatever became of the resource since.
    "Idempotency-Key",
    // It asks for parts of resources, of which the document describes the whole.
    "fields",
];

#[expect(clippy::disallowed_methods, reason = "tests are told by the environment where their tools are")]
fn python() -> String {
    std::env::var("ELDER_TEST_PYTHON").expect("ELDER_TEST_PYTHON is not set: run the tests by `make test`")
}

/// The document as the server gives it, without what schemathesis is not to know of.
async fn document(app: &TestApp) -> Value {
    let mut document = app.guest().get("/api/v2/openapi.json").await.expect(200);
    let paths = document["paths"].as_object_mut().unwrap();
    for operation in paths.values_mut().flat_map(|path| path.as_object_mut().unwrap().values_mut()) {
        if let Some(Value::Array(parameters)) = operation.get_mut("parameters") {
            parameters.retain(|parameter| !UNTOLD.iter().any(|name| parameter["name"] == json!(name)));
        }
    }
    // It does not end by itself, and schemathesis would wait.
    document["paths"].as_object_mut().unwrap().remove("/api/v2/audit/events/stream").unwrap();
    // Under maintenance everybody else gets 503, and schemathesis itself whenever it shows no token.
    let settings = &mut document["components"]["schemas"]["PlatformSettingsPatch"]["properties"];
    settings.as_object_mut().unwrap().remove("maintenance").expect("a setting closes the platform");
    document
}

/// Asks as `actor`; gives the report.
async fn ask(app: &TestApp, actor: &Actor, how: &[&str]) -> String {
    let directory = TempDir::new().unwrap();
    let file = directory.path().join("openapi.json");
    std::fs::write(&file, document(app).await.to_string()).unwrap();
    let mut command = schemathesis(directory.path());
    command.arg(&file).args(["--url", &app.base]).args(how);
    if let Some(token) = &actor.token {
        command.args(["--header", &format!("Authorization: Bearer {token}")]);
    }
    let output = command.output().await.unwrap();
    let report = String::from_utf8(output.stdout).unwrap();
    assert!(output.status.success(), "{report}\n{}", String::from_utf8_lossy(&output.stderr));
    report
}

/// The program, which leaves what it writes in `directory`.
fn schemathesis(directory: &Path) -> Command {
    let mut command = Command::new(python());
    command.current_dir(directory).args(["-m", "schemathesis.cli", "--config-file", SETTINGS, "run"]);
    command
}

/// The number that stands before `what` in a report.
fn number(report: &str, what: &str) -> usize {
    let (before, _) = report.split_once(what).unwrap_or_else(|| panic!("nothing {what}: {report}"));
    before.rsplit(char::is_whitespace).next().unwrap().parse().unwrap()
}

#[tokio::test]
async fn a_tenant_admin_gets_what_the_document_says() {
    let app = TestApp::start().await;
    let admin = app.tenant_admin().await;
    let others = format!("{GLOBAL}|{SCIM}");
    let how = ["--phases", ALL_PHASES, "--max-examples", "3", "--exclude-path-regex", &others];
    let report = ask(&app, &admin, &how).await;
    assert!(number(&report, " covered /") >= 20, "few links were followed: {report}");
}

#[tokio::test]
async fn an_operator_gets_what_the_document_says() {
    let app = TestApp::start().await;
    let how = ["--phases", ALL_PHASES, "--max-examples", "3", "--include-path-regex", GLOBAL];
    let report = ask(&app, &app.operator().await, &how).await;
    assert!(number(&report, " covered /") >= 4, "few links were followed: {report}");
}

#[tokio::test]
async fn a_provider_gets_what_the_document_says() {
    let app = TestApp::start().await;
    let (_, provider) = app.directory().await;
    let how = ["--phases", ALL_PHASES, "--max-examples", "3", "--include-path-regex", SCIM];
    ask(&app, &provider, &how).await;
}

#[tokio::test]
async fn a_reader_gets_what_the_document_says() {
    let app = TestApp::start().await;
    let ids = Fixture::create(&app, "target").await;
    let reader = app.member(ids.tenant, Some(Role::Reader)).await;
    ask(&app, &reader, &["--phases", "fuzzing", "--max-examples", "2"]).await;
}

#[tokio::test]
async fn who_shows_no_token_gets_what_the_document_says() {
    let app = TestApp::start().await;
    ask(&app, &app.guest(), &["--phases", "fuzzing", "--max-examples", "2"]).await;
}
