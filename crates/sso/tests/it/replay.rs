//! An answer is good once, in the browser that it was written for, for the provider that has written it, as that was set up.

use elder_crypto::{OpaqueToken, TokenKind};
use elder_kernel::Seam;
use elder_testkit::{Options, RedisServer, TestApp};
use futures_util::future::join_all;
use serde_json::json;

use crate::{
    browser::Browser,
    saml::World,
    saml_idp::{ANA, SamlIdp},
};

/// A browser whose answer was taken in, and that is to come with its cookie now.
async fn brought(world: &World) -> (Browser, String) {
    let browser = Browser::open(&world.app);
    let brought = world.go(&browser, &ANA).await;
    let on = world.bring(&browser, &brought).await.leads_to();
    (browser, on)
}

#[tokio::test]
async fn s_20_of_many_who_come_with_the_same_cookie_at_once_one_gets_in() {
    let world = World::with(json!({})).await;
    let (browser, on) = brought(&world).await;
    let cookie = browser.cookie("elder-sso").unwrap();
    let node = world.app.another_node().await;
    let tries = (0..50).map(|place| {
        let other = Browser::at(if place % 2 == 0 { &world.app.base } else { &node.base });
        other.set_cookie("elder-sso", &cookie);
        let on = &on;
        async move { other.get(on).await.status }
    });
    let statuses = join_all(tries).await;
    assert_eq!(statuses.iter().filter(|status| **status == 303).count(), 1, "{statuses:?}");
    assert_eq!(world.sessions().await, 1);
}

#[tokio::test]
async fn s_21_a_cookie_that_names_a_sign_in_and_not_its_secret_opens_nothing() {
    let world = World::with(json!({})).await;
    let (browser, on) = brought(&world).await;
    let id = "select id from sso_requests where used_at is null";
    let id = world.app.superuser.query_one(id, &[]).await.unwrap().get(0);
    let (made_up, _) =
        OpaqueToken::mint(TokenKind::SingleSignOn, world.app.acme.id, id, &Seam::system().random);
    let stranger = Browser::open(&world.app);
    stranger.set_cookie("elder-sso", made_up.expose());
    stranger.get(&on).await.is_refused();
    assert_eq!((stranger.account().await, world.sessions().await), (None, 0));
    assert_eq!(browser.get(&on).await.leads_to(), "/account");
}

#[tokio::test]
async fn s_28_an_answer_that_was_taken_in_for_one_provider_is_none_at_the_address_of_another() {
    let world = World::with(json!({})).await;
    let second = world.idp.by_hand(&json!({ "name": "The same again" }));
    let second = crate::saml_idp::set_up(&world.admin, second).await;
    let (browser, on) = brought(&world).await;
    let elsewhere = format!("/sso/saml/{}/acs", second["id"].as_str().unwrap());
    browser.get(&elsewhere).await.is_refused();
    assert_eq!((browser.account().await, world.sessions().await), (None, 0));
    // The refusal has taken the browser's cookie.
    browser.get(&on).await.is_refused();
}

#[tokio::test]
async fn p_29_a_provider_that_changes_while_somebody_is_on_the_way_lets_nobody_in() {
    let world = World::with(json!({})).await;
    let (browser, on) = brought(&world).await;
    let path = format!("/api/v2/identity-providers/{}", world.set_up["id"].as_str().unwrap());
    world.admin.patch(&path, json!({ "name": "Another" })).await.expect(200);
    browser.get(&on).await.is_refused();
    assert_eq!((browser.account().await, world.sessions().await), (None, 0));
}

#[tokio::test]
async fn s_21_of_many_answers_to_one_request_at_once_one_is_taken() {
    let world = World::with(json!({})).await;
    let (browser, node) = (Browser::open(&world.app), world.app.another_node().await);
    let asked = SamlIdp::asked(&browser.get(&world.path("login")).await.leads_to());
    let now = world.app.seam.now();
    let tries = (0..50).map(|place| {
        let other = Browser::at(if place % 2 == 0 { &world.app.base } else { &node.base });
        let answer = world.idp.answer(&world.set_up, Some(&asked.id), &ANA, now);
        let brought = (answer, asked.relay_state.clone());
        let world = &world;
        async move { world.bring(&other, &brought).await.status }
    });
    let statuses = join_all(tries).await;
    assert_eq!(statuses.iter().filter(|status| **status == 303).count(), 1, "{statuses:?}");
    assert_eq!(world.app.audit_count("sso.answered").await, 1);
    assert_eq!(browser.get(&world.path("acs")).await.leads_to(), "/account");
    assert_eq!(world.sessions().await, 1);
}

#[tokio::test]
async fn s_20_an_emptied_redis_makes_no_assertion_good_again() {
    let redis = RedisServer::start();
    let options = Options { redis: Some(redis.url()), ..Options::default() };
    let world = World::over(TestApp::start_with(options).await, json!({})).await;
    let browser = Browser::open(&world.app);
    let brought = world.go(&browser, &ANA).await;
    let on = world.bring(&browser, &brought).await.leads_to();
    assert_eq!(redis.command(&["FLUSHALL"]), "OK");
    world.bring(&Browser::open(&world.app), &brought).await.is_refused();
    assert_eq!(browser.get(&on).await.leads_to(), "/account");
    assert_eq!(redis.command(&["FLUSHALL"]), "OK");
    world.bring(&browser, &brought).await.is_refused();
    browser.get(&on).await.is_refused();
    assert_eq!(world.sessions().await, 1);
}
