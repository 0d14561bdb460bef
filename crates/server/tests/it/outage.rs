//! What callers see of the real binary while PostgreSQL is frozen, and while the node is told to stop.

use std::{fs, path::Path, time::Duration};

use elder_testkit::TestDatabase;
use futures_util::future::join_all;
use nix::{
    sys::signal::{Signal, kill},
    unistd::Pid,
};
use reqwest::{Client, Response};
use serde_json::{Value, json};

use crate::process::{OWNER, PASSWORD, Process, command, data_directory};

/// A private PostgreSQL whose every process is stopped until this is dropped.
struct Frozen(Vec<Pid>);

impl Frozen {
    fn under(data: &Path) -> Self {
        let file = fs::read_to_string(data.join("postgres/data/postmaster.pid")).unwrap();
        let postmaster: i32 = file.lines().next().unwrap().parse().unwrap();
        // It makes no more of them once it is stopped itself.
        kill(Pid::from_raw(postmaster), Signal::SIGSTOP).unwrap();
        let children = fs::read_to_string(format!("/proc/{postmaster}/task/{postmaster}/children")).unwrap();
        let children = children.split_whitespace().map(|pid| Pid::from_raw(pid.parse().unwrap()));
        let all: Vec<_> = children.chain([Pid::from_raw(postmaster)]).collect();
        for process in &all {
            // One that has ended meanwhile need not be stopped.
            let _gone = kill(*process, Signal::SIGSTOP);
        }
        Self(all)
    }
}

impl Drop for Frozen {
    fn drop(&mut self) {
        for process in &self.0 {
            let _gone = kill(*process, Signal::SIGCONT);
        }
    }
}

/// A client that does not wait for ever, and makes a connection for each request.
fn client() -> Client {
    Client::builder().timeout(Duration::from_secs(10)).pool_max_idle_per_host(0).build().unwrap()
}

async fn sign_in(client: &Client, url: &str) -> String {
    let body = json!({ "email": OWNER, "password": PASSWORD });
    let answer = client.post(format!("{url}/api/v2/auth/login")).json(&body).send().await.unwrap();
    answer.json::<Value>().await.unwrap()["access_token"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn r_06_while_postgresql_is_frozen_requests_are_refused_and_nothing_hangs() {
    let data = data_directory();
    let process = Process::start(data.path(), None);
    let (client, url) = (client(), &process.url);
    let token = &sign_in(&client, url).await;
    let get = async |path: &str| {
        let asked = client.get(format!("{url}{path}")).bearer_auth(token).send().await;
        asked.expect("an answer, whichever")
    };
    assert_eq!(get("/api/v2/users").await.status(), 200);

    let frozen = Frozen::under(data.path());
    let body = json!({ "email": "ada@example.com", "full_name": "Ada" });
    let create = client.post(format!("{url}/api/v2/users")).bearer_auth(token).json(&body).send();
    // More than there are connections.
    let lists = join_all((0..40).map(|_| get("/api/v2/users")));
    let (created, lists) = tokio::join!(create, lists);
    for answer in lists.into_iter().chain([created.expect("an answer")]) {
        assert_refused(answer).await;
    }
    assert_eq!(get("/readyz").await.status(), 503);
    assert_eq!(get("/livez").await.status(), 200);

    drop(frozen);
    for path in ["/api/v2/users", "/readyz"] {
        let mut tries = 0;
        while get(path).await.status() != 200 {
            tries += 1;
            assert!(tries < 100, "{path} is not answered again");
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    }
}

async fn assert_refused(answer: Response) {
    assert_eq!(answer.status(), 503);
    assert!(answer.headers().contains_key("retry-after"));
    assert_eq!(answer.json::<Value>().await.unwrap()["code"], "unavailable");
}

#[tokio::test]
async fn r_02_a_node_that_is_told_to_stop_serves_on_until_its_callers_have_gone() {
    let (database, data) = (TestDatabase::create().await, data_directory());
    drop(Process::start(data.path(), Some(&database)));
    let mut serve = command(data.path(), Some(&database));
    let mut process = Process::spawn(serve.env("ELDER_HTTP__DRAIN_SECONDS", "3").arg("serve"));
    let (client, url) = (client(), process.url.clone());
    let get = async |path: &str| client.get(format!("{url}{path}")).send().await;
    let before = get("/readyz").await.unwrap();
    assert_eq!(before.status(), 200);
    assert!(!before.headers().contains_key("connection"), "{before:?}");

    process.signal(Signal::SIGTERM);
    let mut tries = 0;
    while get("/readyz").await.expect("it listens").status() == 200 {
        tries += 1;
        assert!(tries < 100, "it still takes traffic");
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    // Whoever has not heard of it yet is answered, and sent away.
    let late = get("/api/v2/users").await.expect("it listens");
    assert_eq!((late.status().as_u16(), late.headers()["connection"].to_str().unwrap()), (401, "close"));
    assert_eq!(process.wait(), Some(0));
    assert!(get("/livez").await.is_err(), "it is gone");
}
