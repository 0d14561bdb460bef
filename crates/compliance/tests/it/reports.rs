//! Reports: asked for, written, downloaded, in each form.

use std::process::Command;

use chrono::Duration;
use elder_access::markers;
use elder_audit::Written;
use elder_compliance::forget_reports;
use elder_testkit::TestApp;
use serde_json::{Value, json};

use crate::support::{REPORTS, asked, downloaded, made, stored_bytes, written};

#[tokio::test]
async fn a_report_says_of_whom_of_when_and_at_which_state_of_the_log_it_was_made() {
    let app = TestApp::start().await;
    let admin = app.tenant_admin().await;
    let from = app.seam.now();
    admin.post("/api/v2/organizations", json!({ "name": "Sales" })).await.expect(201);
    app.clock.advance(Duration::seconds(1));
    let id = asked(&admin, json!({ "kind": "admin_actions", "from": from, "format": "json" })).await;
    let path = format!("{REPORTS}/{id}");
    let waiting = admin.get(&path).await.expect(200);
    assert_eq!((&waiting["state"], &waiting["created_by"]), (&json!("queued"), &json!(admin.user)));
    admin.get(&format!("{path}/content")).await.expect_problem(409, "conflict");
    assert_eq!(written(&app, &admin, &id).await, Written::Completed);
    let done = admin.get(&path).await.expect(200);
    assert_eq!((&done["state"], &done["events"]), (&json!("completed"), &json!(1)), "{done}");
    let file = downloaded(&admin, &id).await;
    assert_eq!(done["size"], file.text.len());
    assert_eq!(file.header("etag"), format!("{}", done["sha256"]));
    assert_eq!(
        file.header("content-disposition"),
        format!("attachment; filename=\"admin-actions-{id}.json\"")
    );
    let note: Vec<&str> = done["checkpoint"].as_str().unwrap().lines().collect();
    let said = &file.body["report"];
    assert_eq!(said["log"], note[0]);
    assert_eq!(said["log_size"], format!("{} events", note[1]));
    assert_eq!(said["log_root"], note[2]);
    assert_eq!((&said["id"], &said["scope"]), (&json!(id), &json!("the whole tenant")));
    assert_eq!(file.body["figures"]["Events of the audit log"], 1);
    let event = &file.body["events"][0];
    assert_eq!((&event["action"], &event["actor_id"]), (&json!("organization.created"), &json!(admin.user)));
    // The place leads to the event, and the proof of it to a log at least as large.
    let proof =
        admin.get(&format!("/api/v2/audit/events/{}/proof", event["event_id"].as_str().unwrap())).await;
    assert_eq!(proof.expect(200)["seq"], event["seq"]);
}

#[tokio::test]
async fn what_was_not_sealed_when_the_writing_began_is_not_in_it() {
    let app = TestApp::start().await;
    let admin = app.tenant_admin().await;
    admin.post("/api/v2/organizations", json!({ "name": "Sealed" })).await.expect(201);
    elder_audit::seal(&app.worker, crate::support::ORIGIN).await.unwrap();
    app.clock.advance(Duration::seconds(1));
    admin.post("/api/v2/organizations", json!({ "name": "Unsealed" })).await.expect(201);
    app.clock.advance(Duration::seconds(1));
    let id = asked(&admin, json!({ "kind": "admin_actions", "format": "json" })).await;
    elder_compliance::write_report(&app.worker, admin.tenant, id.parse().unwrap()).await.unwrap();
    let text = downloaded(&admin, &id).await.text;
    assert!(text.contains("Sealed") && !text.contains("Unsealed"), "{text}");
}

#[tokio::test]
async fn w_26_a_table_begins_no_formula_and_says_of_each_row_what_it_is_of() {
    let app = TestApp::start().await;
    let admin = app.tenant_admin().await;
    let name = "=HYPERLINK(\"https://evil.example\")";
    admin.post("/api/v2/users", json!({ "email": "eve@acme.example", "full_name": name })).await.expect(201);
    let table = made(&app, &admin, json!({ "kind": "user_access", "format": "csv" })).await;
    assert!(table.header("content-type").starts_with("text/csv"));
    let mut reader = csv::Reader::from_reader(table.text.as_bytes());
    let heads = reader.headers().unwrap().clone();
    let column = |name: &str| heads.iter().position(|head| head == name).unwrap();
    let rows: Vec<_> = reader.records().map(Result::unwrap).collect();
    let of = |section: &str| rows.iter().filter(|row| &row[0] == section).collect::<Vec<_>>();
    let eve = of("people").into_iter().find(|row| &row[column("email")] == "eve@acme.example").unwrap();
    assert_eq!(&eve[column("name")], format!("'{name}"));
    assert!(of("report").iter().any(|row| &row[1] == "log_root") && !of("figure").is_empty());
    assert!(of("events").iter().any(|row| &row[column("action")] == "portal_user.created"));
    let begins = |cell: &str| cell.starts_with(['=', '+', '-', '@']);
    assert!(rows.iter().all(|row| !row.iter().any(begins)), "{}", table.text);
}

#[tokio::test]
async fn a_10_no_secret_that_was_typed_or_made_is_in_any_report() {
    let app = TestApp::start().await;
    let admin = app.tenant_admin().await;
    let canary = "whsec_Q0FOQVJZY2FuYXJ5Q0FOQVJZY2FuYXJ5Q0FOQVJZ";
    let target = json!({ "kind": "webhook", "url": "https://hooks.example.com/x" });
    let stream = json!({ "name": "SIEM", "target": target, "secret": canary });
    admin.post("/api/v2/audit/streams", stream).await.expect(201);
    let account = json!({ "name": "Robot", "permissions": ["users:read"] });
    let account = admin.post("/api/v2/service-accounts", account).await.expect(201)["id"].clone();
    let keys = format!("/api/v2/service-accounts/{}/api-keys", account.as_str().unwrap());
    let key = admin.post(&keys, json!({ "name": "K" })).await.expect(201)["key"].as_str().unwrap().to_owned();
    for kind in [
        "user_access",
        "permission_changes",
        "data_access",
        "failed_authentication",
        "admin_actions",
        "integration_activity",
    ] {
        for format in ["json", "csv"] {
            let text = made(&app, &admin, json!({ "kind": kind, "format": format })).await.text;
            assert!(!text.contains(canary) && !text.contains(&key), "{kind} {format}");
        }
    }
}

#[tokio::test]
async fn pages_have_a_cover_repeat_their_heads_show_every_letter_and_say_if_there_is_nothing() {
    let app = TestApp::start().await;
    let admin = app.tenant_admin().await;
    let long = "A rather long name ".repeat(9).trim_end().to_owned();
    for (number, name) in [long.as_str(), "Łódź Жанна", "Αθήνα"].into_iter().enumerate() {
        let body = json!({ "email": format!("p{number}@acme.example"), "full_name": name });
        admin.post("/api/v2/users", body).await.expect(201);
    }
    app.clock.advance(Duration::seconds(1));
    let id = asked(&admin, json!({ "kind": "user_access", "format": "pdf" })).await;
    assert_eq!(written(&app, &admin, &id).await, Written::Completed);
    let text = text_of(&stored_bytes(&app, &admin, &id).await);
    let note = admin.get(&format!("{REPORTS}/{id}")).await.expect(200)["checkpoint"].clone();
    let root = note.as_str().unwrap().lines().nth(2).unwrap().to_owned();
    for words in
        ["User access", "the whole tenant", &root, &id, "Łódź", "Αθήνα", "Page 1 of 3", "Who has what now"]
    {
        assert!(text.contains(words), "{words}: {text}");
    }
    let found = text.matches("rather").count();
    assert!(found >= 9 && found.is_multiple_of(9), "wrapped, and not cut: {text}");
    let id = asked(&admin, json!({ "kind": "failed_authentication", "format": "pdf" })).await;
    assert_eq!(written(&app, &admin, &id).await, Written::Completed);
    let text = text_of(&stored_bytes(&app, &admin, &id).await);
    assert!(text.contains("Nothing failed in this time."), "{text}");
}

/// What another program reads on the pages.
fn text_of(file: &[u8]) -> String {
    assert!(file.starts_with(b"%PDF-"));
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("pages.pdf");
    std::fs::write(&path, file).unwrap();
    let read = Command::new("pdftotext").args(["-layout"]).arg(&path).arg("-").output().unwrap();
    assert!(read.status.success());
    String::from_utf8(read.stdout).unwrap()
}

#[tokio::test]
async fn a_download_that_broke_off_goes_on_and_is_in_the_log_each_time() {
    let app = TestApp::start().await;
    let admin = app.tenant_admin().await;
    let id = asked(&admin, json!({ "kind": "user_access", "format": "json" })).await;
    assert_eq!(written(&app, &admin, &id).await, Written::Completed);
    app.clock.advance(Duration::seconds(1));
    let whole = downloaded(&admin, &id).await;
    app.clock.advance(Duration::seconds(1));
    let path = format!("{REPORTS}/{id}/content");
    let part = admin.with_header("range", "bytes=10-19").get(&path).await;
    assert!(part.status == 206 && part.text == whole.text[10..=19], "{}", part.text);
    let behind = format!("bytes={}-", whole.text.len());
    admin.with_header("range", behind).get(&path).await.expect_problem(416, "range_not_satisfiable");
    let found =
        admin.get(&format!("/api/v2/audit/events?filter=resource_id%20eq%20%22{id}%22")).await.expect(200);
    let all = found["data"].as_array().unwrap();
    let seen: Vec<_> = all.iter().map(|event| (&event["action"], &event["metadata"]["part"])).collect();
    let read = json!("compliance_report.downloaded");
    assert_eq!(
        seen,
        [
            (&read, &json!("10-19")),
            (&read, &Value::Null),
            (&json!("compliance_report.created"), &Value::Null)
        ]
    );
}

#[tokio::test]
async fn what_was_written_half_is_never_downloaded_and_is_written_anew() {
    let app = TestApp::start().await;
    let admin = app.tenant_admin().await;
    let add = "insert into audit_logs (tenant_id, timestamp, event_id, correlation_id, actor_type, action, category,
            resource_type, outcome, metadata)
        select $1, $2::timestamptz - n * interval '1 second', gen_random_uuid(), 'bulk', 'system', 'tenant.updated',
            'configuration', 'tenant', 'success', jsonb_build_object('text', repeat(md5(n::text), 40), 'n', n)
        from generate_series(1, 2100) n";
    app.superuser.execute(add, &[&app.acme.id.0, &app.seam.now()]).await.unwrap();
    app.clock.advance(Duration::seconds(1));
    let id = asked(&admin, json!({ "kind": "admin_actions", "format": "json" })).await;
    elder_audit::seal(&app.worker, crate::support::ORIGIN).await.unwrap();
    let chunks = "select count(*) from compliance_report_chunks";
    let count = async || app.superuser.query_one(chunks, &[]).await.unwrap().get::<_, i64>(0);
    // The writer dies as a process does that is killed: in the middle, without a word.
    {
        let writing = elder_compliance::write_report(&app.worker, app.acme.id, id.parse().unwrap());
        tokio::pin!(writing);
        while count().await < 1 {
            tokio::select! {
                done = &mut writing => panic!("it was too quick: {done:?}"),
                () = tokio::time::sleep(std::time::Duration::from_millis(5)) => (),
            }
        }
    }
    admin.get(&format!("{REPORTS}/{id}/content")).await.expect_problem(409, "conflict");
    assert_eq!(written(&app, &admin, &id).await, Written::Completed);
    let file = downloaded(&admin, &id).await;
    assert_eq!(file.body["figures"]["tenant.updated, success"], 2100);
    assert_eq!(file.body["events"].as_array().unwrap().len(), 2100);
}

#[tokio::test]
async fn a_11_another_tenants_report_is_none_and_has_nothing_of_ours() {
    let app = TestApp::start().await;
    let (admin, stranger) = (app.tenant_admin().await, app.other_tenant().await);
    admin.post("/api/v2/users", json!({ "email": "ours@acme.example" })).await.expect(201);
    let id = asked(&admin, json!({ "kind": "user_access", "format": "json" })).await;
    assert_eq!(written(&app, &admin, &id).await, Written::Completed);
    assert!(downloaded(&admin, &id).await.text.contains("ours@acme.example"));
    let path = format!("{REPORTS}/{id}");
    for foreign in [path.clone(), format!("{path}/content")] {
        stranger.get(&foreign).await.expect_problem(404, "not_found");
    }
    stranger.delete(&path).await.expect_problem(404, "not_found");
    let theirs = made(&app, &stranger, json!({ "kind": "user_access", "format": "json" })).await;
    assert!(!theirs.text.contains("ours@acme.example"), "{}", theirs.text);
    let looks_on = app.member_with::<markers::ComplianceRead>().await;
    looks_on.get(&path).await.expect(200);
    looks_on.get(&format!("{path}/content")).await.expect_problem(403, "permission_denied");
}

#[tokio::test]
async fn a_tenant_has_fifty_reports_each_for_a_month() {
    let app = TestApp::start().await;
    let admin = app.tenant_admin().await;
    let body = || json!({ "kind": "data_access", "format": "csv" });
    let first = asked(&admin, body()).await;
    for _ in 1..50 {
        asked(&admin, body()).await;
    }
    admin.post(REPORTS, body()).await.expect_problem(409, "conflict");
    admin.delete(&format!("{REPORTS}/{first}")).await.expect(204);
    assert_eq!(written(&app, &admin, &first).await, Written::Settled);
    asked(&admin, body()).await;
    app.clock.advance(Duration::days(30));
    forget_reports(&app.worker).await.unwrap();
    let left = app.superuser.query_one("select count(*) from compliance_reports", &[]).await.unwrap();
    assert_eq!(left.get::<_, i64>(0), 0);
}

#[tokio::test]
async fn what_no_report_can_be_of_is_refused() {
    let app = TestApp::start().await;
    let admin = app.tenant_admin().await;
    let now = app.seam.now();
    for (body, code) in [
        (json!({ "kind": "data_access", "from": now, "to": now, "format": "pdf" }), "invalid_parameter"),
        (json!({ "kind": "data_access", "format": "docx" }), "validation_failed"),
        (json!({ "kind": "gossip", "format": "pdf" }), "validation_failed"),
        (json!({ "kind": "controls", "format": "pdf" }), "validation_failed"),
        (json!({ "kind": "data_access", "framework": "soc2", "format": "pdf" }), "validation_failed"),
        (
            json!({ "kind": "controls", "framework": "soc2", "user_id": admin.user, "format": "pdf" }),
            "validation_failed",
        ),
        (
            json!({ "kind": "data_access", "user_id": admin.user, "organization_id": app.acme.root, "format": "pdf" }),
            "validation_failed",
        ),
    ] {
        admin.post(REPORTS, body).await.expect_problem(400, code);
    }
    assert_eq!(admin.get(REPORTS).await.expect(200)["data"], json!([]));
}
