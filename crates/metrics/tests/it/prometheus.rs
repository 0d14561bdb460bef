//! What Prometheus itself and its linter make of it.

use std::{
    io::Write as _,
    net::TcpListener,
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};

use elder_metrics::refresh;
use elder_testkit::TestApp;
use serde_json::Value;

#[expect(clippy::disallowed_methods, reason = "tests are told by the environment where their programs are")]
fn program(variable: &str, name: &str) -> String {
    std::env::var(variable).unwrap_or_else(|_| name.to_owned())
}

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

/// Prometheus, killed at the end of the test.
struct Server(Child);

impl Drop for Server {
    fn drop(&mut self) {
        let _killed = self.0.kill();
        let _reaped = self.0.wait();
    }
}

#[tokio::test]
async fn prometheus_scrapes_the_application_and_answers_queries_about_it() {
    let app = TestApp::start().await;
    app.tenant_admin().await.get("/api/v2/nowhere").await.expect(404);
    let directory = tempfile::tempdir().unwrap();
    let config = format!(
        "global: {{scrape_interval: 1s, scrape_timeout: 1s}}\n\
         scrape_configs: [{{job_name: elder, static_configs: [{{targets: ['{}']}}]}}]\n",
        app.base.trim_start_matches("http://"),
    );
    let file = directory.path().join("prometheus.yml");
    std::fs::write(&file, config).unwrap();
    let address = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let server = Command::new(program("ELDER_TEST_PROMETHEUS", "prometheus"))
        .arg(format!("--config.file={}", file.display()))
        .arg(format!("--storage.tsdb.path={}", directory.path().join("data").display()))
        .arg(format!("--web.listen-address={address}"))
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let _server = Server(server);
    let query = "http_requests_total{job=\"elder\",endpoint=\"unmatched\",status=\"404\"}";
    let value = first_value(&format!("http://{address}/api/v1/query"), query).await;
    assert_eq!(value, "1");
}

/// Asks until there is an answer, for 30 seconds.
async fn first_value(url: &str, query: &str) -> String {
    let (client, started) = (reqwest::Client::new(), Instant::now());
    loop {
        if let Ok(answer) = client.get(url).query(&[("query", query)]).send().await {
            let answer: Value = serde_json::from_str(&answer.text().await.unwrap()).unwrap_or_default();
            if let Some(value) = answer["data"]["result"][0]["value"][1].as_str() {
                return value.to_owned();
            }
        }
        assert!(started.elapsed() < Duration::from_secs(30), "Prometheus never had {query}");
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
}
