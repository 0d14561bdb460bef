//! Secrets that are planted wherever one can be typed, and looked for wherever something is written.

use std::{fs, process::Command, time::Duration};

use elder_access::place_of_body;
use elder_crypto::{MasterKey, Sealer};
use elder_kernel::{Id, Random};
use elder_testkit::{TestDatabase, catalogue};
use reqwest::{Client, Method, RequestBuilder};
use serde_json::{Value, json};

use crate::process::{Process, command, data_directory, output};

/// What every planted secret has in it.
const CANARY: &str = "CaNaRyPlanted";

/// The master key of the server, so that what it has sealed of calls is opened here.
const MASTER_KEY: &str = "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f";

/// A running server whose log goes to a file, and what was planted.
struct Field {
    server: Process,
    client: Client,
    token: String,
    planted: usize,
    answers: Vec<String>,
}

impl Field {
    fn secret(&mut self) -> String {
        self.planted += 1;
        // Long, and of all kinds of letters: a password that is accepted.
        format!("{CANARY}-{}-correct-horse-battery", self.planted)
    }

    /// Puts secrets in place of all that a body has by the name of one.
    fn plant(&mut self, body: &mut Value) {
        match body {
            Value::Object(fields) => {
                for (name, value) in fields {
                    let is_secret =
                        ["password", "secret", "token", "code", "assertion", "document", "credential"]
                            .iter()
                            .any(|kind| name.contains(kind) && !name.ends_with("_id"));
                    match value {
                        Value::String(text) if is_secret => *text = self.secret(),
                        other => self.plant(other),
                    }
                }
            }
            Value::Array(items) => items.iter_mut().for_each(|item| self.plant(item)),
            _ => {}
        }
    }

    fn request(&self, method: Method, path: &str) -> RequestBuilder {
        self.client.request(method, format!("{}{path}", self.server.url))
    }

    async fn send(&mut self, request: RequestBuilder) -> u16 {
        let answer = request.send().await.unwrap();
        let (status, headers) = (answer.status().as_u16(), format!("{:?}", answer.headers()));
        self.answers.push(format!("{headers}\n{}", answer.text().await.unwrap()));
        status
    }

    async fn post(&mut self, path: &str, body: &Value) -> u16 {
        let request = self.request(Method::POST, path).bearer_auth(&self.token).json(body);
        self.send(request).await
    }

    /// Every route that takes a body, with secrets in it that mostly are no good ones.
    async fn plant_in_every_body(&mut self) {
        for endpoint in catalogue() {
            let Some(mut body) = endpoint.body else { continue };
            self.plant(&mut body);
            let method = Method::from_bytes(endpoint.method.as_bytes()).unwrap();
            let request = self.request(method, &endpoint.path).json(&body);
            // A session that a call has ended shall not keep the others out.
            self.send(request.try_clone().unwrap()).await;
            self.send(request.bearer_auth(&self.token)).await;
        }
    }

    /// Where something is kept for later: each of them is taken.
    async fn plant_what_is_kept(&mut self) {
        let password = self.secret();
        let user = json!({ "email": "new@acme.example", "full_name": "New", "password": password });
        assert_eq!(self.post("/api/v2/users", &user).await, 201);
        let login = json!({ "tenant": "acme", "email": "new@acme.example", "password": password });
        assert_eq!(self.post("/api/v2/auth/login", &login).await, 200);
        let wrong = json!({ "tenant": "acme", "email": "new@acme.example", "password": self.secret() });
        assert_eq!(self.post("/api/v2/auth/login", &wrong).await, 401);
        let webhook = format!("whsec_{CANARY}{}", "A".repeat(32 - CANARY.len()));
        let hook = json!({ "kind": "webhook", "url": "https://siem.example.com/" });
        let splunk = json!({ "kind": "splunk_hec", "url": "https://splunk.example.com/" });
        let bucket =
            json!({ "kind": "s3", "bucket": "siem", "region": "eu-west-1", "access_key_id": "AKIA" });
        let google = json!({ "kind": "gcs", "bucket": "siem", "access_key_id": "GOOG1E" });
        let secrets = [webhook.clone(), self.secret(), self.secret(), self.secret()];
        for (number, (target, secret)) in
            [hook.clone(), splunk, bucket, google].into_iter().zip(secrets).enumerate()
        {
            let stream = json!({ "name": format!("Stream {number}"), "target": target, "secret": secret });
            assert_eq!(self.post("/api/v2/audit/streams", &stream).await, 201);
        }
        let alert = json!({ "name": "Alert", "filter": "action pr", "threshold": 1, "window_minutes": 5, "channel": hook,
            "secret": webhook });
        assert_eq!(self.post("/api/v2/audit/alerts", &alert).await, 201);
    }

    /// What comes beside bodies.
    async fn plant_in_heads(&mut self) {
        for path in ["/api/v2/me", "/scim/v2/Users", "/metrics"] {
            for scheme in ["Bearer", "Basic", "Token"] {
                let header = format!("{scheme} {}", self.secret());
                let request = self.request(Method::GET, path).header("authorization", header);
                self.send(request).await;
            }
            let cookie = format!("elder_session={}; __Host-elder={0}", self.secret());
            let request =
                self.request(Method::GET, path).header("cookie", cookie).header("x-api-key", self.secret());
            self.send(request).await;
            let path = format!("{path}?access_token={}", self.secret());
            let request = self.request(Method::GET, &path).bearer_auth(&self.token);
            self.send(request).await;
        }
        let form = format!("SAMLResponse={}&RelayState={0}&code={0}&state={0}", self.secret());
        for path in ["/sso/saml/acs", "/sso/oidc/callback", "/sign-in"] {
            let request = self.request(Method::POST, path).body(form.clone());
            let request = request.header("content-type", "application/x-www-form-urlencoded");
            self.send(request).await;
        }
        let broken = format!("{{\"password\": \"{}\"", self.secret());
        let request = self.request(Method::POST, "/api/v2/auth/login").body(broken);
        self.send(request.header("content-type", "application/json")).await;
    }
}

/// Where in the database something planted can be read.
async fn stored(database: &TestDatabase) -> Vec<String> {
    let superuser = database.superuser().await;
    let tables = "select format('%I.%I', schemaname, tablename) from pg_tables
        where schemaname in ('public', 'graphile_worker')";
    let bytes = CANARY.bytes().map(|byte| format!("{byte:02x}")).collect::<Vec<_>>().concat();
    let mut found = Vec::new();
    for row in superuser.query(tables, &[]).await.unwrap() {
        let table: String = row.get(0);
        let ask = format!("select t::text from {table} t where t::text ilike $1 or t::text like $2 limit 1");
        let (text, bytes) = (format!("%{CANARY}%"), format!("%{bytes}%"));
        let hit = superuser.query_opt(&ask, &[&text, &bytes]).await.unwrap();
        found.extend(hit.map(|row| format!("{table}: {}", row.get::<_, String>(0))));
    }
    found
}

/// What was kept of the bodies of calls.
async fn kept(database: &TestDatabase) -> Vec<String> {
    let sealer = Sealer::new(&MasterKey::parse(MASTER_KEY).unwrap(), Random::system());
    let find = "select tenant_id, event_id, sealed from audit_bodies";
    let rows = database.superuser().await.query(find, &[]).await.unwrap();
    let opened = |row: &tokio_postgres::Row| {
        let place = format!("{}/{}", row.get::<_, i32>(0), place_of_body(Id::from_uuid(row.get(1))));
        String::from_utf8(sealer.open(&place, row.get(2)).unwrap()).unwrap()
    };
    rows.iter().map(opened).collect()
}

#[tokio::test]
async fn a_10_w_31_no_secret_that_was_planted_in_any_input_is_in_an_answer_a_log_a_metric_an_export_or_the_database()
 {
    let (database, data) = (TestDatabase::create().await, data_directory());
    let mut elder = command(data.path(), Some(&database));
    elder.env("ELDER_SECRETS__MASTER_KEY", MASTER_KEY);
    let mut serve = Command::new("sh");
    serve
        .args(["-c", "exec \"$0\" serve --demo 2>\"$1\""])
        .arg(elder.get_program())
        .arg(data.path().join("log"));
    serve.envs(elder.get_envs().filter_map(|(name, value)| Some((name, value?))));
    let server = Process::spawn(serve.env("ELDER_LOG__LEVEL", "debug"));
    let demo: Value = serde_json::from_slice(&fs::read(data.path().join("demo.json")).unwrap()).unwrap();
    let client = Client::new();
    let admin = &demo["tenants"][0]["admin"];
    let login = json!({ "email": admin["email"], "password": admin["password"] });
    let answer = client.post(format!("{}/api/v2/auth/login", server.url)).json(&login).send().await.unwrap();
    let answer: Value = answer.json().await.unwrap();
    let token = answer["access_token"].as_str().unwrap().to_owned();
    let mut field = Field { server, client, token, planted: 0, answers: Vec::new() };
    let all = json!({ "settings": { "audit_api_bodies": "all" } });
    let keep = field.request(Method::PATCH, "/api/v2/tenant").bearer_auth(&field.token).json(&all);
    assert_eq!(field.send(keep).await, 200);
    field.plant_what_is_kept().await;
    field.plant_in_heads().await;
    field.plant_in_every_body().await;
    assert!(field.planted > 40, "{}", field.planted);
    // Calls are written beside the requests, and sealed a second later.
    tokio::time::sleep(Duration::from_secs(3)).await;
    let request = field.request(Method::GET, "/metrics");
    assert_eq!(field.send(request).await, 200);
    let answers = std::mem::take(&mut field.answers);
    let shown: Vec<_> = answers.iter().filter(|answer| answer.contains(CANARY)).collect();
    assert!(shown.is_empty(), "{shown:?}");
    assert_eq!(stored(&database).await, Vec::<String>::new());
    let kept = kept(&database).await;
    let shown: Vec<_> = kept.iter().filter(|said| said.contains(CANARY)).collect();
    assert!(shown.is_empty(), "{shown:#?}");
    let redacted = kept.iter().filter(|said| said.contains("[redacted]")).count();
    assert!(kept.len() > 50 && redacted > 5, "{} kept, {redacted} with a secret", kept.len());
    let mut export = command(data.path(), Some(&database));
    export.env("ELDER_SECRETS__MASTER_KEY", MASTER_KEY);
    let (success, export) = output(export.args(["audit", "export", "--tenant", "acme"]));
    assert!(success && export.contains("api.called") && !export.contains(CANARY));
    let log = fs::read_to_string(data.path().join("log")).unwrap();
    let lines: Vec<_> = log.lines().filter(|line| line.contains(CANARY)).take(3).collect();
    assert!(!log.is_empty() && lines.is_empty(), "{lines:?}");
}
