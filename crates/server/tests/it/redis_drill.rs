//! A drill: two nodes of one platform lose their Redis while people are signed in and somebody guesses.

use std::{
    path::Path,
    time::{Duration, Instant},
};

use elder_testkit::{RedisServer, TestDatabase};
use reqwest::{Client, Response, StatusCode};
use serde_json::{Value, json};

use crate::process::{OWNER, PASSWORD, Process, command, data_directory};

/// How many sign-ins an address may try at once on each node.
const TRIES: u32 = 20;

fn node(data: &Path, database: &TestDatabase, redis: &RedisServer) -> Process {
    let mut command = command(data, Some(database));
    command
        .env("REDIS_URL", redis.url().expose())
        .env("ELDER_RATE_LIMIT__AUTH_ADDRESS_PER_MINUTE", TRIES.to_string());
    command.env("ELDER_BOOTSTRAP_EMAIL", OWNER).env("ELDER_BOOTSTRAP_PASSWORD", PASSWORD);
    Process::spawn(command.arg("serve"))
}

async fn login(client: &Client, node: &Process, password: &str) -> Response {
    let body = json!({ "email": OWNER, "password": password });
    client.post(format!("{}/api/v2/auth/login", node.url)).json(&body).send().await.unwrap()
}

async fn tokens(client: &Client, node: &Process) -> Value {
    login(client, node, PASSWORD).await.error_for_status().unwrap().json().await.unwrap()
}

/// What a node says of a session.
async fn me(client: &Client, node: &Process, tokens: &Value) -> StatusCode {
    let token = tokens["access_token"].as_str().unwrap();
    client.get(format!("{}/api/v2/me", node.url)).bearer_auth(token).send().await.unwrap().status()
}

async fn refresh(client: &Client, node: &Process, tokens: &Value) -> Value {
    let body = json!({ "refresh_token": tokens["refresh_token"] });
    let answer = client.post(format!("{}/api/v2/auth/refresh", node.url)).json(&body).send().await.unwrap();
    answer.error_for_status().unwrap().json().await.unwrap()
}

/// Signs out at one node, and gives how long the other still lets the session in.
async fn revoke(client: &Client, (here, there): (&Process, &Process), tokens: &Value) -> Duration {
    assert_eq!(me(client, there, tokens).await, StatusCode::OK);
    let token = tokens["access_token"].as_str().unwrap();
    let answer =
        client.post(format!("{}/api/v2/auth/logout", here.url)).bearer_auth(token).send().await.unwrap();
    assert_eq!(answer.status(), StatusCode::NO_CONTENT);
    let begin = Instant::now();
    assert_eq!(
        me(client, here, tokens).await,
        StatusCode::UNAUTHORIZED,
        "the deciding node knows it at once"
    );
    while me(client, there, tokens).await != StatusCode::UNAUTHORIZED {
        assert!(begin.elapsed() < Duration::from_secs(10), "it never ends");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    begin.elapsed()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn r_09_two_nodes_without_their_redis_lose_no_session_miss_no_revocation_and_bound_guessing() {
    let (database, data) = (TestDatabase::create().await, data_directory());
    let mut redis = RedisServer::start();
    let nodes = [node(data.path(), &database, &redis), node(data.path(), &database, &redis)];
    let [first, second] = &nodes;
    let client = Client::new();
    let (staying, leaving) = (tokens(&client, first).await, tokens(&client, second).await);
    let (going, gone) = (tokens(&client, first).await, tokens(&client, second).await);
    assert!(revoke(&client, (first, second), &gone).await < Duration::from_secs(1));

    redis.kill();
    for node in &nodes {
        for session in [&staying, &leaving, &going] {
            assert_eq!(me(&client, node, session).await, StatusCode::OK, "nobody is thrown out");
        }
        assert_eq!(me(&client, node, &gone).await, StatusCode::UNAUTHORIZED, "nor does anybody come back");
    }
    for (nodes, session) in [((first, second), &leaving), ((second, first), &going)] {
        let took = revoke(&client, nodes, session).await;
        assert!(took < Duration::from_secs(1), "{took:?}");
    }
    let renewed = refresh(&client, second, &refresh(&client, first, &staying).await).await;
    assert_eq!(me(&client, first, &renewed).await, StatusCode::OK);

    let mut evaluated = 0;
    for tried in 0..4 * TRIES {
        let node = if tried % 2 == 0 { first } else { second };
        evaluated += u32::from(
            login(&client, node, "wrong horse battery staple").await.status() == StatusCode::UNAUTHORIZED,
        );
    }
    assert!(evaluated <= 2 * TRIES, "{evaluated} guesses were let through to the account");
    assert!(evaluated > 0, "the nodes still judge");
    redis.restart();
    assert_eq!(me(&client, first, &renewed).await, StatusCode::OK);
}
