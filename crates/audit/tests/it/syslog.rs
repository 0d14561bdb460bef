//! Streams to a syslog daemon that others wrote.

use std::{
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
};

use elder_audit::{Targets, deliver_streams};
use elder_outbound::http::{AllowedHost, Outbound};
use elder_testkit::TestApp;
use serde_json::{Value, json};

use crate::{
    bucket::free_port,
    streaming::{happen, here, set_up},
};

/// A syslog daemon of Debian, of the test's own.
pub(crate) struct Rsyslog {
    child: Child,
    folder: tempfile::TempDir,
    /// Where it listens.
    pub(crate) port: u16,
}

impl Rsyslog {
    pub(crate) fn start() -> Self {
        Self::at(free_port())
    }

    pub(crate) fn at(port: u16) -> Self {
        Self::listening("", "", port)
    }

    /// One that takes messages by TLS alone (RFC 5425), with a certificate and its key.
    pub(crate) fn with_tls(certificate: &Certificate) -> Self {
        let [ca, cert, key] = ["ca.crt", "server.crt", "server.key"].map(|name| certificate.path(name));
        let global = format!(
            "defaultNetstreamDriver=\"gtls\" defaultNetstreamDriverCAFile=\"{}\"
            defaultNetstreamDriverCertFile=\"{}\" defaultNetstreamDriverKeyFile=\"{}\"",
            ca.display(),
            cert.display(),
            key.display()
        );
        let module = "streamDriver.name=\"gtls\" streamDriver.mode=\"1\" streamDriver.authMode=\"anon\"";
        Self::listening(&global, module, free_port())
    }

    fn listening(global: &str, module: &str, port: u16) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let at = |name: &str| folder.path().join(name).display().to_string();
        let config = format!(
            "global(workDirectory=\"{0}\" maxMessageSize=\"64k\" {global})\nmodule(load=\"imtcp\" {module})\n\
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

    /// The lines that it has written, once there are as many.
    pub(crate) async fn received(&self, lines: usize) -> Vec<String> {
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

/// A certificate of `127.0.0.1`, or of somebody else, by an authority of the test's own.
pub(crate) struct Certificate(tempfile::TempDir);

impl Certificate {
    pub(crate) fn of(name: &str) -> Self {
        let made = Self(tempfile::tempdir().unwrap());
        let days = ["-days", "2", "-nodes", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1"];
        made.openssl(
            &[&["req", "-x509", "-subj", "/CN=Test", "-keyout", "ca.key", "-out", "ca.crt"], days.as_slice()]
                .concat(),
        );
        let alternative = format!("subjectAltName={name}");
        let signed = [
            "-CA",
            "ca.crt",
            "-CAkey",
            "ca.key",
            "-addext",
            &alternative,
            "-addext",
            "basicConstraints=CA:FALSE",
        ];
        let server = ["req", "-x509", "-subj", "/CN=syslog", "-keyout", "server.key", "-out", "server.crt"];
        made.openssl(&[server.as_slice(), &days, &signed].concat());
        made
    }

    fn openssl(&self, arguments: &[&str]) {
        let output = Command::new("openssl").args(arguments).current_dir(self.0.path()).output().unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    /// A way out on which the authority is trusted.
    pub(crate) fn outbound(&self, app: &TestApp) -> Outbound {
        let here = AllowedHost { host: "127.0.0.1".to_owned(), port: None };
        Outbound::new(vec![here], Some(&self.path("ca.crt")), &app.seam.clock).unwrap()
    }

    /// Targets that trust the authority.
    fn trusted(&self, app: &TestApp) -> Targets {
        Targets::new(self.outbound(app), Some(Path::new("/nonexistent").to_owned()))
    }
}

fn by_tls(daemon: &Rsyslog) -> Value {
    let target = json!({ "kind": "syslog", "host": "127.0.0.1", "port": daemon.port });
    json!({ "name": "Syslog", "target": target })
}

#[tokio::test]
async fn a_syslog_daemon_gets_messages_by_tls_and_all_of_them() {
    let app = TestApp::start().await;
    let admin = app.tenant_admin().await;
    let certificate = Certificate::of("IP:127.0.0.1");
    let daemon = Rsyslog::with_tls(&certificate);
    let path = set_up(&admin, by_tls(&daemon)).await;
    assert_eq!(admin.get(&path).await.expect(200)["target"]["tls"], true);
    let names: Vec<_> = (0..250).map(|number| format!("Number {number}")).collect();
    happen(&app, &admin, &names.iter().map(String::as_str).collect::<Vec<_>>()).await;
    assert_eq!(deliver_streams(&app.worker, &certificate.trusted(&app)).await.unwrap().batches, 2);
    let lines = daemon.received(251).await;
    let events = lines.iter().map(|line| {
        let (_, message) = line.split_once('|').unwrap();
        serde_json::from_str::<Value>(message.trim_start_matches([' ', '\u{feff}'])).unwrap()
    });
    assert_eq!(
        events.map(|event| event["seq"].as_u64().unwrap()).collect::<Vec<_>>(),
        (0..251).collect::<Vec<_>>()
    );
    assert_eq!(admin.get(&path).await.expect(200)["health"], "ok");
}

#[tokio::test]
async fn a_syslog_daemon_that_nobody_vouches_for_or_that_is_another_gets_nothing() {
    let app = TestApp::start().await;
    let admin = app.tenant_admin().await;
    let (own, of_another) = (Certificate::of("IP:127.0.0.1"), Certificate::of("DNS:logs.example.com"));
    for (certificate, targets) in [(&own, here(&app)), (&of_another, of_another.trusted(&app))] {
        let daemon = Rsyslog::with_tls(certificate);
        let path = set_up(&admin, by_tls(&daemon)).await;
        happen(&app, &admin, &[&format!("At {}", daemon.port)]).await;
        assert_eq!(deliver_streams(&app.worker, &targets).await.unwrap().failed, 1);
        let stream = admin.get(&path).await.expect(200);
        assert_eq!((&stream["health"], &stream["failures"]), (&json!("failing"), &json!(1)), "{stream}");
        assert!(!daemon.folder.path().join("received").exists());
        admin.delete(&path).await.expect(204);
    }
}
