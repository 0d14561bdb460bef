//! Redis behind a sentinel: the master moves, and the limiter follows.

use std::{
    fs,
    net::{TcpListener, TcpStream},
    num::NonZeroU32,
    path::Path,
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};

use elder_kernel::{Clock, Secret, TenantId};
use elder_limits::{Bucket, Limiter, Link, Quota, Subject};
use tempfile::TempDir;

/// A failover takes some seconds.
const PATIENCE: Duration = Duration::from_secs(40);

/// A program that ends with the test.
struct Program(Child);

impl Drop for Program {
    fn drop(&mut self) {
        let _killed = self.0.kill();
        let _ended = self.0.wait();
    }
}

fn free_port() -> u16 {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}

fn run(folder: &Path, words: &[&str]) -> Program {
    let mut command = Command::new("redis-server");
    command.args(words).current_dir(folder).stdin(Stdio::null()).stdout(Stdio::null());
    Program(command.spawn().expect("redis-server is installed: run the tests by `make test`"))
}

fn server(folder: &TempDir, port: u16, more: &[&str]) -> Program {
    let port = port.to_string();
    let words = ["--port", &port, "--bind", "127.0.0.1", "--save", "", "--repl-diskless-sync-delay", "0"];
    run(folder.path(), &[&words[..], more].concat())
}

fn until(what: &str, holds: impl Fn() -> bool) {
    let began = Instant::now();
    while !holds() {
        assert!(began.elapsed() < PATIENCE, "never: {what}");
        std::thread::sleep(Duration::from_millis(50));
    }
}

fn said(port: u16, words: &[&str]) -> String {
    let output = Command::new("redis-cli").args(["-p", &port.to_string()]).args(words).output().unwrap();
    String::from_utf8(output.stdout).unwrap()
}

async fn until_link(limiter: &Limiter, link: Link) {
    let began = Instant::now();
    while limiter.link() != link {
        assert!(began.elapsed() < PATIENCE, "never {link:?}");
        let _unanswered = limiter.look().await;
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

/// A master, a replica that is in step with it, and a sentinel that has seen both.
struct Cluster {
    folder: TempDir,
    ports: [u16; 2],
    sentinel: u16,
    master: Program,
    _others: [Program; 2],
}

fn cluster() -> Cluster {
    let folder = tempfile::tempdir().unwrap();
    let (ports, sentinel) = ([free_port(), free_port()], free_port());
    let master = server(&folder, ports[0], &[]);
    let replica = server(&folder, ports[1], &["--replicaof", "127.0.0.1", &ports[0].to_string()]);
    until("the replica follows", || said(ports[1], &["role"]).contains("connected"));
    let config = format!(
        "port {sentinel}\nbind 127.0.0.1\nsentinel monitor elder 127.0.0.1 {} 1\n\
         sentinel down-after-milliseconds elder 500\nsentinel failover-timeout elder 3000\n",
        ports[0]
    );
    fs::write(folder.path().join("sentinel.conf"), config).unwrap();
    let watcher = run(folder.path(), &["sentinel.conf", "--sentinel"]);
    until("the sentinel listens", || TcpStream::connect(("127.0.0.1", sentinel)).is_ok());
    until("the sentinel knows the replica", || {
        said(sentinel, &["sentinel", "replicas", "elder"]).contains(&ports[1].to_string())
    });
    Cluster { folder, ports, sentinel, master, _others: [replica, watcher] }
}

fn bucket() -> Bucket {
    let burst = NonZeroU32::new(5).unwrap();
    let quota = Quota { rate: NonZeroU32::MIN, window: Duration::from_hours(1), burst };
    Bucket::new("auth-ip", Subject::Tenant(TenantId(7)), quota)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_master_that_is_lost_is_followed_to_the_one_that_the_sentinels_name() {
    let cluster = cluster();
    let silent = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    // One that is gone stands before the one that answers.
    let url = format!("redis-sentinel://{silent},127.0.0.1:{}/elder", cluster.sentinel);
    let node = || Limiter::new(Clock::system(), Some(&Secret::new(url.clone()))).unwrap();
    let (one, other) = (node(), node());
    until_link(&one, Link::Up).await;
    for _ in 0..3 {
        assert!(one.take(&[bucket()], 1).await.is_allowed());
    }
    drop(cluster.master);
    until_link(&one, Link::Down).await;
    until_link(&one, Link::Up).await;
    assert!(said(cluster.ports[1], &["role"]).contains("master"), "the replica is the master now");
    // What was counted before is counted still, for a node that comes later too.
    until_link(&other, Link::Up).await;
    let mut allowed = 0;
    for _ in 0..5 {
        allowed += usize::from(other.take(&[bucket()], 1).await.is_allowed());
    }
    assert_eq!(allowed, 2);
    drop(cluster.folder);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_master_that_is_replaced_while_it_still_answers_is_left() {
    let cluster = cluster();
    let url = format!("redis-sentinel://127.0.0.1:{}/elder", cluster.sentinel);
    let limiter = Limiter::new(Clock::system(), Some(&Secret::new(url))).unwrap();
    until_link(&limiter, Link::Up).await;
    said(cluster.sentinel, &["sentinel", "failover", "elder"]);
    until_link(&limiter, Link::Down).await;
    until_link(&limiter, Link::Up).await;
    let before: String = said(cluster.ports[1], &["dbsize"]);
    assert!(limiter.take(&[bucket()], 1).await.is_allowed());
    assert_ne!(said(cluster.ports[1], &["dbsize"]), before, "it counts at the new master");
}
