//! What follows where a domain is a tenant's no more (S-30).

use serde_json::json;

use crate::{
    browser::back_from,
    world::{World, ana, own},
};

/// Links of accounts to providers.
async fn links(world: &World) -> i64 {
    world.app.superuser.query_one("select count(*) from sso_identities", &[]).await.unwrap().get(0)
}

#[tokio::test]
async fn s_30_a_domain_that_is_given_up_takes_those_along_who_came_by_its_word() {
    let world = World::with(json!({ "jit_provisioning_enabled": true, "default_role": "reader" })).await;
    own(&world.app, world.app.acme.id, "acme.example").await;
    back_from(&world.app, &world.op, &world.idp, ana()).await.1.leads_to();
    let bert =
        json!({ "sub": "bert-1", "email": "bert@acme.example", "email_verified": true, "name": "Bert" });
    back_from(&world.app, &world.op, &world.idp, bert.clone()).await.1.leads_to();
    let domains = world.admin.get("/api/v2/domains?filter=domain%20eq%20%22acme.com%22").await.expect(200);
    let domain = domains["data"][0]["id"].as_str().unwrap();
    world.admin.delete(&format!("/api/v2/domains/{domain}")).await.expect(204);
    assert_eq!(links(&world).await, 1);
    let given = "select count(*) from sso_grants";
    assert_eq!(world.app.superuser.query_one(given, &[]).await.unwrap().get::<_, i64>(0), 1, "Bert's");
    let (browser, got) = back_from(&world.app, &world.op, &world.idp, ana()).await;
    got.is_refused();
    assert_eq!((world.reason().await.as_str(), browser.account().await), ("domain_unverified", None));
    back_from(&world.app, &world.op, &world.idp, bert).await.1.leads_to();

    // It is another tenant's now: nobody of the one before gets in by it, and the account there is no account here.
    own(&world.app, world.app.globex.id, "acme.com").await;
    back_from(&world.app, &world.op, &world.idp, ana()).await.1.is_refused();
    assert_eq!(world.reason().await, "domain_unverified");
    // Nor does it come back by itself with the domain.
    let back = "delete from tenant_domains where tenant_id = $1";
    world.app.superuser.execute(back, &[&world.app.globex.id.0]).await.unwrap();
    own(&world.app, world.app.acme.id, "acme.com").await;
    back_from(&world.app, &world.op, &world.idp, ana()).await.1.is_refused();
    assert_eq!(world.reason().await, "account_exists");
}

#[tokio::test]
async fn s_30_while_a_domain_is_not_proven_nobody_comes_by_its_word_and_then_they_do_again() {
    let world = World::making_accounts().await;
    back_from(&world.app, &world.op, &world.idp, ana()).await.1.leads_to();
    let lose = "update tenant_domains set verified_at = null, verified_by = null";
    world.app.superuser.execute(lose, &[]).await.unwrap();
    let (browser, got) = back_from(&world.app, &world.op, &world.idp, ana()).await;
    got.is_refused();
    assert_eq!((world.reason().await.as_str(), browser.account().await), ("domain_unverified", None));
    let prove = "update tenant_domains set verified_at = now(), verified_by = 'dns'";
    world.app.superuser.execute(prove, &[]).await.unwrap();
    back_from(&world.app, &world.op, &world.idp, ana()).await.1.leads_to();
    assert_eq!(links(&world).await, 1);
}
