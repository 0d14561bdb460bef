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
        .args(["-m", "scim2_cli", "--url", &format!("{}/scim/v2", app.base), "test"])
        .env("SCIM_CLI_HEADERS", format!("Authorization: Bearer {}", provider.token.as_deref().unwrap()))
        .output()
        .await
        .unwrap();
    let text = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success(), "{text}\n{}", String::from_utf8_lossy(&output.stderr));
    let failing: Vec<_> = text.lines().filter(|line| !line.starts_with("SUCCESS")).collect();
    assert!(failing.is_empty(), "{text}");
}
