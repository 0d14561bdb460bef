//! What the tests of keys share.

use elder_access::Permission;
use elder_testkit::{Actor, TestApp};
use serde_json::{Value, json};

/// Makes a key of the actor's own; gives who calls with it, and the answer.
pub(crate) async fn own_key(actor: &Actor, body: Value) -> (Actor, Value) {
    let issued = actor.post("/api/v2/me/api-keys", body).await.expect(201);
    (with_key(actor, &issued), issued)
}

/// Makes a service account; gives its path.
pub(crate) async fn account(admin: &Actor, body: Value) -> String {
    let account = admin.post("/api/v2/service-accounts", body).await.expect(201);
    format!("/api/v2/service-accounts/{}", id(&account))
}

/// Makes a service account with these permissions and a key of it; gives the account's path, who calls with the key,
/// and the answer.
pub(crate) async fn account_key(admin: &Actor, permissions: &[&str], key: Value) -> (String, Actor, Value) {
    let account = account(admin, json!({ "name": "program", "permissions": permissions })).await;
    let issued = admin.post(&format!("{account}/api-keys"), key).await.expect(201);
    let caller = with_key(admin, &issued);
    (account, caller, issued)
}

/// Who calls with a key that was just made.
pub(crate) fn with_key(actor: &Actor, issued: &Value) -> Actor {
    actor.with_token(issued["key"].as_str().unwrap())
}

/// The id in an answer.
pub(crate) fn id(answer: &Value) -> &str {
    answer["id"].as_str().unwrap()
}

/// A custom role of acme with these permissions, given to nobody yet.
pub(crate) async fn give(app: &TestApp, actor: &Actor, permissions: &[&str]) {
    let role = app.seam.uuid();
    let add = "insert into roles (tenant_id, id, name, name_folded, tier, permissions)
        values ($1, $2, $3, $3, 'tenant', $4)";
    app.superuser.execute(add, &[&actor.tenant.0, &role, &role.to_string(), &permissions]).await.unwrap();
    let give = "insert into portal_user_roles (tenant_id, user_id, role_id) values ($1, $2, $3)";
    app.superuser.execute(give, &[&actor.tenant.0, &actor.user.unwrap().uuid(), &role]).await.unwrap();
}

/// A member of acme who holds `P` and these.
pub(crate) async fn member_with<P: Permission>(app: &TestApp, permissions: &[&str]) -> Actor {
    let actor = app.member_with::<P>().await;
    give(app, &actor, permissions).await;
    actor
}

/// What a node believes of a credential, it believes by its own clock for 900 ms.
pub(crate) async fn past_belief() {
    tokio::time::sleep(std::time::Duration::from_secs(1)).await;
}

/// A digest of all keys and service accounts but of when they were used.
pub(crate) async fn state(app: &TestApp) -> String {
    let digest = "select coalesce((select md5(string_agg((to_jsonb(k) - 'last_used_at')::text, '|' order by k.id))
            from api_keys k), '') || coalesce((select md5(string_agg(s::text, '|' order by s.id)) from service_accounts s), '')";
    app.superuser.query_one(digest, &[]).await.unwrap().get(0)
}
