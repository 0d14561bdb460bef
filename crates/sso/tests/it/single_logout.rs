//! Signing out by SAML: wishes that are refused, and what a provider answers to those of Elder's.

use chrono::Duration;
use serde_json::json;

use crate::{
    browser::{Browser, Got},
    saml::World,
    saml_idp::{ANA, Asked, SLO, SamlIdp, Somebody},
};

impl World {
    /// Signs out at Elder's page; gives what the provider is asked then.
    async fn sign_out(&self, browser: &Browser) -> Asked {
        browser.get("/account").await;
        let got = browser.submit("/sign-out", &[]).await;
        got.says("Sign out there too").says(SLO);
        let (_, rest) = got.text.split_once("url=").unwrap();
        SamlIdp::asked(&rest.split('"').next().unwrap().replace("&amp;", "&").replace("&#38;", "&"))
    }

    async fn back(&self, query: &str) -> Got {
        Browser::open(&self.app).get(&self.path(&format!("slo?{query}"))).await
    }

    /// Reason of the last event of this kind.
    async fn last(&self, action: &str) -> Option<String> {
        let last = "select reason from audit_logs where action = $1 order by xmin::text::bigint desc limit 1";
        self.app.superuser.query_one(last, &[&action]).await.unwrap().get(0)
    }
}

#[tokio::test]
async fn what_the_provider_answers_to_a_logout_is_read_once_and_said_to_the_person() {
    let world = World::with(json!({ "single_logout": true })).await;
    for (status, said, reason) in [
        ("Success", "nobody is signed in any more", None),
        ("Responder", "could not sign you out everywhere", Some("not_everywhere")),
    ] {
        let browser = world.sign_in(&ANA).await;
        let asked = world.sign_out(&browser).await;
        let before = world.app.audit_count("sso.left").await;
        let answer = world.idp.logout_answer(&world.set_up, &asked, status, world.app.seam.now());
        let got = world.back(&answer).await;
        assert_eq!(got.status, 200, "{}", got.text);
        got.says(said);
        assert_eq!(world.app.audit_count("sso.left").await, before + 1);
        assert_eq!(world.last("sso.left").await.as_deref(), reason);
        // Shown again it says nothing.
        world.back(&answer).await.says("nobody is signed in any more");
        assert_eq!(world.app.audit_count("sso.left").await, before + 1);
    }
}

#[tokio::test]
async fn an_answer_to_a_logout_that_is_not_good_is_refused_and_written_down() {
    let world = World::with(json!({ "single_logout": true })).await;
    let browser = world.sign_in(&ANA).await;
    let asked = world.sign_out(&browser).await;
    let now = world.app.seam.now();
    let other =
        Asked { id: "_another".to_owned(), relay_state: asked.relay_state.clone(), xml: String::new() };
    for (answer, reason) in [
        (SamlIdp::new().logout_answer(&world.set_up, &asked, "Success", now), "signature_invalid"),
        (world.idp.logout_answer(&world.set_up, &other, "Success", now), "in_response_to_mismatch"),
    ] {
        world.back(&answer).await.is_refused();
        assert_eq!(world.last("sso.logout_refused").await.as_deref(), Some(reason));
    }
    // The true one is waited for still, and for ten minutes.
    let answer = world.idp.logout_answer(&world.set_up, &asked, "Success", now);
    world.app.clock.advance(Duration::minutes(10));
    world.back(&answer).await.says("nobody is signed in any more");
    assert_eq!(world.app.audit_count("sso.left").await, 0);
}

#[tokio::test]
async fn a_wish_that_is_refused_is_written_down_with_its_reason() {
    let world = World::with(json!({})).await;
    let browser = world.sign_in(&ANA).await;
    let wish = world.idp.logout(&world.set_up, &ANA, world.app.seam.now());
    let (unsigned, _) = wish.split_once("&SigAlg").unwrap();
    let forged = SamlIdp::new().logout(&world.set_up, &ANA, world.app.seam.now());
    let mut number = String::new();
    for (query, reason) in [(unsigned, "signature_missing"), (&*forged, "signature_invalid")] {
        let got = world.back(query).await;
        got.is_refused();
        assert_eq!(world.last("sso.logout_refused").await.as_deref(), Some(reason));
        let last = "select correlation_id from audit_logs where action = 'sso.logout_refused'
            order by xmin::text::bigint desc limit 1";
        number = world.app.superuser.query_one(last, &[]).await.unwrap().get(0);
        got.says(&number);
    }
    assert!(!number.is_empty() && browser.account().await.is_some());
    world.back(&wish).await.leads_to();
    world.back(&wish).await.is_refused();
    assert_eq!(world.last("sso.logout_refused").await.as_deref(), Some("assertion_replayed"));
}

#[tokio::test]
async fn a_sign_in_without_a_session_of_the_providers_ends_by_the_name_alone_s_27() {
    let world = World::with(json!({})).await;
    let (nameless, bert) = (
        world.sign_in(&ANA).await,
        world.sign_in(&Somebody { name_id: "bert-1", email: "bert@acme.com", groups: &[] }).await,
    );
    let forget = "update sso_sessions set idp_session = null";
    world.app.superuser.execute(forget, &[]).await.unwrap();
    let elsewhere = world.sign_in(&ANA).await;
    let named = "update sso_sessions set idp_session = 's-elsewhere' where idp_session is not null";
    world.app.superuser.execute(named, &[]).await.unwrap();
    world.back(&world.idp.logout(&world.set_up, &ANA, world.app.seam.now())).await.leads_to();
    world.app.clock.advance(Duration::seconds(1));
    assert_eq!(nameless.account().await, None);
    assert!(bert.account().await.is_some(), "another person");
    assert!(elsewhere.account().await.is_some(), "a session that the wish does not name");
}
