//! A tenant with a domain of its own, its admin, and a provider that it believes.

use elder_kernel::TenantId;
use elder_testkit::{Actor, CLIENT, SECRET, TestApp};
use serde_json::{Value, json};

use crate::op::Op;

/// Everything that a sign-in needs.
pub(crate) struct World {
    pub(crate) op: Op,
    pub(crate) app: TestApp,
    pub(crate) admin: Actor,
    pub(crate) idp: String,
}

impl World {
    /// A provider of acme, which owns `acme.com`, with these settings.
    pub(crate) async fn with(settings: Value) -> Self {
        let app = TestApp::start().await;
        let op = Op::start();
        let admin = app.tenant_admin().await;
        own(&app, app.acme.id, "acme.com").await;
        let idp = set_up(&admin, &op, settings).await;
        Self { op, app, admin, idp }
    }

    /// One that makes accounts.
    pub(crate) async fn making_accounts() -> Self {
        Self::with(json!({ "jit_provisioning_enabled": true })).await
    }

    /// The reason of the last sign-in that failed.
    pub(crate) async fn reason(&self) -> String {
        let last = "select reason from audit_logs where action = 'sso.sign_in_failed'
            order by xmin::text::bigint desc limit 1";
        self.app.superuser.query_one(last, &[]).await.unwrap().get(0)
    }

    /// How many accounts, identities and sessions of the pages there are, beside the admin's own.
    pub(crate) async fn counts(&self) -> (i64, i64, i64) {
        let count = "select (select count(*) from portal_users), (select count(*) from sso_identities),
            (select count(*) from sessions where browser_hash is not null)";
        let row = self.app.superuser.query_one(count, &[]).await.unwrap();
        (row.get::<_, i64>(0) - 1, row.get(1), row.get(2))
    }
}

/// Gives a tenant a domain that it has proven.
pub(crate) async fn own(app: &TestApp, tenant: TenantId, domain: &str) {
    let add =
        "insert into tenant_domains (tenant_id, id, domain, verification_token, verified_at, verified_by)
        values ($1, $2, $3, 'proof', now(), 'dns')";
    app.superuser.execute(add, &[&tenant.0, &app.seam.uuid(), &domain]).await.unwrap();
}

/// Sets a provider up.
pub(crate) async fn set_up(admin: &Actor, op: &Op, settings: Value) -> String {
    let made = admin.post("/api/v2/identity-providers", body(op, settings)).await.expect(201);
    made["id"].as_str().unwrap().to_owned()
}

/// What sets up a provider.
pub(crate) fn body(op: &Op, settings: Value) -> Value {
    let body = json!({
        "name": "Acme Login", "oidc_issuer_url": op.issuer, "oidc_client_id": CLIENT, "oidc_client_secret": SECRET,
    });
    with(body, settings)
}

/// Ana, as a good provider speaks of her.
pub(crate) fn ana() -> Value {
    json!({ "sub": "ana-1", "email": "ana@acme.com", "email_verified": true, "name": "Ana Gruber" })
}

/// Ana with other claims.
pub(crate) fn ana_but(other: Value) -> Value {
    with(ana(), other)
}

/// An object with other members.
fn with(mut object: Value, other: Value) -> Value {
    if let (Value::Object(object), Value::Object(other)) = (&mut object, other) {
        object.extend(other);
    }
    object
}
