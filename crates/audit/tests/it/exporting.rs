//! Exports: asked for, written, downloaded.

use elder_access::{Entitlements, markers};
use elder_audit::{Written, forget_exports, seal, verify, write_export};
use elder_kernel::Id;
use elder_testkit::{Actor, Answer, TestApp, licensed};
use serde_json::{Value, json};

const EXPORTS: &str = "/api/v2/audit/exports";
const ORIGIN: &str = "elder.test";

async fn named(app: &TestApp, admin: &Actor, name: &str) {
    admin.post("/api/v2/organizations", json!({ "name": name })).await.expect(201);
    app.clock.advance(chrono::Duration::seconds(1));
}

async fn asked(admin: &Actor, body: Value) -> String {
    admin.post(EXPORTS, body).await.expect(201)["id"].as_str().unwrap().to_owned()
}

async fn written(app: &TestApp, admin: &Actor, id: &str) -> Written {
    seal(&app.worker, ORIGIN).await.unwrap();
    write_export(&app.worker, admin.tenant, id.parse().unwrap()).await.unwrap()
}

async fn downloaded(admin: &Actor, id: &str) -> Answer {
    let answer = admin.get(&format!("{EXPORTS}/{id}/content")).await;
    assert_eq!(answer.status, 200, "{}", answer.text);
    answer
}

/// Asks for a file, has it written, and downloads it.
async fn exported(app: &TestApp, admin: &Actor, body: Value) -> Answer {
    app.clock.advance(chrono::Duration::seconds(1));
    let id = asked(admin, body).await;
    assert_eq!(written(app, admin, &id).await, Written::Completed);
    downloaded(admin, &id).await
}

fn lines(text: &str) -> Vec<Value> {
    text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

#[tokio::test]
async fn an_export_has_the_events_of_its_filter_and_time_and_tells_its_size_and_hash() {
    let app = TestApp::start().await;
    let admin = app.tenant_admin().await;
    named(&app, &admin, "Early").await;
    let from = app.seam.now();
    named(&app, &admin, "One").await;
    named(&app, &admin, "Two").await;
    let to = app.seam.now();
    named(&app, &admin, "Late").await;
    let filter = "action eq \"organization.created\"";
    let id = asked(&admin, json!({ "format": "ndjson", "filter": filter, "from": from, "to": to })).await;
    let path = format!("{EXPORTS}/{id}");
    let waiting = admin.get(&path).await.expect(200);
    assert_eq!((&waiting["state"], &waiting["created_by"]), (&json!("queued"), &json!(admin.user)));
    admin.get(&format!("{path}/content")).await.expect_problem(409, "conflict");
    assert_eq!(written(&app, &admin, &id).await, Written::Completed);
    let done = admin.get(&path).await.expect(200);
    assert_eq!(
        (&done["state"], &done["events"], &done["progress"]),
        (&json!("completed"), &json!(2), &json!(100))
    );
    let file = downloaded(&admin, &id).await;
    let names: Vec<_> =
        lines(&file.text).iter().map(|event| event["changes"]["name"]["after"].clone()).collect();
    assert_eq!(names, ["One", "Two"]);
    assert_eq!(done["size"], file.text.len());
    assert_eq!(file.header("etag"), format!("{}", done["sha256"]));
    assert_eq!(file.header("content-length"), file.text.len().to_string());
    let name = format!("attachment; filename=\"audit-{id}.ndjson\"");
    assert_eq!(file.header("content-disposition"), name);
    // It was sealed before its end, and nothing that came later is in it.
    assert!(done["checkpoint"].as_str().unwrap().starts_with(&format!("{ORIGIN}/audit/{}\n", app.acme.id)));
    assert_eq!(admin.get(EXPORTS).await.expect(200)["data"][0], done);
    let listed = format!("{EXPORTS}?filter=state%20eq%20%22queued%22");
    assert_eq!(admin.get(&listed).await.expect(200)["data"], json!([]));
    assert_eq!(written(&app, &admin, &id).await, Written::Settled);
}

#[tokio::test]
async fn an_export_with_proofs_is_verified_without_the_server() {
    let app = TestApp::start().await;
    let admin = app.tenant_admin().await;
    for number in 0..5 {
        named(&app, &admin, &format!("Number {number}")).await;
        seal(&app.worker, ORIGIN).await.unwrap();
    }
    let filter = "resource_type eq \"organization\"";
    let file = exported(&app, &admin, json!({ "format": "ndjson", "proofs": true, "filter": filter })).await;
    let keys: Vec<_> = admin.get("/api/v2/audit/keys").await.expect(200)["data"]
        .as_array()
        .unwrap()
        .iter()
        .map(|key| key["verifier"].as_str().unwrap().parse().unwrap())
        .collect();
    let report = verify::verify_export(file.text.as_bytes(), &keys, &[]).unwrap();
    assert!(report.is_good && report.proven == 5, "{report:?}");
    let lied = file.text.replacen("Number 3", "Number 4", 1);
    let report = verify::verify_export(lied.as_bytes(), &keys, &[]).unwrap();
    assert!(!report.is_good && report.findings.len() == 1, "{report:?}");
}

#[tokio::test]
async fn w_26_a_table_begins_no_formula_and_json_is_exact() {
    let app = TestApp::start().await;
    let agent = "=HYPERLINK(\"https://evil.example\",\"x\")";
    let admin = app.tenant_admin().await.with_header("user-agent", agent);
    named(&app, &admin, "A, \"quoted\" name").await;
    let table = exported(&app, &admin, json!({ "format": "csv" })).await;
    assert!(table.header("content-type").starts_with("text/csv"));
    let mut reader = csv::Reader::from_reader(table.text.as_bytes());
    let heads = reader.headers().unwrap().clone();
    let column = |name: &str| heads.iter().position(|head| head == name).unwrap();
    let rows: Vec<_> = reader.records().map(Result::unwrap).collect();
    assert_eq!((rows.len(), &rows[0][column("actor_user_agent")]), (1, &*format!("'{agent}")));
    assert!(rows[0][column("changes")].contains("A, \\\"quoted\\\" name"), "{:?}", rows[0]);
    // Every cell is in quotes, and so is none that begins otherwise.
    assert!(table.text.lines().all(|line| line.starts_with('"') && line.ends_with('"')));
    let document = exported(&app, &admin, json!({ "format": "json" })).await;
    assert_eq!(document.body["tenant_id"], json!(app.acme.id));
    assert_eq!(document.body["events"][0]["actor_user_agent"], agent);
    assert_eq!(document.body["events"].as_array().unwrap().len(), 3, "{}", document.text);
}

#[tokio::test]
async fn a_07_an_export_has_what_was_committed_late_once_it_is_sealed_and_nothing_that_is_not() {
    let app = TestApp::start().await;
    let admin = app.tenant_admin().await;
    let mut late = app.database.superuser().await;
    let open = late.transaction().await.unwrap();
    let add = "insert into audit_logs (tenant_id, timestamp, event_id, correlation_id, actor_type, action, category,
            resource_type, outcome)
        values ($1, $2, $3, 'late', 'system', 'tenant.updated', 'configuration', 'tenant', 'success')";
    open.execute(add, &[&app.acme.id.0, &app.seam.now(), &app.seam.uuid()]).await.unwrap();
    app.clock.advance(chrono::Duration::seconds(5));
    named(&app, &admin, "Meanwhile").await;
    let id = asked(&admin, json!({ "format": "ndjson" })).await;
    seal(&app.worker, ORIGIN).await.unwrap();
    open.commit().await.unwrap();
    write_export(&app.worker, admin.tenant, id.parse().unwrap()).await.unwrap();
    let first = downloaded(&admin, &id).await;
    assert!(!first.text.contains("\"late\"") && first.text.contains("Meanwhile"), "{}", first.text);
    assert!(exported(&app, &admin, json!({ "format": "ndjson" })).await.text.contains("\"late\""));
}

/// Events enough for several chunks.
async fn fill(app: &TestApp) {
    let add = "insert into audit_logs (tenant_id, timestamp, event_id, correlation_id, actor_type, action, category,
            resource_type, outcome, metadata)
        select $1, $2::timestamptz - n * interval '1 second', gen_random_uuid(), 'bulk', 'system', 'tenant.updated',
            'configuration', 'tenant', 'success', jsonb_build_object('text', repeat(md5(n::text), 40), 'n', n)
        from generate_series(1, 2100) n";
    app.superuser.execute(add, &[&app.acme.id.0, &app.seam.now()]).await.unwrap();
    app.clock.advance(chrono::Duration::seconds(1));
}

#[tokio::test]
async fn a_download_that_broke_off_goes_on_by_ranges() {
    let app = TestApp::start().await;
    let admin = app.tenant_admin().await;
    fill(&app).await;
    let id = asked(&admin, json!({ "format": "ndjson", "filter": "correlation_id eq \"bulk\"" })).await;
    assert_eq!(written(&app, &admin, &id).await, Written::Completed);
    let whole = downloaded(&admin, &id).await;
    let size = whole.text.len();
    assert!(size > 3 << 20 && lines(&whole.text).len() == 2100, "{size}");
    let path = format!("{EXPORTS}/{id}/content");
    // Over the ends of chunks, within one, and at the end.
    for (first, last) in
        [(0, 9), (1_048_570, 1_048_585), (2_097_152, 2_097_152), (size - 1_500_000, size - 1)]
    {
        let part = admin.with_header("range", format!("bytes={first}-{last}")).get(&path).await;
        assert_eq!(part.status, 206);
        assert_eq!(part.header("content-range"), format!("bytes {first}-{last}/{size}"));
        assert!(part.text == whole.text[first..=last], "{first}-{last}");
    }
    let tag = whole.header("etag").to_owned();
    let rest =
        admin.with_header("range", "bytes=1000000-").with_header("if-range", tag.clone()).get(&path).await;
    assert!(rest.status == 206 && rest.text == whole.text[1_000_000..]);
    let other =
        admin.with_header("range", "bytes=1000000-").with_header("if-range", "\"other\"").get(&path).await;
    assert!(other.status == 200 && other.text == whole.text);
    let beyond = admin.with_header("range", format!("bytes={size}-")).get(&path).await;
    beyond.expect_problem(416, "range_not_satisfiable");
    let known = admin.with_header("if-none-match", tag).get(&path).await;
    assert_eq!((known.status, known.text.as_str()), (304, ""));
}

#[tokio::test]
async fn what_was_written_half_is_never_downloaded_and_is_written_anew() {
    let app = TestApp::start().await;
    let admin = app.tenant_admin().await;
    fill(&app).await;
    let id = asked(&admin, json!({ "format": "json" })).await;
    seal(&app.worker, ORIGIN).await.unwrap();
    let chunks = "select count(*) from audit_export_chunks";
    let count = async || app.superuser.query_one(chunks, &[]).await.unwrap().get::<_, i64>(0);
    // The writer dies as a process does that is killed: in the middle, without a word.
    {
        let writing = write_export(&app.worker, app.acme.id, id.parse().unwrap());
        tokio::pin!(writing);
        while count().await < 2 {
            tokio::select! {
                done = &mut writing => panic!("it was too quick: {done:?}"),
                () = tokio::time::sleep(std::time::Duration::from_millis(5)) => (),
            }
        }
    }
    let path = format!("{EXPORTS}/{id}");
    assert_eq!(admin.get(&path).await.expect(200)["state"], "running");
    admin.get(&format!("{path}/content")).await.expect_problem(409, "conflict");
    assert_eq!(written(&app, &admin, &id).await, Written::Completed);
    let file = downloaded(&admin, &id).await;
    assert!(file.body["events"].as_array().unwrap().len() >= 2100);
    assert_eq!(admin.get(&path).await.expect(200)["size"], file.text.len());
}

#[tokio::test]
async fn who_was_overtaken_writes_no_more() {
    let app = TestApp::start().await;
    let admin = app.tenant_admin().await;
    fill(&app).await;
    let id = asked(&admin, json!({ "format": "ndjson" })).await;
    seal(&app.worker, ORIGIN).await.unwrap();
    let write = || write_export(&app.worker, app.acme.id, id.parse().unwrap());
    // Both have begun before either ends; the later one has the file.
    let (one, two) = tokio::join!(write(), write());
    let mut ends = [one.unwrap(), two.unwrap()];
    ends.sort_by_key(|end| *end == Written::Settled);
    assert_eq!(ends, [Written::Completed, Written::Settled]);
    let size = admin.get(&format!("{EXPORTS}/{id}")).await.expect(200)["size"].clone();
    assert_eq!(size, downloaded(&admin, &id).await.text.len());
}

#[tokio::test]
async fn a_tenant_has_ten_exports_each_for_a_week_and_may_delete_one_that_is_being_written() {
    let app = TestApp::start().await;
    let admin = app.tenant_admin().await;
    let mut ids = Vec::new();
    for _ in 0..10 {
        ids.push(asked(&admin, json!({ "format": "csv" })).await);
    }
    admin.post(EXPORTS, json!({ "format": "csv" })).await.expect_problem(409, "conflict");
    app.other_tenant().await.post(EXPORTS, json!({ "format": "csv" })).await.expect(201);
    admin.delete(&format!("{EXPORTS}/{}", ids[0])).await.expect(204);
    admin.get(&format!("{EXPORTS}/{}", ids[0])).await.expect_problem(404, "not_found");
    assert_eq!(written(&app, &admin, &ids[0]).await, Written::Settled);
    assert_eq!(written(&app, &admin, &ids[1]).await, Written::Completed);
    app.clock.advance(chrono::Duration::days(7) - chrono::Duration::seconds(1));
    forget_exports(&app.worker).await.unwrap();
    let left =
        "select count(*), (select count(*) from audit_export_chunks) from audit_exports where tenant_id = $1";
    let left = async || {
        let row = app.superuser.query_one(left, &[&app.acme.id.0]).await.unwrap();
        (row.get::<_, i64>(0), row.get::<_, i64>(1))
    };
    assert_eq!(left().await, (9, 1));
    app.clock.advance(chrono::Duration::seconds(1));
    forget_exports(&app.worker).await.unwrap();
    assert_eq!(left().await, (0, 0));
}

#[tokio::test]
async fn what_cannot_be_exported_is_refused() {
    let app = TestApp::start().await;
    let admin = app.tenant_admin().await;
    let refused = async |body: Value, code: &str| {
        admin.post(EXPORTS, body).await.expect_problem(400, code);
    };
    refused(json!({ "format": "csv", "filter": "changes pr" }), "invalid_filter").await;
    refused(json!({ "format": "csv", "proofs": true }), "invalid_parameter").await;
    let now = app.seam.now();
    refused(json!({ "format": "csv", "from": now, "to": now }), "invalid_parameter").await;
    refused(json!({ "format": "xml" }), "validation_failed").await;
    assert_eq!(admin.get(EXPORTS).await.expect(200)["data"], json!([]));
}

#[tokio::test]
async fn a_11_another_tenants_export_is_none_and_has_no_event_of_ours() {
    let app = TestApp::start().await;
    let (admin, stranger) = (app.tenant_admin().await, app.other_tenant().await);
    named(&app, &admin, "Ours alone").await;
    let id = asked(&admin, json!({ "format": "ndjson" })).await;
    assert_eq!(written(&app, &admin, &id).await, Written::Completed);
    assert!(downloaded(&admin, &id).await.text.contains("Ours alone"));
    let path = format!("{EXPORTS}/{id}");
    for foreign in
        [path.clone(), format!("{path}/content"), format!("{EXPORTS}/axp_00000000000000000000000000/content")]
    {
        stranger.get(&foreign).await.expect_problem(404, "not_found");
    }
    stranger.delete(&path).await.expect_problem(404, "not_found");
    let theirs = exported(&app, &stranger, json!({ "format": "ndjson" })).await;
    assert!(!theirs.text.contains("Ours alone"), "{}", theirs.text);
    downloaded(&admin, &id).await;
    let reader = app.member_with::<markers::AuditRead>().await;
    reader.post(EXPORTS, json!({ "format": "csv" })).await.expect_problem(403, "permission_denied");
    let looks_on = app.member_with::<markers::AuditExportsRead>().await;
    looks_on.get(&path).await.expect(200);
    looks_on.get(&format!("{path}/content")).await.expect_problem(403, "permission_denied");
}

#[tokio::test]
async fn p_40_a_tenant_beyond_the_licence_takes_its_log_out() {
    let app = TestApp::start().await;
    let admin = app.tenant_admin().await;
    named(&app, &admin, "Before").await;
    app.keeper.entitle(Entitlements { first_beyond: Some(app.acme.id), ..licensed() });
    let new = json!({ "name": "After" });
    admin.post("/api/v2/organizations", new).await.expect_problem(402, "license_required");
    let file = exported(&app, &admin, json!({ "format": "ndjson" })).await;
    assert!(file.text.contains("Before"), "{}", file.text);
    let id = admin.get(EXPORTS).await.expect(200)["data"][0]["id"].as_str().unwrap().to_owned();
    admin.delete(&format!("{EXPORTS}/{id}")).await.expect(204);
}

#[tokio::test]
async fn who_asks_for_an_export_and_who_downloads_it_is_in_the_log() {
    let app = TestApp::start().await;
    let admin = app.tenant_admin().await;
    let filter = "outcome eq \"denied\"";
    let id = asked(&admin, json!({ "format": "csv", "filter": filter })).await;
    assert_eq!(written(&app, &admin, &id).await, Written::Completed);
    app.clock.advance(chrono::Duration::seconds(1));
    admin.with_header("range", "bytes=0-9").get(&format!("{EXPORTS}/{id}/content")).await;
    let page =
        admin.get(&format!("/api/v2/audit/events?filter=resource_id%20eq%20%22{id}%22")).await.expect(200);
    let [read, made] = page["data"].as_array().unwrap().as_slice() else { panic!("{page}") };
    assert_eq!((&made["action"], &made["category"]), (&json!("audit_export.created"), &json!("data_access")));
    assert_eq!((&made["metadata"]["filter"], &made["metadata"]["format"]), (&json!(filter), &json!("csv")));
    assert_eq!(
        (&read["action"], &read["category"]),
        (&json!("audit_export.downloaded"), &json!("data_access"))
    );
    assert_eq!((&read["metadata"]["part"], &read["actor_user_id"]), (&json!("0-9"), &json!(admin.user)));
}

#[tokio::test]
async fn pages_for_people_say_what_they_are_of_and_more_than_ten_thousand_events_are_too_many() {
    let app = TestApp::start().await;
    let admin = app.tenant_admin().await;
    for name in ["Łódź \u{202e}office", "Αθήνα", "\u{6771}\u{4eac}"] {
        named(&app, &admin, name).await;
    }
    let body = json!({ "format": "pdf", "filter": "resource_type eq \"organization\"" });
    let id = asked(&admin, body).await;
    assert_eq!(written(&app, &admin, &id).await, Written::Completed);
    let file = stored_bytes(&app, &admin, &id).await;
    assert!(file.starts_with(b"%PDF-") && file.len() > 5_000);
    let text = text_of(&file);
    let export = admin.get(&format!("{EXPORTS}/{id}")).await.expect(200);
    let root = export["checkpoint"].as_str().unwrap().lines().nth(2).unwrap().to_owned();
    for word in [
        "Audit log",
        "Łódź",
        "\\u{202e}",
        "Αθήνα",
        "\\u{6771}",
        "organization.created",
        "Page 1 of 1",
        &root,
        &id,
    ] {
        assert!(text.contains(word), "{word}: {text}");
    }
    let many = "insert into audit_logs (tenant_id, timestamp, event_id, correlation_id, actor_type, action, category,
            resource_type, outcome)
        select $1, $2::timestamptz - n * interval '1 second', gen_random_uuid(), 'bulk', 'system', 'tenant.updated',
            'configuration', 'tenant', 'success' from generate_series(1, 10001) n";
    app.superuser.execute(many, &[&app.acme.id.0, &app.seam.now()]).await.unwrap();
    let id = asked(&admin, json!({ "format": "pdf" })).await;
    assert_eq!(written(&app, &admin, &id).await, Written::Failed);
    let failed = admin.get(&format!("{EXPORTS}/{id}")).await.expect(200);
    assert!(failed["state"] == "failed" && failed["error"].as_str().unwrap().contains("10000"), "{failed}");
    admin.get(&format!("{EXPORTS}/{id}/content")).await.expect_problem(409, "conflict");
}

/// The file as it lies in the database.
async fn stored_bytes(app: &TestApp, admin: &Actor, id: &str) -> Vec<u8> {
    let id: Id<elder_kernel::AuditExport> = id.parse().unwrap();
    let find =
        "select content from audit_export_chunks where tenant_id = $1 and export_id = $2 order by number";
    let rows = app.superuser.query(find, &[&admin.tenant.0, &id.uuid()]).await.unwrap();
    rows.iter().flat_map(|row| row.get::<_, Vec<u8>>(0)).collect()
}

/// What another program reads on the pages.
fn text_of(file: &[u8]) -> String {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("pages.pdf");
    std::fs::write(&path, file).unwrap();
    let read =
        std::process::Command::new("pdftotext").args(["-layout"]).arg(&path).arg("-").output().unwrap();
    assert!(read.status.success());
    String::from_utf8(read.stdout).unwrap()
}
