//! Passwords that were stolen: a range service is asked, and told of none.

use std::{
    fs,
    io::{BufRead as _, BufReader},
    process::{Child, Command, Stdio},
};

use elder_testkit::{Options, PASSWORD, TestApp};
use serde_json::json;
use tempfile::TempDir;

use crate::people::{create, holder, login};

/// The SHA-1 of [`STOLEN`], as services write it.
const HASH: &str = "A53BFF0D0A3067D3439D8C19D2DA0014445F6110";
const STOLEN: &str = "purple monkey dishwasher lantern";

/// A web server over files of ranges.
struct Ranges {
    process: Child,
    url: String,
    asked: BufReader<std::process::ChildStderr>,
    _files: TempDir,
}

impl Ranges {
    fn start() -> Self {
        let files = tempfile::tempdir().unwrap();
        fs::create_dir(files.path().join("range")).unwrap();
        let (told, kept) = HASH.split_at(5);
        let record =
            |told: &str, range: String| fs::write(files.path().join("range").join(told), range).unwrap();
        record(told, format!("0018A45C4D1DEF81644B54AB7F969B88D65:3\r\n{kept}:17\r\n"));
        // The password of every test is among those that pad the range.
        record("ABF7A", "AD6438836DBE526AA231ABDE2D0EEF74D42:0\r\n".to_owned());
        let script = "import http.server, sys
server = http.server.ThreadingHTTPServer(('127.0.0.1', 0), http.server.SimpleHTTPRequestHandler)
print(server.server_port, flush=True)
server.serve_forever()";
        let mut command = Command::new("python3");
        command.args(["-c", script]).current_dir(files.path()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut process = command.spawn().unwrap();
        let mut port = String::new();
        BufReader::new(process.stdout.take().unwrap()).read_line(&mut port).unwrap();
        let asked = BufReader::new(process.stderr.take().unwrap());
        Self { process, url: format!("http://127.0.0.1:{}/range", port.trim()), asked, _files: files }
    }

    /// The next line of its log.
    fn asked(&mut self) -> String {
        let mut line = String::new();
        self.asked.read_line(&mut line).unwrap();
        line
    }
}

impl Drop for Ranges {
    fn drop(&mut self) {
        let _gone = self.process.kill();
        let _ended = self.process.wait();
    }
}

async fn start(ranges: &Ranges) -> TestApp {
    TestApp::start_with(Options { stolen_passwords: Some(ranges.url.clone()), ..Options::default() }).await
}

#[tokio::test]
async fn p_03_a_stolen_password_is_refused_wherever_one_is_set_and_told_to_nobody() {
    let mut ranges = Ranges::start();
    let app = start(&ranges).await;
    let admin = app.tenant_admin().await;
    let new = json!({ "email": "ana@acme.com", "password": STOLEN });
    let problem = admin.post("/api/v2/users", new).await.expect_problem(400, "validation_failed");
    assert_eq!(problem["errors"][0]["code"], "stolen");
    assert!(ranges.asked().contains(&format!("\"GET /range/{} HTTP/1.1\"", &HASH[..5])), "and nothing more");

    let ana = create(&admin, "ana@acme.com").await;
    let path = format!("/api/v2/users/{ana}/password");
    admin.put(&path, json!({ "password": STOLEN })).await.expect_problem(400, "validation_failed");
    let (ana, _) = holder(&app, &login(&app, "ana@acme.com", PASSWORD, None).await.expect(200));
    let own = json!({ "current_password": PASSWORD, "password": STOLEN });
    ana.put("/api/v2/me/password", own).await.expect_problem(400, "validation_failed");
    let at_login = json!({ "email": "ana@acme.com", "password": PASSWORD, "new_password": STOLEN });
    let problem =
        app.guest().post("/api/v2/auth/login", at_login).await.expect_problem(400, "validation_failed");
    assert_eq!(problem["errors"][0]["pointer"], "/new_password");
    let metric = "elder_password_range_lookups_total{outcome=\"stolen\"} 4";
    assert!(app.metrics.encode().unwrap().contains(metric));
}

#[tokio::test]
async fn while_the_service_does_not_answer_passwords_are_taken_unasked() {
    let mut ranges = Ranges::start();
    let app = start(&ranges).await;
    let admin = app.tenant_admin().await;
    create(&admin, "ana@acme.com").await;
    ranges.process.kill().unwrap();
    ranges.process.wait().unwrap();
    let new = |email| json!({ "email": email, "password": STOLEN });
    admin.post("/api/v2/users", new("bob@acme.com")).await.expect(201);
    admin.post("/api/v2/users", new("eve@acme.com")).await.expect(201);
    let metrics = app.metrics.encode().unwrap();
    for (outcome, times) in [("unknown", 1), ("failed", 1), ("paused", 1)] {
        let line = format!("elder_password_range_lookups_total{{outcome=\"{outcome}\"}} {times}");
        assert!(metrics.contains(&line), "{metrics}");
    }
}
