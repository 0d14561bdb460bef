//! To a provider and back: who gets in, and who does not.

use chrono::Duration;
use elder_access::Role;
use elder_testkit::{Fault, PASSWORD, SECRET};
use futures_util::future::join_all;
use serde_json::{Value, json};

use crate::{
    browser::{Browser, back_from},
    op::Op,
    world::{World, ana, ana_but, own, set_up},
};

#[tokio::test]
async fn somebody_of_the_tenants_own_domain_gets_an_account_and_is_known_again() {
    let world = World::making_accounts().await;
    let (browser, got) = back_from(&world.app, &world.op, &world.idp, ana()).await;
    assert_eq!(got.leads_to(), "/account");
    assert_eq!(browser.account().await.as_deref(), Some("ana@acme.com"));
    browser.get("/account").await.says("Ana Gruber");
    assert_eq!(world.counts().await, (1, 1, 1));
    assert_eq!(world.app.audit_count("portal_user.registered").await, 1);
    let mails = "select count(*) from mails where kind = 'welcome' and recipient = 'ana@acme.com'";
    assert_eq!(world.app.superuser.query_one(mails, &[]).await.unwrap().get::<_, i64>(0), 1);

    // Her provider gives her another address: she is who she was.
    let moved = ana_but(json!({ "email": "ana.gruber@elsewhere.example", "email_verified": false }));
    let (browser, got) = back_from(&world.app, &world.op, &world.idp, moved).await;
    assert_eq!(got.leads_to(), "/account");
    assert_eq!(browser.account().await.as_deref(), Some("ana@acme.com"));
    assert_eq!(world.counts().await, (1, 1, 2));
    let shown = world.admin.get(&format!("/api/v2/identity-providers/{}", world.idp)).await.expect(200);
    assert!(shown["last_login_at"].is_string() && shown["last_error"].is_null(), "{shown}");
}

#[tokio::test]
async fn the_person_goes_on_to_what_they_came_for() {
    let world = World::making_accounts().await;
    world.op.says(ana());
    let browser = Browser::open(&world.app);
    let back = browser.go(&world.idp, "?for=security&login_hint=ana%40acme.com").await;
    assert_eq!(browser.get(&back).await.leads_to(), "/account/security");
    let there =
        browser.get(&format!("/sso/oidc/authorize/{}?for=security&login_hint=a%40b.c", world.idp)).await;
    let there = there.leads_to();
    assert!(there.contains("login_hint=a%40b.c") && there.contains("prompt=login"), "{there}");
}

#[tokio::test]
async fn o_01_an_answer_counts_in_the_browser_that_waits_for_it_once_and_for_ten_minutes() {
    let world = World::making_accounts().await;
    world.op.says(ana());
    world.op.fault(Fault::LastingCodes);
    let browser = Browser::open(&world.app);
    let back = browser.go(&world.idp, "").await;
    let victim = Browser::open(&world.app);
    victim.get(&back).await.is_refused().says("began in another browser");
    assert_eq!(victim.account().await, None);

    // A browser with a sign-in of its own takes no other's answer, and still awaits its own.
    let own = victim.go(&world.idp, "").await;
    victim.get(&back).await.is_refused();
    assert_eq!(world.reason().await, "state_mismatch");
    assert_eq!(victim.get(&own).await.leads_to(), "/account");

    // The browser's cookie is taken away with the answer; brought along again, it opens nothing.
    let cookie = browser.cookie("elder-sso").unwrap();
    assert_eq!(browser.get(&back).await.leads_to(), "/account");
    assert_eq!(browser.cookie("elder-sso"), None);
    browser.set_cookie("elder-sso", &cookie);
    browser.get(&back).await.is_refused();

    let late = Browser::open(&world.app);
    let back = late.go(&world.idp, "").await;
    world.app.clock.advance(Duration::minutes(10));
    late.get(&back).await.is_refused();
    assert_eq!(world.counts().await, (1, 1, 2));
}

#[tokio::test]
async fn s_20_of_many_who_bring_the_same_answer_at_once_one_gets_in() {
    let world = World::making_accounts().await;
    world.op.says(ana());
    // A provider that takes a code again: Elder alone sees to it that an answer counts once.
    world.op.fault(Fault::LastingCodes);
    let browser = Browser::open(&world.app);
    let back = browser.go(&world.idp, "").await;
    let cookie = browser.cookie("elder-sso").unwrap();
    let node = world.app.another_node().await;
    let tries = (0..50).map(|place| {
        let other = Browser::at(if place % 2 == 0 { &world.app.base } else { &node.base });
        other.set_cookie("elder-sso", &cookie);
        let back = &back;
        async move { other.get(back).await.status }
    });
    let statuses = join_all(tries).await;
    assert_eq!(statuses.iter().filter(|status| **status == 303).count(), 1, "{statuses:?}");
    assert_eq!(world.counts().await, (1, 1, 1));
}

#[tokio::test]
async fn d_06_whoever_comes_by_two_browsers_at_once_for_the_first_time_gets_one_account() {
    let world = World::making_accounts().await;
    world.op.says(ana());
    let browsers: Vec<_> = (0..4).map(|_| Browser::open(&world.app)).collect();
    let mut backs = Vec::new();
    for browser in &browsers {
        backs.push(browser.go(&world.idp, "").await);
    }
    let arriving = browsers.iter().zip(&backs).map(|(browser, back)| browser.get(back));
    for got in join_all(arriving).await {
        assert_eq!(got.leads_to(), "/account");
    }
    assert_eq!(world.counts().await, (1, 1, 4));
}

#[tokio::test]
async fn what_the_provider_gets_wrong_lets_nobody_in_and_is_written_down() {
    let world = World::making_accounts().await;
    for (token, reason) in [
        (json!({ "nonce": "another" }), "nonce_mismatch"),
        (json!({ "nonce": null }), "nonce_mismatch"),
        (json!({ "aud": "another" }), "audience_mismatch"),
        (json!({ "iss": "https://another.example" }), "issuer_mismatch"),
        (json!({ "exp": 1 }), "token_expired"),
        (json!({ "sub": "" }), "subject_invalid"),
    ] {
        world.op.fault(Fault::Claims(token.clone()));
        let (browser, got) = back_from(&world.app, &world.op, &world.idp, ana()).await;
        got.is_refused().says("Signing in with Acme Login did not work");
        let noted = world.reason().await;
        assert!(
            noted == reason || (token["nonce"].is_null() && noted == "claim_missing"),
            "{token}: {noted}"
        );
        assert_eq!(browser.account().await, None);
    }
    world.op.fault(None);
    let shown = world.admin.get(&format!("/api/v2/identity-providers/{}", world.idp)).await.expect(200);
    assert_eq!(shown["last_error"], "subject_invalid");
    assert_eq!(world.counts().await, (0, 0, 0));
    back_from(&world.app, &world.op, &world.idp, ana()).await.1.leads_to();
}

#[tokio::test]
async fn o_24_nothing_that_comes_with_an_error_is_shown_and_who_is_signed_in_stays_so() {
    let world = World::making_accounts().await;
    let (browser, _) = back_from(&world.app, &world.op, &world.idp, ana()).await;
    world.op.fault(Fault::Callback(json!({
        "code": null, "error": "access_denied", "error_description": "<script>alert(1)</script>",
    })));
    let got = browser.sign_in(&world.idp).await;
    got.is_refused().says("not allowed or not completed");
    assert!(!got.text.contains("alert(1)"), "{}", got.text);
    assert_eq!(world.reason().await, "access_denied");
    assert_eq!(browser.account().await.as_deref(), Some("ana@acme.com"));
    // The number on the page is the event's.
    let number = "select correlation_id from audit_logs where action = 'sso.sign_in_failed'";
    let number: String = world.app.superuser.query_one(number, &[]).await.unwrap().get(0);
    got.says(&number);
}

#[tokio::test]
async fn r_11_a_provider_that_is_down_is_said_to_be_and_others_go_on() {
    let world = World::making_accounts().await;
    let other = Op::start();
    let up = set_up(&world.admin, &other, json!({ "name": "Other", "jit_provisioning_enabled": true })).await;
    world.op.fault(Fault::Says("/.well-known/openid-configuration", 500, String::new()));
    let browser = Browser::open(&world.app);
    let got = browser.get(&format!("/sso/oidc/authorize/{}", world.idp)).await;
    got.is_refused().says("did not work");
    assert_eq!(world.reason().await, "answer_status");
    let (_, got) = back_from(&world.app, &other, &up, ana()).await;
    assert_eq!(got.leads_to(), "/account");
}

#[tokio::test]
async fn p_17_the_tenants_policy_of_second_factors_is_asked_after_a_provider_too() {
    let world = World::making_accounts().await;
    let required = json!({ "settings": { "mfa": { "required": "everyone", "grace_days": 0 } } });
    world.admin.patch("/api/v2/tenant", required).await.expect(200);
    let (browser, got) = back_from(&world.app, &world.op, &world.idp, ana()).await;
    assert_eq!(got.status, 200);
    got.says("Set up a second factor");
    assert_eq!(browser.account().await, None);

    // A second factor that the provider has seen counts if the tenant says so.
    let seen = ana_but(json!({ "amr": ["pwd", "mfa"] }));
    let (browser, _) = back_from(&world.app, &world.op, &world.idp, seen.clone()).await;
    assert_eq!(browser.account().await, None);
    let path = format!("/api/v2/identity-providers/{}", world.idp);
    world.admin.patch(&path, json!({ "trusts_mfa": true })).await.expect(200);
    let (browser, got) = back_from(&world.app, &world.op, &world.idp, seen).await;
    assert_eq!(got.leads_to(), "/account");
    assert_eq!(browser.account().await.as_deref(), Some("ana@acme.com"));
    let (browser, _) = back_from(&world.app, &world.op, &world.idp, ana()).await;
    assert_eq!(browser.account().await, None);
}

#[tokio::test]
async fn p_29_what_is_switched_off_lets_nobody_in() {
    let world = World::making_accounts().await;
    back_from(&world.app, &world.op, &world.idp, ana()).await.1.leads_to();
    let path = format!("/api/v2/identity-providers/{}", world.idp);
    let users = world.admin.get("/api/v2/users?filter=email%20eq%20%22ana@acme.com%22").await.expect(200);
    let user = format!("/api/v2/users/{}", users["data"][0]["id"].as_str().unwrap());

    // The provider, also while somebody is there.
    let browser = Browser::open(&world.app);
    let back = browser.go(&world.idp, "").await;
    world.admin.patch(&path, json!({ "is_active": false })).await.expect(200);
    browser.get(&back).await.is_refused();
    assert_eq!(world.reason().await, "idp_inactive");
    assert_eq!(browser.get(&format!("/sso/oidc/authorize/{}", world.idp)).await.status, 404);
    world.admin.patch(&path, json!({ "is_active": true })).await.expect(200);

    // The account.
    world.admin.post(&format!("{user}/deactivate"), Value::Null).await.expect(200);
    let (browser, got) = back_from(&world.app, &world.op, &world.idp, ana()).await;
    got.is_refused().says("may not sign in here");
    assert_eq!(browser.account().await, None);
    world.admin.post(&format!("{user}/activate"), Value::Null).await.expect(200);
    back_from(&world.app, &world.op, &world.idp, ana()).await.1.leads_to();

    // The tenant.
    let browser = Browser::open(&world.app);
    let back = browser.go(&world.idp, "").await;
    let close = "update tenants set is_active = $2 where id = $1";
    world.app.superuser.execute(close, &[&world.app.acme.id.0, &false]).await.unwrap();
    browser.get(&back).await.is_refused();
    assert_eq!(browser.get(&format!("/sso/oidc/authorize/{}", world.idp)).await.status, 404);
}

#[tokio::test]
async fn o_20_a_change_of_the_issuer_while_somebody_is_there_lets_nobody_in_as_who_was_known() {
    let world = World::making_accounts().await;
    back_from(&world.app, &world.op, &world.idp, ana()).await.1.leads_to();
    let other = Op::start();
    let path = format!("/api/v2/identity-providers/{}", world.idp);
    let changed = json!({ "oidc_issuer_url": other.issuer, "oidc_client_secret": SECRET });
    world.admin.patch(&path, changed).await.expect(200);
    // The subject of another issuer is another person, whatever address they have.
    let (browser, got) = back_from(&world.app, &other, &world.idp, ana()).await;
    got.is_refused();
    assert_eq!(world.reason().await, "account_exists");
    assert_eq!(browser.account().await, None);
}

#[tokio::test]
async fn s_29_the_provider_of_one_tenant_can_do_nothing_in_another() {
    let world = World::making_accounts().await;
    let globex = world.app.other_tenant().await;
    own(&world.app, world.app.globex.id, "globex.com").await;
    let ceo = json!({ "email": "ceo@globex.com", "password": PASSWORD, "full_name": "C. E. O." });
    globex.post("/api/v2/users", ceo).await.expect(201);
    let settings = json!({ "name": "Evil", "jit_provisioning_enabled": true, "conflicts": "link" });
    let evil = set_up(&world.admin, &world.op, settings).await;
    let before = world.counts().await;
    for claims in [
        ana_but(json!({ "sub": "ceo", "email": "ceo@globex.com" })),
        ana_but(json!({ "sub": "new", "email": "new@globex.com" })),
        ana_but(json!({ "sub": "stranger", "email": "stranger@example.org" })),
    ] {
        let (browser, got) = back_from(&world.app, &world.op, &evil, claims).await;
        got.is_refused();
        assert_eq!(world.reason().await, "domain_unverified");
        assert_eq!(browser.account().await, None);
    }
    assert_eq!(world.counts().await, before);

    // The same subject at a provider of the same issuer in another tenant is somebody else there.
    back_from(&world.app, &world.op, &world.idp, ana()).await.1.leads_to();
    let theirs = set_up(&globex, &world.op, json!({ "jit_provisioning_enabled": true })).await;
    back_from(&world.app, &world.op, &theirs, ana()).await.1.is_refused();
    assert_eq!(world.reason().await, "domain_unverified");

    // What began at one provider does not end at another.
    world.op.says(ana());
    let browser = Browser::open(&world.app);
    let of_acme = browser.go(&world.idp, "").await;
    let cookie = browser.cookie("elder-sso").unwrap();
    browser.go(&theirs, "").await;
    browser.get(&of_acme).await.is_refused();
    assert_eq!(world.reason().await, "state_mismatch");
    browser.set_cookie("elder-sso", &cookie);
    assert_eq!(browser.get(&of_acme).await.leads_to(), "/account");
}

#[tokio::test]
async fn nobody_below_an_admin_sees_how_people_sign_in() {
    let world = World::making_accounts().await;
    let maintainer = world.app.member(world.app.acme.id, Some(Role::Maintainer)).await;
    maintainer.get("/api/v2/identity-providers").await.expect_problem(403, "permission_denied");
}
