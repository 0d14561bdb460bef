//! Checkpoints in a second place.

use elder_access::work::Shell;
use elder_audit::{Copies, CopyError, Place, Webhook, seal, verify};
use elder_kernel::Secret;
use elder_outbound::http::{AllowedHost, Outbound};
use elder_testkit::TestApp;
use serde_json::{Value, json};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpListener,
};

pub(crate) const ORIGIN: &str = "elder.test";

pub(crate) async fn happen(app: &TestApp, name: &str) {
    let admin = app.tenant_admin().await;
    admin.post("/api/v2/organizations", json!({ "name": name })).await.expect(201);
    seal(&app.worker, ORIGIN).await.unwrap();
}

#[tokio::test]
async fn a_04_new_checkpoints_are_appended_to_a_file_that_verifies_the_log_later() {
    let app = TestApp::start().await;
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("checkpoints.ndjson");
    let mut copies = Copies::new([Place::File(file.clone())]);
    let lines = || std::fs::read_to_string(&file).unwrap_or_default().lines().count();
    happen(&app, "One").await;
    copies.send(&app.worker).await.unwrap();
    // Of System and of acme.
    assert_eq!(lines(), 2);
    copies.send(&app.worker).await.unwrap();
    assert_eq!(lines(), 2);
    happen(&app, "Two").await;
    copies.send(&app.worker).await.unwrap();
    assert_eq!(lines(), 3);
    let job = app.worker.job::<Shell>();
    let keys = verify::keys(&job, app.acme.id).await.unwrap();
    let kept = verify::kept(&std::fs::read_to_string(&file).unwrap(), &keys).unwrap();
    assert_eq!(kept.iter().map(|checkpoint| checkpoint.size).collect::<Vec<_>>(), [1, 2]);
    assert!(verify::verify(&job, app.acme.id, &keys, &kept).await.unwrap().is_good);
    let cut = "set session_replication_role = replica; delete from audit_logs where tenant_id = 2;
        delete from audit_leaves where tenant_id = 2; delete from audit_checkpoints where tenant_id = 2";
    app.superuser.batch_execute(&cut.replace('2', &app.acme.id.to_string())).await.unwrap();
    assert!(verify::verify(&job, app.acme.id, &keys, &[]).await.unwrap().is_good);
    let report = verify::verify(&job, app.acme.id, &keys, &kept).await.unwrap();
    assert_eq!(report.findings, [verify::Finding::Cut { size: 0, signed: 2 }]);
}

#[tokio::test]
async fn a_file_that_cannot_be_written_gets_its_checkpoints_later() {
    let app = TestApp::start().await;
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("absent").join("checkpoints.ndjson");
    let mut copies = Copies::new([Place::File(file.clone())]);
    happen(&app, "One").await;
    let faults = copies.send(&app.worker).await.unwrap_err();
    assert!(matches!(faults[..], [CopyError::File(..)]), "{faults:?}");
    std::fs::create_dir(folder.path().join("absent")).unwrap();
    copies.send(&app.worker).await.unwrap();
    assert_eq!(std::fs::read_to_string(&file).unwrap().lines().count(), 2);
}

/// Answers one request with a status, and gives what was sent.
async fn answer(listener: &TcpListener, status: &str) -> (String, Value) {
    let (mut stream, _) = listener.accept().await.unwrap();
    let mut request = Vec::new();
    loop {
        let mut some = [0; 4096];
        let count = stream.read(&mut some).await.unwrap();
        request.extend_from_slice(&some[..count]);
        let text = String::from_utf8_lossy(&request).into_owned();
        let Some((head, body)) = text.split_once("\r\n\r\n") else { continue };
        let length = head
            .lines()
            .find_map(|line| line.to_lowercase().strip_prefix("content-length: ").map(str::to_owned));
        if body.len() == length.unwrap().parse::<usize>().unwrap() {
            let reply = format!("HTTP/1.1 {status}\r\ncontent-length: 0\r\nconnection: close\r\n\r\n");
            stream.write_all(reply.as_bytes()).await.unwrap();
            return (head.to_lowercase(), serde_json::from_str(body).unwrap());
        }
    }
}

#[tokio::test]
async fn a_04_a_place_that_was_away_gets_what_it_has_missed_in_order_and_each_missed_round_is_counted() {
    let app = TestApp::start().await;
    let folder = tempfile::tempdir().unwrap();
    let (away, here) = (folder.path().join("away").join("kept"), folder.path().join("kept"));
    let mut copies = Copies::new([Place::File(away.clone()), Place::File(here.clone())]);
    let missed = |copies: &Copies| copies.missed().map(|(_, rounds)| rounds).collect::<Vec<_>>();
    let sizes = |file: &std::path::Path| {
        let text = std::fs::read_to_string(file).unwrap();
        let notes = text.lines().map(|line| serde_json::from_str::<Value>(line).unwrap());
        let notes = notes.map(|line| line["checkpoint"].as_str().unwrap().to_owned());
        let of_acme = notes.filter(|note| note.starts_with(&format!("{ORIGIN}/audit/{}\n", app.acme.id)));
        of_acme.map(|note| note.lines().nth(1).unwrap().to_owned()).collect::<Vec<_>>()
    };
    std::fs::create_dir(folder.path().join("away")).unwrap();
    happen(&app, "One").await;
    copies.send(&app.worker).await.unwrap();
    std::fs::rename(folder.path().join("away"), folder.path().join("gone")).unwrap();
    for (round, name) in (1..).zip(["Two", "Three", "Four"]) {
        app.clock.advance(chrono::Duration::seconds(15));
        happen(&app, name).await;
        assert!(matches!(copies.send(&app.worker).await.unwrap_err()[..], [CopyError::File(..)]));
        assert_eq!(missed(&copies), [round, 0]);
    }
    // Of what came within one round, the newest is enough.
    happen(&app, "Five").await;
    std::fs::rename(folder.path().join("gone"), folder.path().join("away")).unwrap();
    copies.send(&app.worker).await.unwrap();
    assert_eq!(missed(&copies), [0, 0]);
    assert_eq!(sizes(&away), ["1", "2", "3", "5"]);
    assert_eq!(sizes(&here), ["1", "2", "3", "4", "5"]);
}

#[tokio::test]
async fn a_04_new_checkpoints_go_to_a_url_until_it_has_taken_them() {
    let app = TestApp::start().await;
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let here = AllowedHost { host: "127.0.0.1".to_owned(), port: None };
    let outbound = Outbound::new(vec![here], None, &app.seam.clock).unwrap();
    let url = format!("http://{}/witness", listener.local_addr().unwrap());
    let token = Some(Secret::new("kept-secret".to_owned()));
    let mut copies = Copies::new([Place::Webhook(Webhook { url, token, outbound })]);
    happen(&app, "One").await;
    let (refused, _) = tokio::join!(copies.send(&app.worker), answer(&listener, "500 Broken"));
    assert!(matches!(refused.unwrap_err()[..], [CopyError::Refused(500)]));
    let (taken, (head, body)) = tokio::join!(copies.send(&app.worker), answer(&listener, "204 No Content"));
    taken.unwrap();
    assert!(
        head.starts_with("post /witness") && head.contains("authorization: bearer kept-secret"),
        "{head}"
    );
    assert_eq!(body["checkpoints"].as_array().unwrap().len(), 2, "{body}");
    // Nothing is new, so nothing is sent: nobody would answer.
    copies.send(&app.worker).await.unwrap();
    happen(&app, "Two").await;
    let (taken, (_, body)) = tokio::join!(copies.send(&app.worker), answer(&listener, "200 OK"));
    taken.unwrap();
    let note = body["checkpoints"][0].as_str().unwrap();
    assert!(note.starts_with(&format!("{ORIGIN}/audit/{}\n2\n", app.acme.id)), "{note}");
}
