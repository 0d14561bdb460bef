//! Streams to a syslog daemon that others wrote.

use std::{
    net::TcpListener,
    process::{Child, Command, Stdio},
};

use elder_audit::deliver_streams;
use elder_testkit::TestApp;
use serde_json::{Value, json};

use crate::streaming::{happen, here, set_up};

/// A syslog daemon of Debian, of the test's own.
struct Rsyslog {
    child: Child,
    folder: tempfile::TempDir,
    port: u16,
}

impl Rsyslog {
    fn start() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let at = |name: &str| folder.path().join(name).display().to_string();
        let config = format!(
            "global(workDirectory=\"{0}\" maxMessageSize=\"64k\")\nmodule(load=\"imtcp\")\n\
             input(type=\"imtcp\" port=\"{port}\" address=\"127.0.0.1\")\n\
             template(name=\"parts\" type=\"string\" string=\"%pri% %app-name% %procid% %msgid% %timestamp:::date-rfc3339%|%msg%\\n\")\n\
             action(type=\"omfile\" file=\"{1}\" template=\"parts\")\n",
            folder.path().display(),
            at("received")
        );
        std::fs::write(at("conf"), config).unwrap();
        let child = Command::new("/usr/sbin/rsyslogd")
            .args(["-n", "-f", &at("conf"), "-i", &at("pid")])
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .expect("rsyslogd runs: run the tests by `make test`");
        let server = Self { child, folder, port };
        for _ in 0..100 {
            if std::net::TcpStream::connect(("127.0.0.1", port)).is_ok() {
                return server;
            }
            std::thread::sleep(std::time::Duration::from_millis(100));
        }
        panic!("rsyslogd does not listen");
    }

    async fn received(&self, lines: usize) -> Vec<String> {
        for _ in 0..100 {
            let text = std::fs::read_to_string(self.folder.path().join("received")).unwrap_or_default();
            if text.lines().count() >= lines {
                return text.lines().map(str::to_owned).collect();
            }
            tokio::time::sleep(std::time::Duration::from_millis(50)).await;
        }
        panic!("the messages never came");
    }
}

impl Drop for Rsyslog {
    fn drop(&mut self) {
        let _ended = self.child.kill();
        let _gone = self.child.wait();
    }
}

#[tokio::test]
async fn a_syslog_daemon_reads_every_message_with_its_fields() {
    let app = TestApp::start().await;
    let admin = app.tenant_admin().await;
    let daemon = Rsyslog::start();
    let target = json!({ "kind": "syslog", "host": "127.0.0.1", "port": daemon.port, "tls": false });
    let path = set_up(&admin, json!({ "name": "Syslog", "target": target })).await;
    happen(&app, &admin, &["Łódź <13>1 - forged"]).await;
    deliver_streams(&app.worker, &here(&app)).await.unwrap();
    assert_eq!(admin.get(&path).await.expect(200)["health"], "ok");
    let lines = daemon.received(2).await;
    assert_eq!(lines.len(), 2, "{lines:?}");
    let (head, message) = lines[1].split_once('|').unwrap();
    assert!(head.starts_with(&format!("110 elder {} organization.created 2", app.acme.id)), "{head}");
    let event: Value = serde_json::from_str(message.trim_start_matches([' ', '\u{feff}'])).unwrap();
    assert_eq!((&event["seq"], &event["outcome"]), (&json!(1), &json!("success")));
    assert!(admin.post(&format!("{path}/test"), json!({})).await.expect(200)["arrived"].as_bool().unwrap());
    daemon.received(3).await;
    drop(daemon);
    happen(&app, &admin, &["Two"]).await;
    assert_eq!(deliver_streams(&app.worker, &here(&app)).await.unwrap().failed, 1);
    assert_eq!(admin.get(&path).await.expect(200)["cursor"], 2);
}
