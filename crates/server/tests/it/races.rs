//! What may happen once happens once, though fifty ask for it at the same time of two processes with one database.

use std::collections::HashSet;

use elder_kernel::Seam;
use elder_testkit::TestDatabase;
use futures_util::future::join_all;
use reqwest::{Client, StatusCode};
use serde_json::{Value, json};
use tempfile::TempDir;
use totp_rs::{Builder, Secret, Totp};

use crate::process::{OWNER, PASSWORD, Process, command, data_directory};

/// How many ask at once.
const TRIES: usize = 50;

/// Two processes that share a database.
struct Pair {
    database: TestDatabase,
    nodes: [Process; 2],
    client: Client,
    _data: TempDir,
}

impl Pair {
    /// Starts both. Budgets of requests are off: what the account itself allows is at stake.
    async fn start() -> Self {
        let (database, data) = (TestDatabase::create().await, data_directory());
        let nodes = [(); 2].map(|()| {
            let mut command = command(data.path(), Some(&database));
            command.env("ELDER_RATE_LIMIT__ENABLED", "false").env("ELDER_PASSWORDS__QUEUE", "64");
            command.env("ELDER_BOOTSTRAP_EMAIL", OWNER).env("ELDER_BOOTSTRAP_PASSWORD", PASSWORD);
            Process::spawn(command.arg("serve"))
        });
        Self { database, nodes, client: Client::new(), _data: data }
    }

    /// Sends a body to one of the nodes.
    async fn post(&self, node: usize, path: &str, token: &str, body: &Value) -> (StatusCode, Value) {
        let request = self.client.post(format!("{}{path}", self.nodes[node % 2].url)).json(body);
        let request = if token.is_empty() { request } else { request.bearer_auth(token) };
        let answer = request.send().await.unwrap();
        (answer.status(), answer.json().await.unwrap_or_default())
    }

    async fn login(&self, node: usize, password: &str) -> (StatusCode, Value) {
        self.post(node, "/api/v2/auth/login", "", &json!({ "email": OWNER, "password": password })).await
    }

    /// Somebody who has signed in, and their authenticator.
    async fn with_phone(&self) -> (String, Totp) {
        let (status, tokens) = self.login(0, PASSWORD).await;
        assert_eq!(status, 200, "{tokens}");
        let token = text(&tokens, "access_token");
        let (_, begun) = self.post(0, "/api/v2/me/mfa/totp", &token, &json!({ "name": "Phone" })).await;
        let secret = Secret::try_from_base32(text(&begun, "secret")).unwrap();
        let phone = Builder::new().with_secret(secret).build().unwrap();
        let path = format!("/api/v2/me/mfa/totp/{}/confirm", text(&begun, "id"));
        let (status, _) = self.post(0, &path, &token, &json!({ "code": code(&phone, 0) })).await;
        assert_eq!(status, 200);
        (token, phone)
    }

    /// Sends one proof to fifty sign-ins at once; gives how many it opened.
    async fn prove(&self, proof: Value) -> usize {
        let mut flows = Vec::new();
        for _ in 0..TRIES {
            flows.push(text(&self.login(0, PASSWORD).await.1, "flow"));
        }
        let tries = flows.into_iter().enumerate().map(|(node, flow)| {
            let mut body = proof.clone();
            body["flow"] = json!(flow);
            async move { self.post(node, "/api/v2/auth/mfa/verify", "", &body).await }
        });
        let answers = join_all(tries).await;
        assert!(answers.iter().all(|(status, _)| [200, 401].contains(&status.as_u16())), "{answers:?}");
        answers.iter().filter(|(status, _)| *status == 200).count()
    }
}

fn text(body: &Value, name: &str) -> String {
    body[name].as_str().unwrap_or_else(|| panic!("{name} in {body}")).to_owned()
}

/// What the authenticator shows so many steps from now.
fn code(phone: &Totp, steps: u64) -> String {
    phone.generate(u64::try_from(Seam::system().now().timestamp()).unwrap() + 30 * steps).to_string()
}

#[tokio::test]
async fn p_11_fifty_guesses_at_two_processes_are_counted_one_by_one() {
    let pair = Pair::start().await;
    let answers = join_all((0..TRIES).map(|node| pair.login(node, "wrong horse battery staple"))).await;
    assert!(answers.iter().all(|(status, _)| *status == 401), "{answers:?}");
    let judged = "select count(*) filter (where reason = 'wrong_password'), count(*) from audit_logs
        where action = 'session.refused'";
    let superuser = pair.database.superuser().await;
    let row = superuser.query_one(judged, &[]).await.unwrap();
    let (judged, refused): (i64, i64) = (row.get(0), row.get(1));
    assert_eq!(refused, 50);
    // From the third on each makes the next one wait.
    assert!((3..10).contains(&judged), "{judged}");
    let counted = "select failed_in_a_row from portal_users where email = $1";
    let counted: i32 = superuser.query_one(counted, &[&OWNER]).await.unwrap().get(0);
    assert_eq!(i64::from(counted), judged);
}

#[tokio::test]
async fn p_14_of_fifty_who_send_a_code_to_two_processes_one_gets_in() {
    let pair = Pair::start().await;
    let (_, phone) = pair.with_phone().await;
    // That of now has confirmed the authenticator; the next is taken already.
    assert_eq!(pair.prove(json!({ "code": code(&phone, 1) })).await, 1);
}

#[tokio::test]
async fn p_24_of_fifty_who_send_a_backup_code_to_two_processes_one_gets_in() {
    let pair = Pair::start().await;
    let (token, _) = pair.with_phone().await;
    let (_, paper) = pair.post(0, "/api/v2/me/mfa/backup-codes", &token, &json!({})).await;
    assert_eq!(pair.prove(json!({ "backup_code": paper["codes"][0] })).await, 1);
}

#[tokio::test]
async fn p_30_fifty_refreshes_of_one_token_at_two_processes_give_one_successor() {
    let pair = Pair::start().await;
    let tokens = pair.login(0, PASSWORD).await.1;
    let body = json!({ "refresh_token": tokens["refresh_token"] });
    let answers = join_all((0..TRIES).map(|node| pair.post(node, "/api/v2/auth/refresh", "", &body))).await;
    assert!(answers.iter().all(|(status, _)| *status == 200), "{answers:?}");
    let successors: HashSet<_> = answers.iter().map(|(_, tokens)| text(tokens, "refresh_token")).collect();
    assert_eq!(successors.len(), 1);
}
