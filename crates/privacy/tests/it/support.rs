//! A person of whom much is known, and looking for her.

use elder_access::Role;
use elder_audit::{seal, verify};
use elder_kernel::{Id, User};
use elder_privacy::Done;
use elder_testkit::{Actor, TestApp};
use serde_json::{Value, json};

pub(crate) const REQUESTS: &str = "/api/v2/privacy/requests";
pub(crate) const ORIGIN: &str = "elder.test";
/// Parts of what is personal of her, that nobody else has.
pub(crate) const CANARIES: [&str; 4] = ["canary.ada", "Adastra", "canary-program", "canary.former"];
const PASSWORD: &str = "correct horse battery staple";

/// Somebody in acme who has done this and that, and two admins.
pub(crate) struct Case {
    pub(crate) app: TestApp,
    pub(crate) admin: Actor,
    pub(crate) second: Actor,
    pub(crate) ada: Id<User>,
    /// Ada herself.
    pub(crate) herself: Actor,
}

impl Case {
    pub(crate) async fn of_a_person() -> Self {
        let app = TestApp::start().await;
        let (admin, second) = (app.tenant_admin().await, app.member(app.acme.id, Some(Role::Admin)).await);
        let body = json!({ "email": "canary.former@example.com", "full_name": "Adastra Former", "password": PASSWORD });
        let made = admin.post("/api/v2/users", body).await.expect(201);
        let ada: Id<User> = made["id"].as_str().unwrap().parse().unwrap();
        let path = format!("/api/v2/users/{ada}");
        let patch = json!({ "email": "canary.ada@example.com", "full_name": "Adastra Lovelace", "external_id": "canary.ada" });
        admin.patch(&path, patch).await.expect(200);
        let guest = app.guest().with_header("user-agent", "canary-program/1");
        let login = json!({ "tenant": "acme", "email": "canary.ada@example.com", "password": PASSWORD });
        let signed_in = guest.post("/api/v2/auth/login", login).await.expect(200);
        let wrong =
            json!({ "tenant": "acme", "email": "canary.ada@example.com", "password": "not her password" });
        assert_eq!(guest.post("/api/v2/auth/login", wrong).await.status, 401);
        let token = signed_in["access_token"].as_str().unwrap();
        let herself = guest.with_token(token);
        herself.patch("/api/v2/me", json!({ "full_name": "Adastra Byron" })).await.expect(200);
        herself.get("/api/v2/me").await.expect(200);
        herself.get("/api/v2/audit/events").await.expect_problem(403, "permission_denied");
        admin.post(&format!("{path}/email/verification"), Value::Null).await.expect(202);
        app.keeper.drain().await;
        Self { app, admin, second, ada, herself }
    }

    /// Asks for an erasure or a copy.
    pub(crate) async fn asks(&self, kind: &str) -> String {
        let body = json!({ "kind": kind, "user_id": self.ada, "reason": "canary.ada has written" });
        self.admin.post(REQUESTS, body).await.expect(201)["id"].as_str().unwrap().to_owned()
    }

    /// Has it approved and done.
    pub(crate) async fn done(&self, id: &str) -> Done {
        self.second.post(&format!("{REQUESTS}/{id}/approve"), Value::Null).await.expect(200);
        self.performed(id).await
    }

    pub(crate) async fn performed(&self, id: &str) -> Done {
        seal(&self.app.worker, ORIGIN).await.unwrap();
        elder_privacy::perform(&self.app.worker, self.app.acme.id, id.parse().unwrap()).await.unwrap()
    }

    pub(crate) async fn shown(&self, id: &str) -> Value {
        self.admin.get(&format!("{REQUESTS}/{id}")).await.expect(200)
    }

    /// Where in the database something of her can be read, in the clear or as bytes.
    pub(crate) async fn found(&self) -> Vec<String> {
        let tables = "
            select format('%I.%I', schemaname, tablename) from pg_tables
            where schemaname in ('public', 'graphile_worker') and tablename !~ '_20[0-9]{4}$|_default$'
            union all
            select format('%I.%I', n.nspname, c.relname) from pg_class c join pg_namespace n on n.oid = c.relnamespace
            where n.nspname = 'public' and c.relkind = 'p'";
        let mut places = Vec::new();
        for row in self.app.superuser.query(tables, &[]).await.unwrap() {
            let table: String = row.get(0);
            for canary in CANARIES {
                let bytes = canary.bytes().map(|byte| format!("{byte:02x}")).collect::<Vec<_>>().concat();
                let ask = format!("select count(*) from {table} t where t::text ~* $1 or t::text like $2");
                let (text, bytes) = (canary.replace('.', "\\."), format!("%{bytes}%"));
                let count: i64 = self.app.superuser.query_one(&ask, &[&text, &bytes]).await.unwrap().get(0);
                if count > 0 {
                    places.push(format!("{table}: {canary}"));
                }
            }
        }
        places.sort();
        places.dedup();
        places
    }

    /// The events of acme as an admin reads them.
    pub(crate) async fn events(&self) -> Vec<Value> {
        let page = self.admin.get("/api/v2/audit/events?limit=200").await.expect(200);
        page["data"].as_array().unwrap().clone()
    }

    /// Whether the log is what was sealed.
    pub(crate) async fn is_log_good(&self) -> bool {
        seal(&self.app.worker, ORIGIN).await.unwrap();
        let job = self.app.worker.job::<elder_access::work::Shell>();
        let keys = verify::keys(&job, self.app.acme.id).await.unwrap();
        let report = verify::verify(&job, self.app.acme.id, &keys, &[]).await.unwrap();
        assert_eq!(report.findings, []);
        report.is_good
    }
}
