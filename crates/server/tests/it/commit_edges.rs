//! Killed at an edge of its commit, the server leaves a change with its audit event and its outbox event, or none of them.

use std::{path::Path, time::Duration};

use elder_testkit::TestDatabase;
use reqwest::{Client, Method, Response};
use serde_json::{Value, json};
use tokio_postgres::Client as Sql;

use crate::{
    commit_road::{CommitRoad, Edge},
    crash::{directory, sign_in},
    process::{OWNER, PASSWORD, Process, command, data_directory},
};

/// One change, which is there when each of `rows` counts 1, and is not while they count 0.
struct Change {
    method: Method,
    path: String,
    body: Value,
    token: Option<String>,
    rows: Vec<String>,
    /// What who sends it again may be answered; nothing where that would be another change.
    again: &'static [u16],
}

/// A server and who is signed in to it.
struct Caller {
    client: Client,
    url: String,
    token: String,
}

impl Caller {
    async fn send(&self, change: &Change, key: &str) -> reqwest::Result<Response> {
        let mut request = self.client.request(change.method.clone(), format!("{}{}", self.url, change.path));
        if let Some(token) = &change.token {
            request = request.bearer_auth(token);
        }
        if change.method == Method::POST && change.path.starts_with("/api/") {
            request = request.header("idempotency-key", key);
        }
        if !change.body.is_null() {
            request = request.json(&change.body);
        }
        request.send().await
    }

    async fn create(&self, path: &str, body: Value) -> Value {
        let request = self.client.post(format!("{}{path}", self.url)).bearer_auth(&self.token).json(&body);
        let answer = request.send().await.unwrap();
        assert_eq!(answer.status(), 201, "{path}");
        answer.json().await.unwrap()
    }

    /// Makes a user, and gives the path to them.
    async fn user(&self, name: &str) -> String {
        let body =
            json!({ "email": format!("{name}@example.com"), "full_name": "Before", "password": PASSWORD });
        let made = self.create("/api/v2/users", body).await;
        format!("/api/v2/users/{}", made["id"].as_str().unwrap())
    }

    fn change(&self, method: Method, path: &str, body: Value, rows: String) -> Change {
        let token = Some(self.token.clone());
        Change { method, path: path.to_owned(), body, token, rows: vec![rows], again: &[] }
    }
}

/// A database, and a server that reaches it by a road that may halt.
struct Site {
    database: TestDatabase,
    superuser: Sql,
    road: CommitRoad,
    data: tempfile::TempDir,
}

impl Site {
    async fn prepare() -> Self {
        let database = TestDatabase::create().await;
        let superuser = database.superuser().await;
        let url = database.postgres_url("elder_app");
        let (_, server) = url.split_once("?host=").unwrap();
        let road = CommitRoad::to(Path::new(server));
        Self { database, superuser, road, data: data_directory() }
    }

    fn start(&self) -> Process {
        let mut serve = command(self.data.path(), Some(&self.database));
        let (name, road) = (self.database.name(), self.road.directory().display());
        let url = |role: &str| format!("postgres://{role}@/{name}?host={road}");
        serve.env("DATABASE_URL", url("elder_app"));
        serve.env("ELDER_DATABASE__PLATFORM_URL", url("elder_platform"));
        serve.env("ELDER_BOOTSTRAP_EMAIL", OWNER).env("ELDER_BOOTSTRAP_PASSWORD", PASSWORD);
        Process::spawn(serve.arg("serve"))
    }

    async fn caller(&self, process: &Process, token: Option<&String>) -> Caller {
        let client = Client::builder().timeout(Duration::from_secs(20)).build().unwrap();
        let token = match token {
            Some(token) => token.clone(),
            None => sign_in(&client, &process.url).await,
        };
        Caller { client, url: process.url.clone(), token }
    }

    async fn count(&self, sql: &str) -> i64 {
        self.superuser.query_one(sql, &[]).await.unwrap().get(0)
    }

    /// Whether the change is there, row for row, and how many events of the action there are in the log and in the outbox.
    async fn state(&self, change: &Change, action: &str) -> (Vec<i64>, i64, i64) {
        let mut rows = Vec::new();
        for sql in &change.rows {
            rows.push(self.count(sql).await);
        }
        let events = format!("select count(*) from audit_logs where action = '{action}'");
        let told = format!("select count(*) from outbox where type = 'elder.{action}'");
        (rows, self.count(&events).await, self.count(&told).await)
    }
}

/// Kills the server at each edge of the commit of such a change, and has whoever sent it send it again.
async fn kill_at_each_edge(action: &'static str, prepare: impl AsyncFn(&Caller, &str) -> Change) {
    let site = Site::prepare().await;
    let mut token = None;
    for edge in [Edge::Before, Edge::Unheard, Edge::Heard] {
        let process = site.start();
        let caller = site.caller(&process, token.as_ref()).await;
        token = Some(caller.token.clone());
        let name = format!("{edge:?}").to_lowercase();
        let change = prepare(&caller, &name).await;
        let (rows, events, told) = site.state(&change, action).await;
        let (absent, whole) = (vec![0; rows.len()], vec![1; rows.len()]);
        assert_eq!(rows, absent, "{action} was there before");
        site.road.halt_at(edge, action);
        let killing = async {
            let reached = tokio::time::timeout(Duration::from_secs(20), site.road.reached()).await;
            reached.unwrap_or_else(|_| panic!("{action} was never committed"));
            process.kill();
        };
        let (answer, ()) = tokio::join!(caller.send(&change, &name), killing);
        assert!(answer.is_err() || edge == Edge::Heard, "{action} was acknowledged {edge:?}");
        let expected =
            if edge == Edge::Before { (absent, events, told) } else { (whole.clone(), events + 1, told + 1) };
        assert_eq!(site.state(&change, action).await, expected, "{action} at the edge {edge:?}");
        if !change.again.is_empty() {
            let process = site.start();
            let again = site.caller(&process, token.as_ref()).await.send(&change, &name).await.unwrap();
            assert!(change.again.contains(&again.status().as_u16()), "{action} {edge:?}: {again:?}");
            let once = (whole, events + 1, told + 1);
            assert_eq!(site.state(&change, action).await, once, "{action} again, after {edge:?}");
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_06_a_creation_killed_at_an_edge_of_its_commit_is_there_with_its_events_or_not_at_all() {
    kill_at_each_edge("portal_user.created", async |caller, name| {
        let body = json!({ "email": format!("{name}@example.com"), "full_name": "At the edge" });
        let rows = format!("select count(*) from portal_users where email = '{name}@example.com'");
        Change { again: &[201], ..caller.change(Method::POST, "/api/v2/users", body, rows) }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_06_an_update_killed_at_an_edge_of_its_commit_is_there_with_its_events_or_not_at_all() {
    kill_at_each_edge("portal_user.updated", async |caller, name| {
        let user = caller.user(name).await;
        let rows = format!(
            "select count(*) from portal_users where email = '{name}@example.com' and full_name = 'After'"
        );
        Change { again: &[200], ..caller.change(Method::PATCH, &user, json!({ "full_name": "After" }), rows) }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_06_a_deletion_killed_at_an_edge_of_its_commit_is_done_with_its_events_or_not_at_all() {
    kill_at_each_edge("portal_user.deleted", async |caller, name| {
        let user = caller.user(name).await;
        let rows = format!("select 1 - count(*) from portal_users where email = '{name}@example.com'");
        Change { again: &[204, 404], ..caller.change(Method::DELETE, &user, Value::Null, rows) }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_06_a_new_tenant_killed_at_an_edge_of_its_commit_is_there_with_its_events_or_not_at_all() {
    kill_at_each_edge("tenant.created", async |caller, name| {
        let body = json!({ "name": name, "slug": format!("{name}-edge") });
        let rows = format!("select count(*) from tenants where slug = '{name}-edge'");
        Change { again: &[201], ..caller.change(Method::POST, "/api/v2/global/tenants", body, rows) }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_06_what_a_directory_pushes_killed_at_an_edge_of_its_commit_is_there_with_its_events_or_not_at_all()
{
    let pushes = tokio::sync::OnceCell::new();
    kill_at_each_edge("scim.user.created", async |caller, name| {
        let token = pushes.get_or_init(|| directory(&caller.client, &caller.url)).await;
        let schema = "urn:ietf:params:scim:schemas:core:2.0:User";
        let body = json!({ "schemas": [schema], "userName": format!("{name}@example.com") });
        let account = format!(
            "select count(*) from portal_users where email = '{name}@example.com' and managed_by is not null"
        );
        let pushed = format!("select count(*) from scim_users where user_name = '{name}@example.com'");
        Change {
            token: Some(token.clone()),
            rows: vec![account, pushed],
            again: &[201, 409],
            ..caller.change(Method::POST, "/scim/v2/Users", body, String::new())
        }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_06_a_sign_in_killed_at_an_edge_of_its_commit_is_there_with_its_events_or_not_at_all() {
    kill_at_each_edge("session.started", async |caller, name| {
        caller.user(name).await;
        let body = json!({ "email": format!("{name}@example.com"), "password": PASSWORD });
        let rows = format!(
            "select count(*) from sessions s join portal_users u on u.tenant_id = s.tenant_id and u.id = s.user_id
            where u.email = '{name}@example.com'"
        );
        Change { token: None, ..caller.change(Method::POST, "/api/v2/auth/login", body, rows) }
    })
    .await;
}
