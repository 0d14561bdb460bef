//! Identity providers as their admins set them up.

use elder_testkit::{Fault, SECRET};
use serde_json::{Value, json};

use crate::world::{World, body};

const PATH: &str = "/api/v2/identity-providers";

#[tokio::test]
async fn a_provider_is_set_up_shown_changed_and_deleted() {
    let world = World::with(json!({ "provider": "okta" })).await;
    let path = format!("{PATH}/{}", world.idp);
    let shown = world.admin.get(&path).await.expect(200);
    assert_eq!((&shown["provider"], &shown["oidc_response_type"]), (&json!("okta"), &json!("code")));
    assert_eq!((&shown["is_global"], &shown["has_client_secret"]), (&json!(false), &json!(true)));
    assert_eq!(world.admin.patch(&path, json!({ "name": "Acme Login" })).await.expect(200), shown);
    let renamed =
        world.admin.patch(&path, json!({ "name": "Okta", "default_role": "reader" })).await.expect(200);
    assert_eq!((&renamed["name"], &renamed["version"]), (&json!("Okta"), &json!(2)));
    let cleared = world.admin.patch(&path, json!({ "default_role": null })).await.expect(200);
    assert_eq!(cleared["default_role"], Value::Null);
    let list = world.admin.get(&format!("{PATH}?filter=provider%20eq%20%22okta%22")).await.expect(200);
    assert_eq!(list["data"].as_array().unwrap().len(), 1);
    let taken = body(&world.op, json!({ "name": "OKTA" }));
    world.admin.post(PATH, taken).await.expect_problem(409, "already_exists");
    world.admin.delete(&path).await.expect(204);
    world.admin.get(&path).await.expect_problem(404, "not_found");
}

#[tokio::test]
async fn the_secret_is_sealed_and_shown_nowhere() {
    let world = World::with(json!({})).await;
    let path = format!("{PATH}/{}", world.idp);
    world.admin.patch(&path, json!({ "oidc_client_secret": "another secret of theirs" })).await.expect(200);
    let shown = world.admin.get(&path).await;
    assert!(!shown.text.contains("secret of theirs") && !shown.text.contains(SECRET), "{}", shown.text);
    for secret in [SECRET, "another secret of theirs"] {
        let traces = "select (select count(*) from idp_configurations c where c::text like '%' || $1 || '%'
                or position(convert_to($1, 'utf8') in oidc_client_secret) > 0)
            + (select count(*) from audit_logs a where a::text like '%' || $1 || '%')
            + (select count(*) from outbox o where o::text like '%' || $1 || '%')";
        assert_eq!(world.app.superuser.query_one(traces, &[&secret]).await.unwrap().get::<_, i64>(0), 0);
    }
    let told = "select changes->'oidc_client_secret' from audit_logs where action = 'idp.updated'";
    let told: Value = world.app.superuser.query_one(told, &[]).await.unwrap().get(0);
    assert_eq!(told["after"], "another one");
}

#[tokio::test]
async fn o_20_another_issuer_needs_the_secret_again() {
    let world = World::with(json!({})).await;
    let path = format!("{PATH}/{}", world.idp);
    let problem = world
        .admin
        .patch(&path, json!({ "oidc_issuer_url": "https://evil.example" }))
        .await
        .expect_problem(400, "validation_failed");
    assert_eq!(problem["errors"][0]["pointer"], "/oidc_client_secret");
    let both = json!({ "oidc_issuer_url": "https://other.example", "oidc_client_secret": "theirs" });
    assert_eq!(world.admin.patch(&path, both).await.expect(200)["oidc_issuer_url"], "https://other.example");
    // A public client has no secret, and one that is not has one.
    let public = json!({ "oidc_token_endpoint_auth_method": "none" });
    assert_eq!(world.admin.patch(&path, public).await.expect(200)["has_client_secret"], false);
    let again = json!({ "oidc_token_endpoint_auth_method": "client_secret_post" });
    world.admin.patch(&path, again).await.expect_problem(400, "validation_failed");
}

#[tokio::test]
async fn o_19_an_issuer_inside_the_network_of_elder_is_refused_as_it_is_saved() {
    let world = World::with(json!({})).await;
    for issuer in ["http://idp.example", "https://10.0.0.1", "https://169.254.169.254", "https://[::1]"] {
        let answer = world
            .admin
            .post(PATH, body(&world.op, json!({ "name": issuer, "oidc_issuer_url": issuer })))
            .await;
        let problem = answer.expect_problem(400, "validation_failed");
        assert_eq!(problem["errors"][0]["pointer"], "/oidc_issuer_url", "{issuer}");
    }
}

#[tokio::test]
async fn what_cannot_work_is_refused_by_its_place() {
    let world = World::with(json!({})).await;
    for (settings, pointer) in [
        (json!({ "idp_type": "kerberos" }), "/idp_type"),
        (json!({ "oidc_client_secret": null }), "/oidc_client_secret"),
        (json!({ "oidc_issuer_url": "idp.example" }), "/oidc_issuer_url"),
        (json!({ "oidc_scopes": ["two words"] }), "/oidc_scopes/0"),
        (json!({ "oidc_response_type": "id_token" }), "/oidc_response_type"),
        (json!({ "role_rules": [{ "if": "groups", "then": {} }] }), "/role_rules/0/if"),
        (
            json!({ "attribute_mappings": [{ "attribute": "a", "claim": "c", "transforms": [{ "regex": { "pattern": "(" } }] }] }),
            "/attribute_mappings/0/transforms/0/regex/pattern",
        ),
        (
            json!({ "attribute_mappings": [{ "attribute": "A", "claim": "c" }] }),
            "/attribute_mappings/0/attribute",
        ),
        (
            json!({ "provider": "entra", "oidc_issuer_url": "https://login.microsoftonline.com/common/v2.0" }),
            "/oidc_allowed_tenants",
        ),
    ] {
        let answer = world.admin.post(PATH, body(&world.op, settings.clone())).await;
        let problem = answer.expect_problem(400, "validation_failed");
        assert_eq!(problem["errors"][0]["pointer"], pointer, "{settings}: {problem}");
    }
    let foreign = json!({ "role_rules": [{ "if": "email pr", "then": { "roles": ["rol_01h455vb4pex5vsknk084sn02q"] } }] });
    world.admin.post(PATH, body(&world.op, foreign)).await.expect_problem(404, "not_found");
}

#[tokio::test]
async fn the_test_walks_through_what_a_sign_in_needs() {
    let world = World::with(json!({})).await;
    let path = format!("{PATH}/{}/test", world.idp);
    world.op.fault(Fault::Says("/authorize", 400, String::new()));
    let report = world.admin.post(&path, Value::Null).await.expect(200);
    assert_eq!(report["is_good"], true, "{report}");
    let names: Vec<_> = report["steps"].as_array().unwrap().iter().map(|step| step["name"].clone()).collect();
    assert!(names.contains(&json!("discovery")) && names.contains(&json!("keys")), "{report}");
    world.op.fault(Fault::Says("/.well-known/openid-configuration", 500, String::new()));
    let report = world.admin.post(&path, Value::Null).await.expect(200);
    assert_eq!((&report["is_good"], &report["steps"][0]["outcome"]), (&json!(false), &json!("failed")));
}

#[tokio::test]
async fn the_platforms_own_providers_are_those_of_system() {
    let world = World::with(json!({})).await;
    let global =
        world.app.person(elder_kernel::TenantId::SYSTEM, Some(elder_access::Role::Admin), None).await;
    let made = global.post(PATH, body(&world.op, json!({}))).await.expect(201);
    assert_eq!(made["is_global"], true);
    let path = format!("{PATH}/{}", made["id"].as_str().unwrap());
    world.admin.get(&path).await.expect_problem(404, "not_found");
    world.admin.patch(&path, json!({ "name": "Mine" })).await.expect_problem(404, "not_found");
}
