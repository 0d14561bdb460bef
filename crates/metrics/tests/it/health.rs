//! The probes, with and without a database.

use std::time::{Duration, Instant};

use actix_web::{App, HttpServer, middleware::from_fn, web::Data};
use elder_http::RouteTable;
use elder_kernel::Secret;
use elder_metrics::{Metrics, ScrapeToken};
use elder_testkit::TestApp;
use serde_json::json;

#[tokio::test]
async fn a_node_that_works_is_healthy_alive_and_ready() {
    let app = TestApp::start().await;
    let report = app.guest().get("/healthz").await.expect(200);
    let checks = json!({ "database": "ok", "redis": "disabled", "disk": "ok", "license": "ok" });
    assert_eq!(report, json!({ "status": "healthy", "version": "test", "checks": checks }));
    app.guest().get("/livez").await.expect(200);
    app.guest().get("/readyz").await.expect(200);
}

#[tokio::test]
async fn readiness_falls_while_the_node_still_answers() {
    let app = TestApp::start().await;
    app.readiness.fall();
    app.guest().get("/readyz").await.expect(503);
    app.guest().get("/healthz").await.expect(200);
    app.readiness.raise();
    app.guest().get("/readyz").await.expect(200);
}

#[tokio::test]
async fn without_a_database_the_probes_still_answer_within_a_second() {
    let app = TestApp::start().await;
    app.guest().get("/healthz").await.expect(200);
    // Every connection is taken, as with a database that hangs: nobody gets one before the connect timeout.
    let jobs = app.worker.job::<elder_access::work::Shell>();
    let mut held = Vec::new();
    for _ in 0..8 {
        held.push(jobs.platform().await.unwrap());
    }
    let (admin, started) = (app.tenant_admin().await, Instant::now());
    let report = admin.get("/healthz").await.expect(503);
    assert_eq!((&report["status"], &report["checks"]["database"]), (&json!("unhealthy"), &json!("down")));
    for path in ["/livez", "/readyz", "/metrics"] {
        admin.get(path).await.expect(200);
    }
    assert!(started.elapsed() < Duration::from_secs(2), "{:?}", started.elapsed());
    drop(held);
    app.keeper.close();
    assert_eq!(admin.get("/healthz").await.expect(503)["status"], "unhealthy");
}

#[tokio::test]
async fn probes_answer_during_maintenance() {
    let app = TestApp::start().await;
    let close =
        "update platform_settings set maintenance = '{\"message\": \"m\", \"retry_after_seconds\": 9}'";
    app.superuser.execute(close, &[]).await.unwrap();
    app.clock.advance(chrono::Duration::seconds(2));
    app.guest().get("/api/v2/nowhere").await.expect_problem(503, "maintenance");
    for path in ["/healthz", "/livez", "/readyz", "/metrics"] {
        app.guest().get(path).await.expect(200);
    }
}

#[tokio::test]
async fn a_scrape_must_show_the_token_where_one_is_configured() {
    let metrics = Metrics::new("test", 10).unwrap();
    let server = HttpServer::new(move || {
        let mut table = RouteTable::default();
        elder_metrics::exposition(&mut table);
        App::new()
            .app_data(Data::new(metrics.clone()))
            .app_data(Data::new(ScrapeToken(Secret::new("right".to_owned()))))
            .configure(|service| table.configure(service, |_, route| route))
            .wrap(from_fn(elder_http::envelope))
    });
    let server = server.workers(1).disable_signals().bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}/metrics", server.addrs()[0]);
    let server = server.run();
    let handle = server.handle();
    let serving = elder_telemetry::spawn("test server", server);
    let client = reqwest::Client::new();
    for (token, status) in [("right", 200), ("wrong", 401), ("righ", 401), ("", 401)] {
        let answer = client.get(&url).bearer_auth(token).send().await.unwrap();
        assert_eq!(answer.status(), status, "{token:?}");
    }
    assert_eq!(client.get(&url).send().await.unwrap().status(), 401);
    handle.stop(false).await;
    serving.await.unwrap().unwrap();
}
