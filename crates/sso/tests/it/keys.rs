//! Elder's own keys at a provider: how it proves that it is the client, and how one key takes the place of another.

use elder_testkit::{OidcProvider, SECRET};
use serde_json::{Value, json};

use crate::{
    browser::Browser,
    saml, saml_idp,
    world::{World, own},
};

const PATH: &str = "/api/v2/identity-providers";

/// The names of the keys that are published.
async fn published(world: &World) -> Vec<String> {
    let set = world.app.guest().get(&format!("/sso/oidc/jwks/{}", world.idp)).await.expect(200);
    let names = set["keys"].as_array().unwrap().iter().map(|key| {
        assert!(key["d"].is_null() && key["kty"] == "RSA" && key["e"] == "AQAB", "{key}");
        key["kid"].as_str().unwrap().to_owned()
    });
    names.collect()
}

/// Whether somebody gets in by a provider that others have written.
async fn gets_in(world: &World, who: &str) -> bool {
    let browser = Browser::open(&world.app);
    let start = browser.get(&format!("/sso/oidc/authorize/{}?login_hint={who}", world.idp)).await.leads_to();
    let (back, page) = elder_testkit::Browser::default().go(&start, "http://elder.test/").await;
    let back = back.strip_prefix("http://elder.test").unwrap_or_else(|| panic!("{page}"));
    let got = browser.get(back).await;
    got.status == 303 && got.leads_to() == "/account"
}

#[tokio::test]
async fn a_client_proves_itself_by_a_key_that_the_provider_reads_and_that_is_renewed() {
    let world = World::making_accounts().await;
    own(&world.app, world.app.acme.id, "example.com").await;
    let path = format!("{PATH}/{}", world.idp);
    let secretless = json!({ "oidc_token_endpoint_auth_method": "private_key_jwt" });
    let shown = world.admin.patch(&path, secretless).await.expect(200);
    assert_eq!(shown["has_client_secret"], false);
    let url = shown["oidc_jwks_url"].as_str().unwrap();
    assert_eq!(url, format!("http://elder.test/sso/oidc/jwks/{}", world.idp));
    let read = format!("{}/sso/oidc/jwks/{}", world.app.base, world.idp);
    let clients = json!([{
        "client_id": "elder", "token_endpoint_auth_method": "private_key_jwt", "jwks_uri": read,
        "redirect_uris": ["http://elder.test/sso/oidc/callback"], "grant_types": ["authorization_code"],
    }]);
    let peer = OidcProvider::start(&clients);
    let known = |peer: &OidcProvider| json!({ "oidc_issuer_url": peer.issuer(), "oidc_scopes": ["openid", "email", "profile"] });
    world.admin.patch(&path, known(&peer)).await.expect(200);
    let report = world.admin.post(&format!("{path}/test"), Value::Null).await.expect(200);
    assert_eq!(report["is_good"], true, "{report}");
    assert!(gets_in(&world, "grace").await);

    let first = published(&world).await;
    let step =
        async |step: &str| world.admin.post(&format!("{path}/renew-key"), json!({ "step": step })).await;
    step("switch").await.expect_problem(409, "conflict");
    step("drop").await.expect_problem(409, "conflict");
    let beside = step("publish").await.expect(200);
    let stages = |idp: &Value| -> Vec<String> {
        let all = idp["own_certificates"].as_array().unwrap().iter();
        all.map(|own| own["stage"].as_str().unwrap().to_owned()).collect()
    };
    assert_eq!(stages(&beside), ["current", "next"]);
    step("publish").await.expect_problem(409, "conflict");
    let both = published(&world).await;
    assert_eq!((both.len(), &both[0]), (2, &first[0]));
    assert!(gets_in(&world, "grace").await, "the key of before signs still");
    // This one reads the keys now, and believes them for a minute.
    let peer = OidcProvider::start(&clients);
    world.admin.patch(&path, known(&peer)).await.expect(200);
    assert!(gets_in(&world, "hedy").await);
    assert_eq!(stages(&step("switch").await.expect(200)), ["current", "former"]);
    let switched = published(&world).await;
    assert_eq!((&switched[0], &switched[1]), (&both[1], &both[0]));
    assert!(gets_in(&world, "hedy").await, "the provider has learned of it before");
    assert_eq!(stages(&step("drop").await.expect(200)), ["current"]);
    assert_eq!(published(&world).await, [both[1].clone()]);
    assert!(gets_in(&world, "hedy").await);
    assert_eq!(world.app.audit_count("idp.key_renewed").await, 3);
    let open =
        "select count(*) from idp_configurations where position('PRIVATE' in encode(own_key, 'escape')) > 0";
    assert_eq!(world.app.superuser.query_one(open, &[]).await.unwrap().get::<_, i64>(0), 0);
}

#[tokio::test]
async fn a_client_with_a_key_has_no_secret_and_one_without_shows_no_keys() {
    let world = World::with(json!({})).await;
    assert_eq!(published(&world).await, Vec::<String>::new());
    let both = json!({
        "name": "Both", "oidc_token_endpoint_auth_method": "private_key_jwt", "oidc_client_secret": SECRET,
    });
    let problem = world
        .admin
        .post(PATH, crate::world::body(&world.op, both))
        .await
        .expect_problem(400, "validation_failed");
    assert_eq!(problem["errors"][0]["pointer"], "/oidc_client_secret");
    let renew = format!("{PATH}/{}/renew-key", world.idp);
    world.admin.post(&renew, json!({ "step": "publish" })).await.expect_problem(409, "conflict");
    let limited = world.app.member(world.app.acme.id, Some(elder_access::Role::Maintainer)).await;
    limited.post(&renew, json!({ "step": "publish" })).await.expect_problem(403, "permission_denied");
    world.admin.patch(&format!("{PATH}/{}", world.idp), json!({ "is_active": false })).await.expect(200);
    let gone = format!("/sso/oidc/jwks/{}", world.idp);
    world.app.guest().get(&gone).await.expect_problem(404, "not_found");
}

#[tokio::test]
async fn elders_own_key_in_saml_is_published_beside_the_old_one_then_switched_then_dropped() {
    let world = saml::World::with(json!({})).await;
    let path = format!("{PATH}/{}/renew-key", world.set_up["id"].as_str().unwrap());
    let certificates = async || {
        let metadata = Browser::open(&world.app).get(&world.path("metadata")).await.text;
        let after = metadata.split("<ds:X509Certificate>").skip(1);
        let all: Vec<_> = after.map(|rest| rest.split('<').next().unwrap().to_owned()).collect();
        all[..all.len() / 2].to_vec()
    };
    let old = certificates().await;
    world.admin.post(&path, json!({ "step": "publish" })).await.expect(200);
    let both = certificates().await;
    assert_eq!((both.len(), &both[0]), (2, &old[0]));
    world.sign_in(&saml_idp::ANA).await;
    world.admin.post(&path, json!({ "step": "switch" })).await.expect(200);
    assert_eq!(certificates().await, [both[1].clone(), both[0].clone()]);
    world.sign_in(&saml_idp::ANA).await;
    world.admin.post(&path, json!({ "step": "drop" })).await.expect(200);
    assert_eq!(certificates().await, [both[1].clone()]);
    let browser = Browser::open(&world.app);
    let there = browser.get(&world.path("login")).await.leads_to();
    assert!(saml_idp::is_signed_by(&there, &both[1]), "{there}");
    assert!(!saml_idp::is_signed_by(&there, &both[0]));
}
