//! What people are told by mail of the providers by which they sign in.

use elder_testkit::TestApp;
use serde_json::{Value, json};

use crate::{
    browser::back_from,
    world::{World, ana, ana_but},
};

/// The subjects of what somebody was told of links, by kind: the clock stands still, so they have no other order.
pub(crate) async fn told(app: &TestApp, to: &str) -> Vec<String> {
    let sql = "select subject from mails where recipient = $1 and kind like 'identity_%' order by kind";
    app.superuser.query(sql, &[&to]).await.unwrap().iter().map(|row| row.get(0)).collect()
}

/// Has an admin link somebody, and undo that.
async fn link_and_unlink(world: &World, email: &str, locale: &str) -> Vec<String> {
    let new = json!({ "email": email, "full_name": "Somebody", "locale": locale });
    let id = world.admin.post("/api/v2/users", new).await.expect(201)["id"].clone();
    let path = format!("/api/v2/users/{}/identities", id.as_str().unwrap());
    let link = json!({ "identity_provider_id": world.idp, "subject": email });
    let made = world.admin.post(&path, link.clone()).await.expect(201);
    world.admin.post(&path, link).await.expect_problem(409, "already_exists");
    world.admin.delete(&format!("{path}/{}", made["id"].as_str().unwrap())).await.expect(204);
    told(&world.app, email).await
}

#[tokio::test]
async fn whom_an_admin_links_or_unlinks_is_told_in_their_language_if_the_tenant_wants_that() {
    let world = World::with(json!({})).await;
    let [linked, unlinked] = ["was linked to “Acme Login”", "is no longer linked to “Acme Login”"];
    let got = link_and_unlink(&world, "ana@acme.com", "en").await;
    assert!(got[0].ends_with(linked) && got[1].ends_with(unlinked) && got.len() == 2, "{got:?}");
    let got = link_and_unlink(&world, "bert@acme.com", "de-AT").await;
    assert!(got[0].ends_with("mit „Acme Login“ verknüpft") && got.len() == 2, "{got:?}");
    assert!(got[1].ends_with("nicht mehr mit „Acme Login“ verknüpft"), "{got:?}");

    let quiet = json!({ "settings": { "notification": { "credential_changes": false } } });
    world.admin.patch("/api/v2/tenant", quiet).await.expect(200);
    assert_eq!(link_and_unlink(&world, "eve@acme.com", "en").await, [""; 0]);
}

#[tokio::test]
async fn whose_account_was_there_is_told_when_a_provider_opens_it_and_who_is_new_is_welcomed_alone() {
    let world = World::with(json!({ "conflicts": "link", "jit_provisioning_enabled": true })).await;
    let new = json!({ "email": "ana@acme.com", "full_name": "Ana" });
    world.admin.post("/api/v2/users", new).await.expect(201);
    for _ in 0..2 {
        back_from(&world.app, &world.op, &world.idp, ana()).await.1.leads_to();
        assert_eq!(told(&world.app, "ana@acme.com").await.len(), 1, "once, as it is linked");
    }
    let bert = ana_but(json!({ "sub": "bert-1", "email": "bert@acme.com" }));
    back_from(&world.app, &world.op, &world.idp, bert).await.1.leads_to();
    assert_eq!(told(&world.app, "bert@acme.com").await, [""; 0]);
    let kinds = "select jsonb_agg(kind) from mails where recipient = 'bert@acme.com'";
    let kinds: Value = world.app.superuser.query_one(kinds, &[]).await.unwrap().get(0);
    assert_eq!(kinds, json!(["welcome"]));
}
