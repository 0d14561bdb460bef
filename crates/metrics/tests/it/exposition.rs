//! What `/metrics` says: names, labels and bounds.

use std::{
    collections::HashSet,
    time::{Duration, Instant},
};

use elder_access::{Action, Event, Outcome, work::Shell};
use elder_kernel::TenantId;
use elder_metrics::{Carried, Metrics, refresh};
use elder_testkit::TestApp;

/// The lines of one family's samples.
fn samples<'a>(text: &'a str, family: &str) -> Vec<&'a str> {
    text.lines()
        .filter(|line| line.strip_prefix(family).is_some_and(|rest| rest.starts_with(['{', ' '])))
        .collect()
}

async fn scrape(app: &TestApp) -> String {
    let answer = app.guest().get("/metrics").await;
    assert_eq!(answer.header("content-type"), "text/plain; version=0.0.4");
    assert_eq!(answer.status, 200, "{}", answer.text);
    answer.text
}

async fn commit(app: &TestApp, event: Event) {
    let tx = app.worker.job::<Shell>().begin(app.acme.id).await.unwrap();
    tx.commit(event).await.unwrap();
}

#[tokio::test]
async fn every_family_has_the_name_and_the_labels_of_the_specification() {
    let app = TestApp::start().await;
    app.tenant_admin().await.get("/livez").await.expect(200);
    app.tenant_admin().await.get("/api/v2/no/such/route").await.expect(404);
    commit(&app, Event::new(Action::SignedIn)).await;
    commit(&app, Event::new(Action::SignInFailed).ended(Outcome::Failure, "wrong password")).await;
    commit(&app, Event::new(Action::SignedIn).with("amr", ["mfa", "swk"])).await;
    commit(&app, Event::new(Action::SsoFailed).ended(Outcome::Failure, "signature_invalid")).await;
    refresh(&app.worker, &app.metrics).await.unwrap();
    let text = scrape(&app).await;
    let acme = app.acme.id;
    for line in [
        "http_requests_total{endpoint=\"/livez\",method=\"GET\",status=\"200\"} 1".to_owned(),
        "http_requests_total{endpoint=\"unmatched\",method=\"GET\",status=\"404\"} 1".to_owned(),
        "http_request_duration_seconds_count{endpoint=\"/livez\",method=\"GET\"} 1".to_owned(),
        "http_requests_in_progress 1".to_owned(),
        format!("elder_api_calls_total{{endpoint=\"unmatched\",tenant_id=\"{acme}\"}} 1"),
        format!("elder_active_sessions{{tenant_id=\"{acme}\"}} 2"),
        format!("elder_entities_total{{entity_type=\"portal_user\",tenant_id=\"{acme}\"}} 2"),
        format!("elder_entities_total{{entity_type=\"organization\",tenant_id=\"{acme}\"}} 2"),
        format!("elder_audit_events_total{{action=\"session.started\",tenant_id=\"{acme}\"}} 2"),
        format!("elder_logins_total{{method=\"password\",outcome=\"success\",tenant_id=\"{acme}\"}} 1"),
        format!("elder_logins_total{{method=\"password\",outcome=\"failure\",tenant_id=\"{acme}\"}} 1"),
        format!("elder_logins_total{{method=\"passkey\",outcome=\"success\",tenant_id=\"{acme}\"}} 1"),
        format!("elder_logins_total{{method=\"single_sign_on\",outcome=\"failure\",tenant_id=\"{acme}\"}} 1"),
        "elder_build_info{version=\"test\"} 1".to_owned(),
        "elder_password_hash_queue 0".to_owned(),
        "elder_default_partition_rows{table=\"audit_logs\"} 0".to_owned(),
    ] {
        assert!(text.lines().any(|found| found == line), "{line} is missing in\n{text}");
    }
    for family in ["elder_db_pool_connections", "elder_db_pool_idle", "elder_db_pool_waiting"] {
        let pools = samples(&text, family);
        assert!(pools.len() == 2 && pools[0].contains("pool=\"app\""), "{pools:?}");
    }
    assert_eq!(samples(&text, "process_resident_memory_bytes").len(), 1);
}

const STREAM: &str = "
    insert into audit_streams (tenant_id, id, name, name_folded, target, is_active, cursor, failures, next_try_at, created_at, updated_at)
    values ($1, gen_random_uuid(), $2, $2, '{\"kind\": \"file\"}', $3, 3, $4, now(), now(), now())";

#[tokio::test]
async fn jobs_and_streams_are_counted_by_how_they_are() {
    let app = TestApp::start().await;
    for (task, put_right) in [
        ("one", "run_at = now() - interval '1 minute'"),
        ("one", "run_at = now() + interval '1 hour'"),
        ("one", "attempts = 2"),
        ("one", "attempts = max_attempts"),
        ("two", "locked_at = now(), attempts = 1"),
    ] {
        let add = "select id from graphile_worker.add_job($1, '{}'::json)";
        let id: i64 = app.superuser.query_one(add, &[&task]).await.unwrap().get(0);
        let put = format!("update graphile_worker._private_jobs set {put_right} where id = $1");
        app.superuser.execute(&put, &[&id]).await.unwrap();
    }
    let (acme, globex) = (app.acme.id.0, app.globex.id.0);
    for (tenant, name, is_active, failures) in
        [(acme, "a", true, 0), (acme, "b", true, 2), (acme, "c", false, 5), (globex, "d", true, 0)]
    {
        app.superuser.execute(STREAM, &[&tenant, &name, &is_active, &failures]).await.unwrap();
    }
    let size = "insert into audit_trees (tenant_id, size, edge) values ($1, 10, '')
        on conflict (tenant_id) do update set size = 10";
    app.superuser.execute(size, &[&acme]).await.unwrap();
    refresh(&app.worker, &app.metrics).await.unwrap();
    let text = scrape(&app).await;
    for line in [
        "elder_jobs{queue=\"one\",state=\"waiting\"} 1".to_owned(),
        "elder_jobs{queue=\"one\",state=\"scheduled\"} 1".to_owned(),
        "elder_jobs{queue=\"one\",state=\"retrying\"} 1".to_owned(),
        "elder_jobs{queue=\"one\",state=\"given_up\"} 1".to_owned(),
        "elder_jobs{queue=\"one\",state=\"running\"} 0".to_owned(),
        "elder_jobs{queue=\"two\",state=\"running\"} 1".to_owned(),
        "elder_jobs{queue=\"two\",state=\"waiting\"} 0".to_owned(),
        "elder_audit_streams{health=\"ok\"} 2".to_owned(),
        "elder_audit_streams{health=\"failing\"} 1".to_owned(),
        "elder_audit_streams{health=\"paused\"} 1".to_owned(),
        // Seven events for each of the two that are active.
        format!("elder_audit_stream_lag_events{{tenant_id=\"{acme}\"}} 14"),
        format!("elder_audit_stream_lag_events{{tenant_id=\"{globex}\"}} 0"),
    ] {
        assert!(text.lines().any(|found| found == line), "{line} is missing in\n{text}");
    }
    app.superuser.execute("delete from graphile_worker._private_jobs", &[]).await.unwrap();
    refresh(&app.worker, &app.metrics).await.unwrap();
    let text = scrape(&app).await;
    assert!(samples(&text, "elder_jobs").iter().all(|line| line.ends_with(" 0")), "{text}");
}

#[tokio::test]
async fn what_is_carried_to_other_systems_is_counted_by_its_connector_and_a_webhook_as_such_too() {
    let app = TestApp::start().await;
    for (connector, entities, has_arrived) in
        [("webhook", 7, true), ("webhook", 2, false), ("webhook", 3, true), ("syslog", 5, true)]
    {
        let took = Duration::from_millis(30);
        app.metrics.count_carried(&Carried { connector, entities, has_arrived, took });
    }
    app.metrics.show_seal_lag(Duration::from_millis(1500));
    let text = scrape(&app).await;
    for line in [
        "elder_audit_seal_lag_seconds 1.5",
        "elder_sync_duration_seconds_count{connector=\"webhook\"} 3",
        "elder_sync_duration_seconds_bucket{connector=\"syslog\",le=\"0.025\"} 0",
        "elder_sync_duration_seconds_bucket{connector=\"syslog\",le=\"0.05\"} 1",
        "elder_sync_entities_total{connector=\"webhook\",status=\"carried\"} 10",
        "elder_sync_entities_total{connector=\"webhook\",status=\"failed\"} 2",
        "elder_sync_entities_total{connector=\"syslog\",status=\"carried\"} 5",
        "elder_webhook_deliveries_total{outcome=\"delivered\"} 2",
        "elder_webhook_deliveries_total{outcome=\"failed\"} 1",
    ] {
        assert!(text.lines().any(|found| found == line), "{line} is missing in\n{text}");
    }
}

#[tokio::test]
async fn what_the_gate_turns_away_is_counted_with_its_status() {
    let app = TestApp::start().await;
    app.guest().post("/livez", serde_json::json!({})).await.expect(405);
    let count = "http_requests_total{endpoint=\"/livez\",method=\"POST\",status=\"405\"} 1";
    let text = scrape(&app).await;
    assert!(text.contains(count), "{text}");
}

#[tokio::test]
async fn scim_requests_without_a_directory_are_counted_as_nobodys() {
    let app = TestApp::start().await;
    let answer = app.guest().get("/scim/v2/Users").await;
    let text = scrape(&app).await;
    let seen = samples(&text, "elder_scim_requests_total");
    if answer.status == 404 {
        assert!(seen.is_empty(), "what matches no route is no SCIM request: {seen:?}");
    } else {
        let labels = format!(
            "{{operation=\"GET Users\",provider=\"unknown\",status=\"{}\",tenant_id=\"unknown\"}} 1",
            answer.status
        );
        assert!(seen[0].ends_with(&labels), "{seen:?}");
    }
}

#[tokio::test]
async fn paths_and_methods_that_do_not_exist_add_no_series() {
    let app = TestApp::start().await;
    app.guest().get("/first").await.expect(404);
    app.guest().send_bytes("ODD".parse().unwrap(), "/first", "text/plain", None).await.expect(404);
    scrape(&app).await;
    let before = samples(&scrape(&app).await, "http_requests_total").len();
    for number in 0..50 {
        app.guest().get(&format!("/invented/{number}")).await.expect(404);
        let method = format!("ODD{number}").parse().unwrap();
        app.guest().send_bytes(method, "/invented", "text/plain", None).await.expect(404);
    }
    assert_eq!(samples(&scrape(&app).await, "http_requests_total").len(), before);
}

#[tokio::test]
async fn api_calls_are_handed_over_once() {
    let app = TestApp::start().await;
    let (admin, other) = (app.tenant_admin().await, app.other_tenant().await);
    for actor in [&admin, &admin, &other] {
        actor.get("/api/v2/nowhere").await.expect(404);
    }
    app.guest().get("/api/v2/nowhere").await.expect(404);
    let mut calls = app.metrics.take_api_calls();
    calls.sort();
    assert_eq!(calls, [(app.acme.id, 2), (app.globex.id, 1)]);
    assert_eq!(app.metrics.take_api_calls(), []);
    app.metrics.add_api_calls(app.acme.id, 2);
    assert_eq!(app.metrics.take_api_calls(), [(app.acme.id, 2)]);
}

#[tokio::test]
async fn a_refresh_forgets_a_tenant_that_is_gone_and_sums_the_small_ones() {
    let app = TestApp::start().await;
    for _ in 0..3 {
        app.member(app.acme.id, None).await;
    }
    app.member(app.globex.id, None).await;
    let metrics = Metrics::new("test", 1).unwrap();
    refresh(&app.worker, &metrics).await.unwrap();
    let text = metrics.encode().unwrap();
    let sessions = [
        format!("elder_active_sessions{{tenant_id=\"{}\"}} 3", app.acme.id),
        "elder_active_sessions{tenant_id=\"other\"} 1".to_owned(),
    ];
    assert_eq!(samples(&text, "elder_active_sessions"), sessions);
    app.superuser.execute("update sessions set ended_at = now(), end_reason = 'revoked'", &[]).await.unwrap();
    refresh(&app.worker, &metrics).await.unwrap();
    assert_eq!(samples(&metrics.encode().unwrap(), "elder_active_sessions"), [""; 0]);
}

/// So many tenants, each with an organization.
async fn many(app: &TestApp, tenants: i32) {
    let add = "insert into tenants (name, slug) select 'many', 'many-' || n from generate_series(1, $1) n";
    app.superuser.execute(add, &[&tenants]).await.unwrap();
    let add = "insert into organizations (tenant_id, id, name, name_folded)
        select id, gen_random_uuid(), slug, slug from tenants where name = 'many'";
    app.superuser.execute(add, &[]).await.unwrap();
}

/// The tenants that have series of their own in a family, `other` among them.
fn tenants<'a>(text: &'a str, family: &str) -> HashSet<&'a str> {
    let named = |line: &'a str| line.split("tenant_id=\"").nth(1).unwrap().split('"').next().unwrap();
    samples(text, family).into_iter().map(named).collect()
}

#[tokio::test]
async fn a_scrape_with_a_thousand_tenants_is_cheap_and_asks_the_database_nothing() {
    let app = TestApp::start().await;
    many(&app, 1_200).await;
    refresh(&app.worker, &app.metrics).await.unwrap();
    let held = app.metrics.encode().unwrap();
    assert_eq!(tenants(&held, "elder_entities_total").len(), 1_001, "a thousand of their own, and other");
    // Nothing can be asked of a closed pool; the scrape does not notice.
    app.keeper.close();
    let started = Instant::now();
    let text = scrape(&app).await;
    assert!(started.elapsed().as_millis() < 500, "an unoptimised build took {:?}", started.elapsed());
    assert_eq!(samples(&text, "elder_entities_total"), samples(&held, "elder_entities_total"));
}

#[tokio::test]
async fn a_hundred_thousand_tenants_have_no_more_series_than_a_thousand() {
    let app = TestApp::start().await;
    many(&app, 100_000).await;
    refresh(&app.worker, &app.metrics).await.unwrap();
    let gauges = app.metrics.encode().unwrap();
    assert_eq!(tenants(&gauges, "elder_entities_total").len(), 1_001);
    let all: f64 = samples(&gauges, "elder_entities_total")
        .iter()
        .filter(|line| line.contains("organization"))
        .map(|line| line.rsplit(' ').next().unwrap().parse::<f64>().unwrap())
        .sum();
    assert!(all >= 100_000.0, "nobody is lost: {all}");
    // So it is with what is counted as it happens, whoever comes first.
    let some =
        app.superuser.query("select id from tenants where name = 'many' limit 1100", &[]).await.unwrap();
    for tenant in &some {
        let tx = app.worker.job::<Shell>().begin(TenantId(tenant.get(0))).await.unwrap();
        tx.commit(Event::new(Action::SignedIn)).await.unwrap();
    }
    let counted = app.metrics.encode().unwrap();
    for family in ["elder_audit_events_total", "elder_logins_total"] {
        assert_eq!(tenants(&counted, family).len(), 1_001, "{family}");
        assert!(
            samples(&counted, family).iter().any(|line| line.contains("\"other\"") && line.ends_with(" 100"))
        );
    }
}
