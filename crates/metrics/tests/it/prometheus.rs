//! What Prometheus itself and its linter make of it.

use std::{
    io::Write as _,
    process::{Command, Stdio},
    time::{Duration, Instant},
};

use elder_metrics::refresh;
use elder_testkit::TestApp;

use crate::server::{Prometheus, program};

/// The one remark that stands: the name is fixed by the specification, though its value can fall.
const REMARKS: [&str; 1] = ["elder_entities_total non-counter metrics should not have \"_total\" suffix"];

#[tokio::test]
async fn promtool_finds_nothing_to_remark_beyond_the_fixed_name() {
    let app = TestApp::start().await;
    app.tenant_admin().await.get("/api/v2/nowhere").await.expect(404);
    refresh(&app.worker, &app.metrics).await.unwrap();
    let mut linter = Command::new(program("ELDER_TEST_PROMTOOL", "promtool"))
        .args(["check", "metrics"])
        .stdin(Stdio::piped())
        .stderr(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let text = app.guest().get("/metrics").await.text;
    linter.stdin.take().unwrap().write_all(text.as_bytes()).unwrap();
    let said = linter.wait_with_output().unwrap();
    let remarks = String::from_utf8(said.stderr).unwrap() + std::str::from_utf8(&said.stdout).unwrap();
    assert_eq!(remarks.lines().filter(|line| !line.is_empty()).collect::<Vec<_>>(), REMARKS);
}

#[tokio::test]
async fn prometheus_scrapes_the_application_and_answers_queries_about_it() {
    let app = TestApp::start().await;
    app.tenant_admin().await.get("/api/v2/nowhere").await.expect(404);
    let (prometheus, started) = (Prometheus::start(&app, None), Instant::now());
    let query = "http_requests_total{job=\"elder\",endpoint=\"unmatched\",status=\"404\"}";
    let value = loop {
        if let Some(series) = prometheus.ask(query).await.first() {
            break series["value"][1].clone();
        }
        assert!(started.elapsed() < Duration::from_secs(30), "Prometheus never had {query}");
        tokio::time::sleep(Duration::from_millis(200)).await;
    };
    assert_eq!(value, "1");
}
