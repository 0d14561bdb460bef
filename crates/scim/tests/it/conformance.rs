//! The public conformance suite, run against the whole application.

use elder_testkit::TestApp;
use tokio::process::Command;

#[expect(clippy::disallowed_methods, reason = "tests are told by the environment where their tools are")]
fn python() -> String {
    std::env::var("ELDER_TEST_PYTHON").expect("ELDER_TEST_PYTHON is not set: run the tests by `make test`")
}

#[tokio::test]
async fn d_01_every_check_of_scim2_tester_passes() {
    let app = TestApp::start().await;
    let (_, provider) = app.directory().await;
    let output = Command::new(python())
        .args(["-c", "import scim2_cli; scim2_cli.cli()", "--url", &format!("{}/scim/v2", app.base), "test"])
        .env("SCIM_CLI_HEADERS", format!("Authorization: Bearer {}", provider.token.as_deref().unwrap()))
        .output()
        .await
        .unwrap();
    let text = String::from_utf8_lossy(&output.stdout);
    let failing: Vec<_> =
        text.split("\nSUCCESS").skip(1).filter(|check| check.matches('\n').count() > 1).collect();
    assert!(output.status.success(), "{failing:#?}\n{}", String::from_utf8_lossy(&output.stderr));
    assert!(text.matches("\nSUCCESS").count() > 90, "few checks were made: {text}");
}
