//! The keys that sign access tokens: replaced without anybody noticing, and revoked so that everybody does.

use chrono::Duration;
use elder_access::{
    signing_keys::{self, KeysStay},
    work::Shell,
};
use elder_testkit::{Actor, Node, PASSWORD, TestApp};
use serde_json::json;

use crate::people::{create, holder, login};

/// Two nodes over one database, and somebody who can sign in.
struct Stage {
    app: TestApp,
    other: Node,
}

impl Stage {
    async fn set() -> Self {
        let app = TestApp::start().await;
        create(&app.tenant_admin().await, "ana@acme.com").await;
        let other = app.another_node().await;
        Self { app, other }
    }

    /// What each node does a few times a minute.
    async fn refresh(&self) {
        for worker in [&self.app.worker, &self.other.worker] {
            signing_keys::refresh(worker).await.unwrap();
        }
    }

    /// Somebody with a new token, and what its header is: it names the key.
    async fn sign_in(&self) -> (Actor, String) {
        let tokens = login(&self.app, "ana@acme.com", PASSWORD, Some("acme")).await.expect(200);
        let header = tokens["access_token"].as_str().unwrap().split('.').next().unwrap().to_owned();
        (holder(&self.app, &tokens).0, header)
    }

    /// What both nodes say to a token.
    async fn answers(&self, ana: &Actor) -> [u16; 2] {
        let there = self.other.called_by(ana);
        [ana.get("/api/v2/me").await.status, there.get("/api/v2/me").await.status]
    }

    async fn published(&self) -> usize {
        let answer = self.app.guest().get("/.well-known/jwks.json").await.expect(200);
        answer["keys"].as_array().map_or(0, Vec::len)
    }
}

#[tokio::test]
async fn p_34_while_keys_rotate_no_good_token_is_refused() {
    let stage = Stage::set().await;
    let job = stage.app.worker.job::<Shell>();
    let (_, old) = stage.sign_in().await;
    let next = signing_keys::rotate(&job).await.unwrap();
    stage.refresh().await;
    assert_eq!(stage.published().await, 2);
    let again = signing_keys::rotate(&job).await;
    assert!(matches!(again, Err(KeysStay::UnderWay(kid, _)) if kid == next.kid));

    stage.app.clock.advance(Duration::minutes(14));
    let (last, signed_by) = stage.sign_in().await;
    assert_eq!(signed_by, old);
    stage.app.clock.advance(Duration::minutes(1));
    let (first, signed_by) = stage.sign_in().await;
    assert_ne!(signed_by, old);
    for ana in [&last, &first] {
        assert_eq!(stage.answers(ana).await, [200, 200]);
    }
    // The last token of the old key ends after ten minutes, the key a minute later.
    stage.app.clock.advance(Duration::seconds(11 * 60 - 1));
    assert_eq!(stage.published().await, 2);
    stage.app.clock.advance(Duration::seconds(1));
    assert_eq!(stage.published().await, 1);
    assert_eq!(stage.app.audit_count("platform.signing_key_created").await, 2);
}

#[tokio::test]
async fn p_34_what_a_revoked_key_signed_is_refused_on_every_node_and_sessions_go_on() {
    let stage = Stage::set().await;
    let job = stage.app.worker.job::<Shell>();
    let tokens = login(&stage.app, "ana@acme.com", PASSWORD, Some("acme")).await.expect(200);
    let (ana, _) = holder(&stage.app, &tokens);
    // Both nodes remember the token as a good one.
    assert_eq!(stage.answers(&ana).await, [200, 200]);
    let [leaked] = signing_keys::all(&job).await.unwrap().try_into().unwrap();
    signing_keys::revoke(&job, &leaked.kid).await.unwrap();
    stage.refresh().await;
    assert_eq!(stage.answers(&ana).await, [401, 401]);
    let [successor] = signing_keys::all(&job).await.unwrap().try_into().unwrap();
    assert_ne!(successor.kid, leaked.kid);

    let renewed = json!({ "refresh_token": tokens["refresh_token"] });
    let renewed = stage.app.guest().post("/api/v2/auth/refresh", renewed).await.expect(200);
    let ana = ana.with_token(renewed["access_token"].as_str().unwrap());
    assert_eq!(stage.answers(&ana).await, [200, 200]);
    let again = signing_keys::revoke(&job, &leaked.kid).await;
    assert!(matches!(again, Err(KeysStay::Unknown(kid)) if kid == leaked.kid));
    assert_eq!(stage.app.audit_count("platform.signing_key_revoked").await, 1);
}

#[tokio::test]
async fn a_key_is_replaced_once_it_is_old() {
    let stage = Stage::set().await;
    let rotate = async |worker| signing_keys::rotate_if_older(worker, Duration::days(90)).await.unwrap();
    assert_eq!(rotate(&stage.app.worker).await, None);
    stage.app.clock.advance(Duration::days(90));
    let (one, two) = tokio::join!(rotate(&stage.app.worker), rotate(&stage.other.worker));
    assert_eq!([&one, &two].map(Option::is_some).iter().filter(|made| **made).count(), 1, "{one:?} {two:?}");
    assert_eq!(rotate(&stage.app.worker).await, None);
}
