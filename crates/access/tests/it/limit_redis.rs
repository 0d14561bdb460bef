//! Rate limits through HTTP, with buckets in a Redis that the test owns.

use std::time::{Duration, Instant};

use elder_access::Quotas;
use elder_testkit::{Options, RedisServer, TestApp, quotas};
use nix::sys::signal::Signal;

use crate::limit::{burst, sign_in};

const USERS: &str = "/api/v2/users";

fn options(quotas: Quotas, redis: &RedisServer) -> Options {
    Options { quotas: Some(quotas), redis: Some(redis.url()), behind_proxy: true, ..Options::default() }
}

async fn redis_check(app: &TestApp) -> String {
    let report = app.guest().get("/healthz").await.expect(200);
    format!("{} {}", report["checks"]["redis"].as_str().unwrap(), report["status"].as_str().unwrap())
}

/// Waits until the report says so.
async fn until(app: &TestApp, expected: &str) {
    let begin = Instant::now();
    while redis_check(app).await != expected {
        assert!(begin.elapsed() < Duration::from_secs(20), "never {expected}");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

#[tokio::test]
async fn two_nodes_share_the_budgets_of_users_and_of_addresses() {
    let redis = RedisServer::start();
    let quotas = Quotas { user: burst(4), auth_address: burst(4), ..quotas(1_000) };
    let app = TestApp::start_with(options(quotas.clone(), &redis)).await;
    let other = app.another_node_with(options(quotas, &redis)).await;
    let admin = app.tenant_admin().await;
    for node in [&admin, &other.called_by(&admin), &admin, &other.called_by(&admin)] {
        node.get(USERS).await.expect(200);
    }
    for node in [&admin, &other.called_by(&admin)] {
        node.get(USERS).await.expect_problem(429, "rate_limited");
    }
    let guest = app.guest();
    for node in [&guest, &other.called_by(&guest), &guest, &other.called_by(&guest)] {
        sign_in(node, "203.0.113.9", "wrong").await.expect(401);
    }
    for node in [&guest, &other.called_by(&guest)] {
        sign_in(node, "203.0.113.9", "wrong").await.expect_problem(429, "rate_limited");
    }
    tokio::time::sleep(Duration::from_millis(300)).await;
    assert_eq!(app.audit_count("tenant.rate_limited").await, 2);
}

#[tokio::test]
async fn r_09_without_redis_requests_go_on_and_guessing_stays_bounded() {
    let mut redis = RedisServer::start();
    let quotas = Quotas { auth_address: burst(5), ..quotas(1_000) };
    let app = TestApp::start_with(options(quotas, &redis)).await;
    assert_eq!(redis_check(&app).await, "ok healthy");
    let admin = app.tenant_admin().await;
    for _ in 0..3 {
        sign_in(&app.guest(), "203.0.113.9", "wrong").await.expect(401);
    }
    redis.kill();
    let begin = Instant::now();
    admin.get(USERS).await.expect(200);
    assert!(begin.elapsed() < Duration::from_secs(1), "{:?}", begin.elapsed());
    let mut tried = 0;
    for _ in 0..30 {
        tried += u32::from(sign_in(&app.guest(), "203.0.113.9", "wrong").await.status == 401);
    }
    assert_eq!(tried, 2, "what was spent before the loss stays spent");
    assert_eq!(redis_check(&app).await, "down degraded");
    redis.restart();
    until(&app, "ok healthy").await;
    sign_in(&app.guest(), "203.0.113.9", "wrong").await.expect_problem(429, "rate_limited");
}

#[tokio::test]
async fn r_09_a_redis_that_hangs_under_load_delays_nobody_for_long() {
    let redis = RedisServer::start();
    let app = TestApp::start_with(options(quotas(1_000), &redis)).await;
    let admin = app.tenant_admin().await;
    admin.get(USERS).await.expect(200);
    redis.signal(Signal::SIGSTOP);
    let begin = Instant::now();
    let answers = (0..20).map(|_| admin.get(USERS));
    for answer in futures_util::future::join_all(answers).await {
        answer.expect(200);
    }
    assert!(begin.elapsed() < Duration::from_secs(2), "{:?}", begin.elapsed());
    assert_eq!(redis_check(&app).await, "down degraded");
    redis.signal(Signal::SIGCONT);
    until(&app, "ok healthy").await;
}
