//! A Prometheus of the test's own, and the programs that come with it.

use std::{
    net::TcpListener,
    path::Path,
    process::{Child, Command, Stdio},
};

use elder_testkit::TestApp;
use serde_json::Value;
use tempfile::TempDir;

#[expect(clippy::disallowed_methods, reason = "tests are told by the environment where their programs are")]
pub(crate) fn program(variable: &str, name: &str) -> String {
    std::env::var(variable).unwrap_or_else(|_| name.to_owned())
}

/// Prometheus, killed at the end of the test.
pub(crate) struct Prometheus {
    child: Child,
    url: String,
    client: reqwest::Client,
    _directory: TempDir,
}

impl Prometheus {
    /// Scrapes the application every second, and judges as often by the rules of a folder if there is one.
    pub(crate) fn start(app: &TestApp, rules: Option<&Path>) -> Self {
        let directory = tempfile::tempdir().unwrap();
        let rules = rules.map_or_else(String::new, |folder| format!("'{}/*.yml'", folder.display()));
        let config = format!(
            "global: {{scrape_interval: 1s, scrape_timeout: 1s, evaluation_interval: 1s}}\n\
             rule_files: [{rules}]\n\
             scrape_configs: [{{job_name: elder, static_configs: [{{targets: ['{}']}}]}}]\n",
            app.base.trim_start_matches("http://"),
        );
        let file = directory.path().join("prometheus.yml");
        std::fs::write(&file, config).unwrap();
        let address = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
        let child = Command::new(program("ELDER_TEST_PROMETHEUS", "prometheus"))
            .arg(format!("--config.file={}", file.display()))
            .arg(format!("--storage.tsdb.path={}", directory.path().join("data").display()))
            .arg(format!("--web.listen-address={address}"))
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        Self {
            child,
            url: format!("http://{address}/api/v1"),
            client: reqwest::Client::new(),
            _directory: directory,
        }
    }

    /// The series that a query gives now; none while Prometheus starts. A query that it cannot read fails the test.
    pub(crate) async fn ask(&self, query: &str) -> Vec<Value> {
        let Some(answer) = self.get("query", &[("query", query)]).await else { return Vec::new() };
        assert_eq!(answer["status"], "success", "{query}: {answer}");
        answer["data"]["result"].as_array().cloned().unwrap_or_default()
    }

    /// The rules that it judges by.
    pub(crate) async fn rules(&self) -> Vec<Value> {
        let answer = self.get("rules", &[]).await.unwrap_or_default();
        let groups = answer["data"]["groups"].as_array().cloned().unwrap_or_default();
        groups.iter().filter_map(|group| group["rules"].as_array().cloned()).flatten().collect()
    }

    async fn get(&self, path: &str, query: &[(&str, &str)]) -> Option<Value> {
        let answer = self.client.get(format!("{}/{path}", self.url)).query(query).send().await.ok()?;
        serde_json::from_str(&answer.text().await.ok()?).ok()
    }
}

impl Drop for Prometheus {
    fn drop(&mut self) {
        let _killed = self.child.kill();
        let _reaped = self.child.wait();
    }
}
