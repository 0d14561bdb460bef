//! People of a test, and what they prove who they are with.

use elder_access::Role;
use elder_testkit::{Actor, Answer, PASSWORD, TestApp};
use futures_util::future::join_all;
use serde_json::{Value, json};
use totp_rs::{Builder, Secret, Totp};

/// The address of everybody's Ana.
pub(crate) const ANA: &str = "ana@acme.com";

/// An authenticator application.
pub(crate) struct Phone(Totp);

impl Phone {
    /// Scans what a set-up shows.
    pub(crate) fn scan(enrolment: &Value) -> Self {
        let secret = Secret::try_from_base32(enrolment["secret"].as_str().unwrap()).unwrap();
        Self(Builder::new().with_secret(secret).build().unwrap())
    }

    /// What it shows now.
    pub(crate) fn code(&self, app: &TestApp) -> String {
        self.0.generate(u64::try_from(app.seam.now().timestamp()).unwrap()).to_string()
    }
}

/// Makes an account with the password of every test.
pub(crate) async fn create(app: &TestApp, email: &str, role: Option<Role>) -> String {
    let admin = app.tenant_admin().await;
    let body = json!({ "email": email, "password": PASSWORD, "tenant_role": role });
    let user = admin.post("/api/v2/users", body).await.expect(201);
    user["id"].as_str().unwrap().to_owned()
}

/// Signs in with the password.
pub(crate) async fn login(app: &TestApp, email: &str) -> Answer {
    app.guest().post("/api/v2/auth/login", json!({ "email": email, "password": PASSWORD })).await
}

/// Who has signed in.
pub(crate) fn holder(app: &TestApp, answer: &Value) -> Actor {
    assert_eq!(answer["status"], "signed_in", "{answer}");
    app.guest().with_token(answer["access_token"].as_str().unwrap())
}

/// Ana, who has just signed in with her password and has nothing else.
pub(crate) async fn ana(app: &TestApp) -> Actor {
    create(app, ANA, None).await;
    holder(app, &login(app, ANA).await.expect(200))
}

/// Sets up an authenticator application. Its code of the moment is used; the clock goes on to the next.
pub(crate) async fn phone_of(app: &TestApp, person: &Actor) -> Phone {
    let begun = person.post("/api/v2/me/mfa/totp", json!({ "name": "Phone" })).await.expect(201);
    let phone = Phone::scan(&begun);
    let path = format!("/api/v2/me/mfa/totp/{}/confirm", begun["id"].as_str().unwrap());
    person.post(&path, json!({ "code": phone.code(app) })).await.expect(200);
    app.clock.advance(chrono::Duration::seconds(30));
    phone
}

/// The flow of a sign-in that waits for a second factor.
pub(crate) async fn flow(app: &TestApp, email: &str) -> String {
    let answer = login(app, email).await.expect(200);
    assert_eq!(answer["status"], "mfa_required", "{answer}");
    answer["flow"].as_str().unwrap().to_owned()
}

/// Sends a proof to a flow.
pub(crate) async fn verify(app: &TestApp, flow: &str, proof: Value) -> Answer {
    verify_at(&app.guest(), flow, proof).await
}

/// Sends a proof to a flow, wherever the guest is.
pub(crate) async fn verify_at(guest: &Actor, flow: &str, mut proof: Value) -> Answer {
    proof["flow"] = json!(flow);
    guest.post("/api/v2/auth/mfa/verify", proof).await
}

/// Sends one proof to fifty flows at once, by turns at two nodes.
pub(crate) async fn race(app: &TestApp, proof: Value) -> Vec<Answer> {
    let mut flows = Vec::new();
    for _ in 0..50 {
        flows.push(flow(app, ANA).await);
    }
    let other = app.another_node().await;
    let guests = [app.guest(), other.called_by(&app.guest())];
    let tries = flows.iter().enumerate();
    join_all(tries.map(|(n, flow)| verify_at(&guests[n % 2], flow, proof.clone()))).await
}

/// Sets the tenant's settings of second factors.
pub(crate) async fn demand(app: &TestApp, mfa: Value) {
    let set = "update tenants set settings = jsonb_build_object('mfa', $2::text::jsonb) where id = $1";
    app.superuser.execute(set, &[&app.acme.id.0, &mfa.to_string()]).await.unwrap();
}

/// What a sign-in said in the audit log, the last first.
pub(crate) async fn reasons(app: &TestApp) -> Vec<String> {
    let why = "select reason from audit_logs where action = 'session.refused' order by ctid desc";
    app.superuser.query(why, &[]).await.unwrap().iter().map(|row| row.get(0)).collect()
}
