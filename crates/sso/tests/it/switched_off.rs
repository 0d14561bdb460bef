//! What becomes of sessions, and of sign-ins that are under way, when their provider is switched off or deleted (P-29).

use std::{
    sync::{Arc, Barrier},
    time::Duration,
};

use elder_testkit::Fault;
use serde_json::{Value, json};
use tokio::time::sleep;

use crate::{
    browser::{Browser, back_from},
    session::application,
    world::{World, ana, ana_but, set_up},
};

/// How long a node may believe what it has read.
const BELIEVED: Duration = Duration::from_secs(1);

fn path(idp: &str) -> String {
    format!("/api/v2/identity-providers/{idp}")
}

/// What the last event of this name says of sessions.
async fn sessions_ended(world: &World, action: &str) -> Value {
    let told = "select coalesce(metadata->'sessions_ended', 'null') from audit_logs where action = $1
        order by xmin::text::bigint desc limit 1";
    world.app.superuser.query_one(told, &[&action]).await.unwrap().get(0)
}

async fn end_at_every_node(is_deleted: bool) {
    let world = World::making_accounts().await;
    let node = world.app.another_node().await;
    let second = json!({ "name": "Second", "jit_provisioning_enabled": true });
    let second = set_up(&world.admin, &world.op, second).await;
    let bert = ana_but(json!({ "sub": "bert-1", "email": "bert@acme.com" }));
    let (bert, _) = back_from(&world.app, &world.op, &second, bert).await;
    let (here, _) = back_from(&world.app, &world.op, &world.idp, ana()).await;
    let there = Browser::at(&node.base);
    assert_eq!(there.sign_in(&world.idp).await.leads_to(), "/account");
    let program = application(&world, &here).await;
    let far = node.called_by(&program);
    for actor in [&program, &far] {
        actor.get("/api/v2/me").await.expect(200);
    }
    assert!(here.account().await.is_some() && there.account().await.is_some());

    let action = if is_deleted {
        world.admin.delete(&path(&world.idp)).await.expect(204);
        "idp.deleted"
    } else {
        world.admin.patch(&path(&world.idp), json!({ "is_active": false })).await.expect(200);
        "idp.updated"
    };
    sleep(BELIEVED).await;
    for actor in [&program, &far] {
        actor.get("/api/v2/me").await.expect_problem(401, "unauthenticated");
    }
    assert_eq!((here.account().await, there.account().await), (None, None));
    assert_eq!(sessions_ended(&world, action).await, json!(3));
    let reasons = "select jsonb_agg(distinct end_reason) from sessions where ended_at is not null";
    let reasons: Value = world.app.superuser.query_one(reasons, &[]).await.unwrap().get(0);
    assert_eq!(reasons, json!(["provider_gone"]));
    // Those of another provider, and of a password, go on.
    assert_eq!(bert.account().await.as_deref(), Some("bert@acme.com"));
    node.called_by(&world.admin).get("/api/v2/me").await.expect(200);
}

#[tokio::test]
async fn p_29_sessions_end_at_every_node_within_a_second_when_their_provider_is_switched_off() {
    end_at_every_node(false).await;
}

#[tokio::test]
async fn p_29_sessions_end_at_every_node_within_a_second_when_their_provider_is_deleted() {
    end_at_every_node(true).await;
}

#[tokio::test]
async fn sessions_end_by_a_change_to_inactive_and_by_no_other_and_do_not_come_back() {
    let world = World::making_accounts().await;
    let operator = world.app.operator().await;
    let (browser, _) = back_from(&world.app, &world.op, &world.idp, ana()).await;
    world.admin.patch(&path(&world.idp), json!({ "name": "Another" })).await.expect(200);
    assert_eq!(sessions_ended(&world, "idp.updated").await, Value::Null);
    assert!(browser.account().await.is_some());

    let global = format!("/api/v2/global/identity-providers/{}", world.idp);
    operator.patch(&global, json!({ "is_active": false })).await.expect(200);
    assert_eq!(sessions_ended(&world, "idp.updated").await, json!(1));
    world.admin.patch(&path(&world.idp), json!({ "is_active": true })).await.expect(200);
    assert_eq!(browser.account().await, None);
    assert_eq!(browser.sign_in(&world.idp).await.leads_to(), "/account");
    assert_eq!(browser.account().await.as_deref(), Some("ana@acme.com"));
    // A batch does as the single routes do.
    let delete = json!({ "atomic": true, "operations": [{ "op": "delete", "id": world.idp }] });
    let done = world.admin.post("/api/v2/identity-providers/batch", delete).await.expect(200);
    assert_eq!(sessions_ended(&world, "idp.deleted").await, json!(1), "{done}");
    assert_eq!(browser.account().await, None);
}

#[tokio::test]
async fn p_29_who_waits_for_a_second_factor_has_nothing_to_come_in_by_any_more() {
    let world = World::making_accounts().await;
    let required = json!({ "settings": { "mfa": { "required": "everyone", "grace_days": 0 } } });
    world.admin.patch("/api/v2/tenant", required).await.expect(200);
    let (browser, got) = back_from(&world.app, &world.op, &world.idp, ana()).await;
    got.says("Set up a second factor");
    let waiting = "select count(*) from login_flows where ended_at is null";
    let count = async || -> i64 { world.app.superuser.query_one(waiting, &[]).await.unwrap().get(0) };
    assert_eq!(count().await, 1);
    world.admin.patch(&path(&world.idp), json!({ "is_active": false })).await.expect(200);
    assert_eq!((count().await, browser.account().await), (0, None));
}

#[tokio::test]
async fn p_29_a_provider_that_changes_while_it_is_being_asked_lets_nobody_in() {
    for change in [json!({ "is_active": false }), json!({ "name": "Another" })] {
        let world = World::making_accounts().await;
        world.op.says(ana());
        let browser = Browser::open(&world.app);
        let back = browser.go(&world.idp, "").await;
        let gate = Arc::new(Barrier::new(2));
        world.op.fault(Fault::Awaits("/token", Arc::clone(&gate)));
        let changing = async {
            while world.op.asked("/token") == 0 {
                sleep(Duration::from_millis(10)).await;
            }
            world.admin.patch(&path(&world.idp), change.clone()).await.expect(200);
            tokio::task::spawn_blocking(move || gate.wait()).await.unwrap();
        };
        let (got, ()) = tokio::join!(browser.get(&back), changing);
        got.is_refused();
        assert_eq!(world.reason().await, "idp_inactive", "{change}");
        assert_eq!((world.counts().await, browser.account().await), ((0, 0, 0), None));
        let shown = world.admin.get(&path(&world.idp)).await.expect(200);
        assert_eq!(shown["last_login_at"], Value::Null, "a sign-in that did not come in shows nothing");
    }
}
