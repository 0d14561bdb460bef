//! Installing licences: which are taken, which are refused, and who obeys them when.

use chrono::TimeDelta;
use elder_access::{Action, Role};
use elder_licensing::{Error, License, SigningKey, state::service};
use elder_testkit::Options;
use serde_json::json;
use uuid::Uuid;

use crate::world::{World, within_a_second};

const DIRECTORIES: &str = "/api/v2/directories";

#[tokio::test]
async fn another_licence_is_obeyed_by_every_node_within_a_second() {
    let world = World::start().await;
    let keys = || Options { license_keys: vec![world.key.public()], ..Options::default() };
    let other = world.app.another_node_with(keys()).await;
    elder_telemetry::spawn("other node", service::follow(other.licensing.clone(), other.worker.clone()));
    let admin = world.app.tenant_admin().await;
    let there = other.called_by(&admin);
    within_a_second(&there, DIRECTORIES, 402).await;
    admin.get(DIRECTORIES).await.expect_problem(402, "license_required");
    world.install(&world.enterprise()).await;
    admin.get(DIRECTORIES).await.expect(200);
    within_a_second(&there, DIRECTORIES, 200).await;
    let shown = world.shown().await;
    assert_eq!(
        (&shown["tier"], &shown["phase"], &shown["source"]),
        (&json!("enterprise"), &json!("valid"), &json!("file"))
    );
    assert_eq!((&shown["licensee"], &shown["refused"]), (&json!("Acme Ltd"), &json!(null)));
    assert_eq!(world.app.audit_count(Action::LicenseInstalled.name()).await, 1);
}

#[tokio::test]
async fn p_40_what_is_refused_leaves_the_former_licence_with_its_reason() {
    let world = World::start().await;
    let good = world.enterprise();
    world.install(&good).await;
    let stranger = SigningKey::read(&SigningKey::generate().unwrap()).unwrap();
    let later = good.not_before + TimeDelta::days(1);
    let own = world.installation().await;
    let sign = |license: License| world.key.sign(&license).unwrap();
    let mut altered = sign(License { licensee: "Altered Ltd".to_owned(), ..good.clone() });
    let signature = sign(good.clone()).rsplit_once('.').unwrap().1.to_owned();
    altered = format!("{}.{signature}", altered.rsplit_once('.').unwrap().0);
    let bad = [
        ("malformed", "no licence".to_owned()),
        ("forged", stranger.sign(&good).unwrap()),
        ("altered", altered),
        ("not_yet_valid", sign(License { not_before: later, ..good.clone() })),
        ("expired", sign(License { expires_at: Some(good.issued_at), ..good.clone() })),
        ("foreign", sign(License { installation: Some(Uuid::from_u128(own.as_u128() ^ 1)), ..good.clone() })),
        ("not_loopback", sign(License { loopback_only: true, ..good.clone() })),
        ("older", sign(License { issued_at: good.issued_at - TimeDelta::seconds(1), ..good.clone() })),
    ];
    for (number, (reason, document)) in bad.iter().enumerate() {
        for _ in 0..2 {
            let refused = world.try_to_install(document).await;
            assert!(
                matches!(&refused, Err(Error::Refused(refusal)) if refusal.reason() == *reason),
                "{refused:?}"
            );
        }
        world.refresh().await;
        let shown = world.shown().await;
        assert_eq!((&shown["phase"], &shown["id"]), (&json!("valid"), &json!("lic-1")), "{reason}");
        assert_eq!(shown["refused"]["reason"], json!(reason));
        let told = i64::try_from(number + 1).unwrap();
        assert_eq!(world.app.audit_count(Action::LicenseRefused.name()).await, told, "once for each");
    }
    let bound = License { installation: Some(own), id: "lic-2".to_owned(), ..good };
    world.install(&bound).await;
    let shown = world.shown().await;
    assert_eq!((&shown["id"], &shown["refused"]), (&json!("lic-2"), &json!(null)));
}

#[tokio::test]
async fn the_same_licence_again_changes_and_tells_nothing() {
    let world = World::start().await;
    let document = world.key.sign(&world.enterprise()).unwrap();
    assert!(world.try_to_install(&document).await.unwrap().is_some());
    assert!(world.try_to_install(&format!("{document}\n")).await.unwrap().is_none());
    assert_eq!(world.app.audit_count(Action::LicenseInstalled.name()).await, 1);
}

#[tokio::test]
async fn p_40_who_can_write_rows_can_make_no_licence() {
    let world = World::start().await;
    let stranger = SigningKey::read(&SigningKey::generate().unwrap()).unwrap();
    let forged = stranger.sign(&world.enterprise()).unwrap();
    let write = "update license_state set document = $1, sealed_answer = '\\x00', answered_at = now()";
    world.app.superuser.execute(write, &[&forged]).await.unwrap();
    world.refresh().await;
    assert_eq!(world.shown().await["tier"], "community");
    world.app.tenant_admin().await.get(DIRECTORIES).await.expect_problem(402, "license_required");
    // Nor are the limits that stand beside it believed any longer than until a node has looked.
    assert_eq!(world.count("select max_tenants from license_state").await, 1);
}

#[tokio::test]
async fn p_40_a_clock_that_is_put_back_gives_no_day_twice() {
    let world = World::start().await;
    world.install(&world.license(&json!({ "tier": "enterprise" }))).await;
    let seen = "update license_state set latest_at = now() + interval '400 days'";
    world.app.superuser.execute(seen, &[]).await.unwrap();
    world.refresh().await;
    assert_eq!(world.shown().await["phase"], "lapsed");
    let ended = world.license(&json!({ "tier": "enterprise" }));
    let again =
        world.try_to_install(&world.key.sign(&License { id: "lic-2".to_owned(), ..ended }).unwrap()).await;
    assert!(matches!(&again, Err(Error::Refused(refusal)) if refusal.reason() == "expired"), "{again:?}");
}

#[tokio::test]
async fn the_time_is_kept_as_it_goes_by() {
    let world = World::start().await;
    let back = "update license_state set latest_at = now() - interval '1 day'";
    world.app.superuser.execute(back, &[]).await.unwrap();
    world.refresh().await;
    let kept = "select count(*) from license_state where latest_at > now() - interval '1 minute'";
    assert_eq!(world.count(kept).await, 1);
}

#[tokio::test]
async fn only_operators_see_the_licence() {
    let world = World::start().await;
    let admin = world.app.member(world.app.acme.id, Some(Role::Admin)).await;
    for path in ["/api/v2/global/license", "/api/v2/global/usage"] {
        admin.get(path).await.expect_problem(403, "permission_denied");
        world.app.support().await.get(path).await.expect(200);
    }
}
