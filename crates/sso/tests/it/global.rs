//! The platform's own identity providers, and those of all tenants as operators see them.

use elder_kernel::TenantId;
use elder_testkit::PASSWORD;
use serde_json::{Value, json};

use crate::{
    browser::back_from,
    world::{World, ana, ana_but, body, own},
};

const GLOBAL: &str = "/api/v2/global/identity-providers";

#[tokio::test]
async fn an_operator_sets_up_the_platforms_own_provider_and_the_staff_signs_in_by_it() {
    let world = World::with(json!({})).await;
    let operator = world.app.operator().await;
    own(&world.app, TenantId::SYSTEM, "operator.example").await;
    let new = body(&world.op, json!({ "name": "Staff", "jit_provisioning_enabled": true }));
    let made = operator.post(GLOBAL, new).await.expect(201);
    assert_eq!(made["is_global"], true);
    let path = format!("{GLOBAL}/{}", made["id"].as_str().unwrap());
    assert_eq!(operator.get(&path).await.expect(200), made);
    let ask = json!({ "email": "ops@operator.example" });
    let way = world.app.guest().post("/api/v2/auth/discover", ask).await.expect(200);
    assert_eq!(way["idp"]["id"], made["id"]);
    let ops =
        json!({ "sub": "ops-1", "email": "ops@operator.example", "email_verified": true, "name": "Ops" });
    let (browser, got) = back_from(&world.app, &world.op, made["id"].as_str().unwrap(), ops).await;
    assert_eq!(got.leads_to(), "/account");
    assert_eq!(browser.account().await.as_deref(), Some("ops@operator.example"));
    let tenant = "select tenant_id from portal_users where email = 'ops@operator.example'";
    assert_eq!(world.app.superuser.query_one(tenant, &[]).await.unwrap().get::<_, i32>(0), 1);
    let renamed = operator.patch(&path, json!({ "name": "Our staff" })).await.expect(200);
    assert_eq!(renamed["name"], "Our staff");
    operator.delete(&path).await.expect(204);
    operator.get(&path).await.expect_problem(404, "not_found");
}

#[tokio::test]
async fn s_29_the_platforms_own_provider_opens_no_account_of_a_tenant() {
    let world = World::making_accounts().await;
    let operator = world.app.operator().await;
    own(&world.app, TenantId::SYSTEM, "operator.example").await;
    let new =
        body(&world.op, json!({ "name": "Staff", "jit_provisioning_enabled": true, "conflicts": "link" }));
    let global = operator.post(GLOBAL, new).await.expect(201)["id"].as_str().unwrap().to_owned();
    let ceo = json!({ "email": "ceo@acme.com", "password": PASSWORD, "full_name": "C. E. O." });
    world.admin.post("/api/v2/users", ceo).await.expect(201);
    back_from(&world.app, &world.op, &world.idp, ana()).await.1.leads_to();
    let before = world.counts().await;
    for claims in [
        ana(),
        ana_but(json!({ "sub": "ceo", "email": "ceo@acme.com" })),
        ana_but(json!({ "sub": "new", "email": "new@acme.com" })),
    ] {
        let (browser, got) = back_from(&world.app, &world.op, &global, claims).await;
        got.is_refused();
        assert_eq!((world.reason().await.as_str(), browser.account().await), ("domain_unverified", None));
    }
    assert_eq!(world.counts().await, before);
    // Nor does a tenant's provider know the staff.
    let ops =
        json!({ "sub": "ops-1", "email": "ops@operator.example", "email_verified": true, "name": "Ops" });
    back_from(&world.app, &world.op, &global, ops.clone()).await.1.leads_to();
    back_from(&world.app, &world.op, &world.idp, ops).await.1.is_refused();
    assert_eq!(world.reason().await, "domain_unverified");
}

#[tokio::test]
async fn operators_see_and_change_the_providers_of_all_tenants_and_support_does_not() {
    let world = World::with(json!({})).await;
    let operator = world.app.operator().await;
    let staff = operator.post(GLOBAL, body(&world.op, json!({ "name": "Staff" }))).await.expect(201);
    let list = operator.get(GLOBAL).await.expect(200);
    let tenant_of = |id: &Value| {
        let one = list["data"].as_array().unwrap().iter().find(|one| one["id"] == *id).unwrap();
        (one["tenant_id"].clone(), one["tenant_slug"].clone())
    };
    assert_eq!(tenant_of(&json!(world.idp)), (json!(world.app.acme.id.0), json!("acme")));
    assert_eq!(tenant_of(&staff["id"]), (Value::Null, json!("system")));
    let filter = format!("{GLOBAL}?filter=tenant_slug%20eq%20%22acme%22");
    assert_eq!(operator.get(&filter).await.expect(200)["data"].as_array().unwrap().len(), 1);
    let path = format!("{GLOBAL}/{}", world.idp);
    let off = operator.patch(&path, json!({ "is_active": false })).await.expect(200);
    assert_eq!(off["is_active"], false);
    let told = "select tenant_id from audit_logs where action = 'idp.updated'";
    let told: i32 = world.app.superuser.query_one(told, &[]).await.unwrap().get(0);
    assert_eq!(told, world.app.acme.id.0, "the tenant sees who has changed its provider");
    let (support, admin) = (world.app.support().await, &world.admin);
    for stranger in [&support, admin] {
        stranger.get(GLOBAL).await.expect_problem(403, "permission_denied");
        stranger.patch(&path, json!({ "is_active": true })).await.expect_problem(403, "permission_denied");
    }
    // What a tenant's admin sees is the tenant's own.
    let own = admin.get("/api/v2/identity-providers").await.expect(200);
    assert_eq!(own["data"].as_array().unwrap().len(), 1);
    admin
        .get(&format!("/api/v2/identity-providers/{}", staff["id"].as_str().unwrap()))
        .await
        .expect_problem(404, "not_found");
}
