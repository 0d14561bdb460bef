//! Public conformance suites, run against the whole application.

use std::process::Output;

use elder_testkit::TestApp;
use serde_json::Value;
use tokio::process::Command;

/// Runs a Python program of the suites' environment.
#[expect(clippy::disallowed_methods, reason = "tests are told by the environment where their tools are")]
async fn python(program: &str, arguments: &[&str], environment: (&str, &str)) -> Output {
    let python = std::env::var("ELDER_TEST_PYTHON");
    let python = python.expect("ELDER_TEST_PYTHON is not set: run the tests by `make test`");
    let mut command = Command::new(python);
    command.args(["-c", program]).args(arguments).env(environment.0, environment.1);
    command.output().await.unwrap()
}

#[tokio::test]
async fn d_01_every_check_of_scim2_tester_passes() {
    let app = TestApp::start().await;
    let (_, provider) = app.directory().await;
    let base = format!("{}/scim/v2", app.base);
    let header = format!("Authorization: Bearer {}", provider.token.as_deref().unwrap());
    let program = "import scim2_cli; scim2_cli.cli()";
    let output = python(program, &["--url", &base, "test"], ("SCIM_CLI_HEADERS", &header)).await;
    let text = String::from_utf8_lossy(&output.stdout);
    let failing: Vec<_> =
        text.split("\nSUCCESS").skip(1).filter(|check| check.matches('\n').count() > 1).collect();
    assert!(output.status.success(), "{failing:#?}\n{}", String::from_utf8_lossy(&output.stderr));
    assert!(text.matches("\nSUCCESS").count() > 110, "few checks were made: {text}");
}

#[tokio::test]
async fn d_01_every_check_of_scim_sanity_passes() {
    let app = TestApp::start().await;
    let (_, provider) = app.directory().await;
    let base = format!("{}/scim/v2", app.base);
    let token = provider.token.as_deref().unwrap();
    let program = "from scim_sanity.cli import main; main()";
    let arguments = ["probe", &base, "--token", token, "--json-output", "--i-accept-side-effects"];
    let output = python(program, &arguments, ("NO_COLOR", "1")).await;
    let text = String::from_utf8_lossy(&output.stdout);
    let report: Value = serde_json::from_str(&text)
        .unwrap_or_else(|error| panic!("{error}: {text}\n{}", String::from_utf8_lossy(&output.stderr)));
    assert_eq!((&report["summary"]["failed"], output.status.code()), (&0.into(), Some(0)), "{report:#}");
    assert!(report["summary"]["passed"].as_u64().is_some_and(|passed| passed >= 28), "{report:#}");
}
