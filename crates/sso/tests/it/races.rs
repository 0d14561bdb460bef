//! Fifty at once at two nodes that share a database: trials, and sign-ins by one provider.

use std::collections::BTreeMap;

use elder_testkit::{Fault, Node};
use futures_util::future::join_all;
use serde_json::{Value, json};

use crate::{
    browser::{Browser, Got},
    world::{World, ana, ana_but},
};

const MANY: usize = 50;

/// Fifty browsers, every other one of which goes to the second node.
fn browsers(world: &World, node: &Node) -> Vec<Browser> {
    let base = |place: usize| if place.is_multiple_of(2) { &world.app.base } else { &node.base };
    (0..MANY).map(|place| Browser::at(base(place))).collect()
}

/// How many of the answers have a status.
fn count(answers: &[Got], status: u16) -> usize {
    answers.iter().filter(|got| got.status == status).count()
}

/// The page with which a trial begins, as a path.
async fn trial(world: &World) -> String {
    let path = format!("/api/v2/identity-providers/{}/test-sign-in", world.idp);
    let trial = world.admin.post(&path, json!(null)).await.expect(201);
    trial["url"].as_str().unwrap().strip_prefix("http://elder.test").unwrap().to_owned()
}

#[tokio::test]
async fn of_many_who_begin_the_same_trial_at_once_one_is_sent_to_the_provider() {
    let world = World::making_accounts().await;
    let node = world.app.another_node().await;
    let url = trial(&world).await;
    let browsers = browsers(&world, &node);
    let answers = join_all(browsers.iter().map(|browser| browser.get(&url))).await;
    assert_eq!((count(&answers, 303) + count(&answers, 302), count(&answers, 403)), (1, MANY - 1));
    assert_eq!(world.app.audit_count("sso.begun").await, 1);
}

#[tokio::test]
async fn s_20_of_many_who_bring_the_answer_of_a_trial_at_once_one_sees_it() {
    let world = World::making_accounts().await;
    let node = world.app.another_node().await;
    world.op.says(ana());
    world.op.fault(Fault::LastingCodes);
    let first = Browser::open(&world.app);
    let there = first.get(&trial(&world).await).await.leads_to();
    let back = first.follow(&there).await;
    let cookie = first.cookie("elder-sso").unwrap();
    let browsers = browsers(&world, &node);
    for browser in &browsers {
        browser.set_cookie("elder-sso", &cookie);
    }
    let answers = join_all(browsers.iter().map(|browser| browser.get(&back))).await;
    assert_eq!((count(&answers, 200), count(&answers, 403)), (1, MANY - 1));
    assert_eq!(world.app.audit_count("sso.tried").await, 1);
    assert_eq!(world.counts().await, (0, 0, 0), "nobody is signed in, and nothing was made");
}

/// Browsers that are back from the provider, and the ways by which they come in.
async fn back_as_many(world: &World, node: &Node) -> Vec<(Browser, String)> {
    world.op.says(ana());
    let mut all = Vec::new();
    for browser in browsers(world, node) {
        let back = browser.go(&world.idp, "").await;
        all.push((browser, back));
    }
    all
}

#[tokio::test]
async fn d_06_whoever_comes_by_many_browsers_at_once_gets_one_account_and_the_provider_is_noted_to_work() {
    let world = World::making_accounts().await;
    let node = world.app.another_node().await;
    let all = back_as_many(&world, &node).await;
    let answers = join_all(all.iter().map(|(browser, back)| browser.get(back))).await;
    assert_eq!(count(&answers, 303), MANY);
    assert_eq!(world.counts().await, (1, 1, 50));
    let shown = world.admin.get(&format!("/api/v2/identity-providers/{}", world.idp)).await.expect(200);
    assert!(shown["last_login_at"].is_string() && shown["last_error"].is_null(), "{shown}");
}

#[tokio::test]
async fn d_06_of_pushes_and_sign_ins_of_one_person_at_once_comes_one_account_as_the_directory_describes_it() {
    let world = World::with(json!({ "jit_provisioning_enabled": true, "conflicts": "link" })).await;
    let node = world.app.another_node().await;
    let (directory, provider) = world.app.directory().await;
    let pushers = [provider.clone(), node.called_by(&provider)];
    let user = json!({
        "schemas": ["urn:ietf:params:scim:schemas:core:2.0:User"], "userName": "ana@acme.com",
        "displayName": "Ana of the directory",
    });
    let push = async |place: usize| pushers[place % 2].post("/scim/v2/Users", user.clone()).await.status;
    let all = back_as_many(&world, &node).await;
    let come = all.iter().take(MANY / 2).map(|(browser, back)| browser.get(back));
    let (let_in, mut pushed) = tokio::join!(join_all(come), join_all((0..MANY / 2).map(push)));
    assert_eq!(count(&let_in, 303), MANY / 2);
    // All may have met a sign-in that was there first by a moment; a provider sends again.
    pushed.push(push(0).await);
    let mut by_status = BTreeMap::<u16, usize>::new();
    for status in pushed {
        *by_status.entry(status).or_default() += 1;
    }
    assert_eq!(by_status, BTreeMap::from([(201, 1), (409, MANY / 2)]));
    assert_eq!(world.counts().await, (1, 1, 25));
    let found = "/api/v2/users?filter=email%20eq%20%22ana%40acme.com%22";
    let described = async || world.admin.get(found).await.expect(200)["data"][0].clone();
    let account = described().await;
    assert_eq!(account["managed_by"], json!(directory));
    assert_eq!(account["full_name"], "Ana of the directory");
    world.op.says(ana_but(json!({ "name": "Ana of the provider" })));
    let later = Browser::open(&world.app);
    assert_eq!(later.sign_in(&world.idp).await.status, 303);
    assert_eq!(described().await["full_name"], "Ana of the directory");
}

#[tokio::test]
async fn p_29_a_provider_that_is_switched_off_among_many_lets_in_nobody_who_comes_later() {
    let world = World::making_accounts().await;
    let node = world.app.another_node().await;
    let all = back_as_many(&world, &node).await;
    let path = format!("/api/v2/identity-providers/{}", world.idp);
    let (early, late) = all.split_at(MANY / 2);
    let off = world.admin.patch(&path, json!({ "is_active": false }));
    let (early, off) = tokio::join!(join_all(early.iter().map(|(browser, back)| browser.get(back))), off);
    off.expect(200);
    let late = join_all(late.iter().map(|(browser, back)| browser.get(back))).await;
    assert_eq!(count(&late, 403), late.len());
    // 401: the provider's word was good, and gone when the session was to begin.
    let let_in = count(&early, 303);
    let refused = count(&early, 403) + count(&early, 401);
    assert_eq!(let_in + refused, early.len(), "in or refused, and nothing between");
    assert_eq!(usize::try_from(world.counts().await.2).unwrap(), let_in);
    let alive = "select count(*) from sessions where browser_hash is not null and ended_at is null";
    let alive: i64 = world.app.superuser.query_one(alive, &[]).await.unwrap().get(0);
    assert_eq!(alive, 0, "who was let in before is signed out");
    let told = "select (metadata->>'sessions_ended')::bigint from audit_logs where action = 'idp.updated'";
    let told: i64 = world.app.superuser.query_one(told, &[]).await.unwrap().get(0);
    assert_eq!(usize::try_from(told).unwrap(), let_in);
    let reasons = "select coalesce(jsonb_agg(distinct reason), '[]') from audit_logs where action = 'sso.sign_in_failed'";
    let reasons: Value = world.app.superuser.query_one(reasons, &[]).await.unwrap().get(0);
    assert_eq!(reasons, json!(["idp_inactive"]));
}
