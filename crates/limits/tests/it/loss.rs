//! Redis lost, stopped, emptied, read-only: no request waits for long, and nobody gets a fresh budget.

use std::{
    num::NonZeroU32,
    time::{Duration, Instant},
};

use elder_kernel::{Clock, Secret, TenantId};
use elder_limits::{Bucket, Limiter, Link, Quota, Subject};
use elder_testkit::RedisServer;
use nix::sys::signal::Signal;

/// Gives five at once and the next after an hour.
fn five() -> Bucket {
    let quota =
        Quota { rate: NonZeroU32::MIN, window: Duration::from_hours(1), burst: NonZeroU32::new(5).unwrap() };
    Bucket::new("auth-ip", Subject::Tenant(TenantId(7)), quota)
}

async fn node(server: &RedisServer) -> Limiter {
    let limiter = Limiter::new(Clock::system(), Some(&server.url())).unwrap();
    limiter.look().await.unwrap();
    assert_eq!(limiter.link(), Link::Up);
    limiter
}

/// How many of ten requests may go on.
async fn allowed(limiter: &Limiter) -> usize {
    let mut allowed = 0;
    for _ in 0..10 {
        allowed += usize::from(limiter.take(&[five()], 1).await.is_allowed());
    }
    allowed
}

async fn until(limiter: &Limiter, link: Link) {
    let begin = Instant::now();
    while limiter.link() != link {
        assert!(begin.elapsed() < Duration::from_secs(20), "never {link:?}");
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}

#[tokio::test]
async fn nodes_that_share_a_redis_share_the_budget() {
    let server = RedisServer::start();
    let (one, other) = (node(&server).await, node(&server).await);
    for _ in 0..3 {
        assert!(one.take(&[five()], 1).await.is_allowed());
    }
    assert_eq!(allowed(&other).await, 2);
    assert_eq!(allowed(&one).await, 0);
}

#[tokio::test]
async fn r_09_a_redis_that_dies_gives_nobody_a_fresh_budget() {
    let mut server = RedisServer::start();
    let limiter = node(&server).await;
    assert_eq!(allowed(&limiter).await, 5);
    server.kill();
    let begin = Instant::now();
    assert_eq!(allowed(&limiter).await, 0);
    assert!(begin.elapsed() < Duration::from_secs(1), "{:?}", begin.elapsed());
    assert_eq!(limiter.link(), Link::Down);
}

#[tokio::test]
async fn r_09_a_redis_that_hangs_costs_one_wait_and_none_after_it() {
    let server = RedisServer::start();
    let limiter = node(&server).await;
    server.signal(Signal::SIGSTOP);
    let begin = Instant::now();
    assert_eq!(allowed(&limiter).await, 5);
    assert!(begin.elapsed() < Duration::from_millis(500), "{:?}", begin.elapsed());
    assert_eq!(limiter.link(), Link::Down);
}

#[tokio::test]
async fn a_redis_that_is_back_is_used_again() {
    let mut server = RedisServer::start();
    let (limiter, other) = (node(&server).await, node(&server).await);
    let watching = [limiter.clone(), other.clone()].map(|node| elder_telemetry::spawn("watch", node.watch()));
    server.kill();
    until(&limiter, Link::Down).await;
    until(&other, Link::Down).await;
    server.restart();
    until(&limiter, Link::Up).await;
    until(&other, Link::Up).await;
    assert!(limiter.take(&[five()], 1).await.is_allowed());
    assert_eq!(allowed(&other).await, 4);
    server.signal(Signal::SIGSTOP);
    until(&limiter, Link::Down).await;
    server.signal(Signal::SIGCONT);
    until(&limiter, Link::Up).await;
    for watch in watching {
        watch.abort();
    }
}

#[tokio::test]
async fn r_09_an_emptied_redis_gives_nobody_more_than_the_node_alone_would() {
    let server = RedisServer::start();
    let limiter = node(&server).await;
    assert_eq!(allowed(&limiter).await, 5);
    assert_eq!(server.command(&["FLUSHALL"]), "OK");
    assert_eq!(allowed(&limiter).await, 0);
    assert_eq!(limiter.link(), Link::Up);
}

#[tokio::test]
async fn r_09_a_redis_that_only_reads_is_none() {
    let server = RedisServer::start();
    let limiter = node(&server).await;
    assert_eq!(server.command(&["REPLICAOF", "127.0.0.1", "9"]), "OK");
    assert_eq!(allowed(&limiter).await, 5);
    assert_eq!(limiter.link(), Link::Down);
    assert!(limiter.look().await.is_err());
    assert_eq!(limiter.link(), Link::Down);
}

#[tokio::test]
async fn something_is_told_once_by_all_nodes_together() {
    let server = RedisServer::start();
    let (one, other) = (node(&server).await, node(&server).await);
    let quota = Quota { burst: NonZeroU32::MIN, ..five().quota };
    let bucket = Bucket::new("event", Subject::Unknown, quota);
    assert!(one.is_first(bucket).await);
    assert!(!one.is_first(bucket).await);
    assert!(!other.is_first(bucket).await);
}

#[test]
fn a_url_that_is_none_is_refused_without_showing_it() {
    let url = Secret::new("postgres://:hunter2@db".to_owned());
    let error = Limiter::new(Clock::system(), Some(&url)).err().unwrap().to_string();
    assert!(!error.contains("hunter2") && error.contains("redis://"), "{error}");
}
