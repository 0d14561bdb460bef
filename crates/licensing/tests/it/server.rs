//! The licence server: asked, told what is used, believed for as long as it says, and not always there.

use std::{
    net::Ipv4Addr,
    sync::{Arc, Mutex},
    time::{Duration, Instant},
};

use chrono::TimeDelta;
use elder_access::Action;
use elder_kernel::Secret;
use elder_licensing::{
    Account,
    keepalive::{AskError, ask},
};
use elder_outbound::http::{AllowedHost, Outbound};
use elder_testkit::{Said, Wire};
use serde_json::{Value, json};

use crate::world::World;

const KEY: &str = "lk-w31-canary-of-the-licence";

/// A licence server for development: says what the test wants, and keeps what it was asked.
struct Server {
    wire: Wire,
    says: Arc<Mutex<Vec<u8>>>,
    heard: Arc<Mutex<Vec<Value>>>,
}

impl Server {
    fn start() -> Self {
        let (says, heard) = (Arc::new(Mutex::new(Vec::new())), Arc::new(Mutex::new(Vec::new())));
        let (saying, hearing) = (Arc::clone(&says), Arc::clone(&heard));
        let wire = Wire::serve(move |request| {
            hearing.lock().unwrap().push(serde_json::from_str(&request.body).unwrap_or_default());
            Said(saying.lock().unwrap().clone())
        });
        Self { wire, says, heard }
    }

    fn says(&self, said: Said) {
        *self.says.lock().unwrap() = said.0;
    }

    fn confirms(&self, more: &Value) {
        let mut answer = json!({
            "valid": true,
            "tier": "enterprise",
            "features": [{ "name": "scim", "entitled": true }, { "name": "multi_tenant", "entitled": true }],
            "limits": { "max_tenants": 50, "max_users": -1 },
        });
        answer.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        self.says(Said::json(200, &answer));
    }

    fn account(&self, world: &World, patience: Duration) -> Account {
        let here = AllowedHost { host: Ipv4Addr::LOCALHOST.to_string(), port: None };
        let outbound = Outbound::new(vec![here], None, &world.app.seam.clock).unwrap().within(patience);
        let key = Some(Secret::new(KEY.to_owned()));
        Account { url: format!("{}/v1/validate", self.wire.url()), key, outbound, version: "test" }
    }

    async fn ask(&self, world: &World) -> Result<(), AskError> {
        let account = self.account(world, Duration::from_secs(5));
        ask(&world.app.node.licensing, &world.app.worker, &account).await
    }
}

#[tokio::test]
async fn the_server_confirms_a_licence_and_is_told_what_is_used() {
    let (world, server) = (World::start().await, Server::start());
    server.confirms(&json!({ "id": "lic-9", "licensee": "Acme Ltd" }));
    server.ask(&world).await.unwrap();
    let shown = world.shown().await;
    assert_eq!(
        (&shown["tier"], &shown["source"], &shown["id"]),
        (&json!("enterprise"), &json!("server"), &json!("lic-9"))
    );
    assert_eq!((&shown["limits"]["max_tenants"], &shown["limits"]["max_users"]), (&json!(50), &json!(-1)));
    let heard = server.heard.lock().unwrap().remove(0);
    assert_eq!((&heard["license_key"], &heard["version"]), (&json!(KEY), &json!("test")));
    assert_eq!(heard["installation"], json!(world.installation().await));
    assert_eq!(heard["usage"]["tenants_active"], 3);
    // Confirmed again it is nothing new.
    world.app.clock.advance(TimeDelta::hours(1));
    server.ask(&world).await.unwrap();
    assert_eq!(world.app.audit_count(Action::LicenseInstalled.name()).await, 1);
    assert_eq!(world.shown().await["answered_at"], json!(world.app.seam.now()));
    // W-31: the key is in no table.
    let everywhere = "select count(*) from audit_logs a where a::text like '%canary-of-the%'";
    assert_eq!(world.count(everywhere).await, 0);
}

#[tokio::test]
async fn p_40_a_server_that_is_away_is_warned_of_and_its_word_lasts_for_the_days_that_it_told() {
    let (world, server) = (World::start().await, Server::start());
    server.confirms(&json!({ "grace_days": 2 }));
    server.ask(&world).await.unwrap();
    let began = world.app.seam.now();
    server.says(Said::new(503, &[], "gone fishing"));
    assert!(matches!(server.ask(&world).await, Err(AskError::Status(503))));
    world.go_to(began + TimeDelta::hours(2)).await;
    assert_eq!(world.shown().await["phase"], "valid");
    world.go_to(began + TimeDelta::hours(4)).await;
    let shown = world.shown().await;
    assert_eq!((&shown["phase"], &shown["tier"]), (&json!("grace"), &json!("enterprise")));
    world.go_to(began + TimeDelta::days(2)).await;
    let shown = world.shown().await;
    assert_eq!((&shown["phase"], &shown["tier"]), (&json!("lapsed"), &json!("community")));
    assert_eq!(world.count("select max_tenants from license_state").await, 1);
    server.confirms(&json!({}));
    server.ask(&world).await.unwrap();
    assert_eq!(world.shown().await["phase"], "valid");
    assert_eq!(world.count("select max_tenants from license_state").await, 50);
}

#[tokio::test]
async fn what_is_no_confirmation_leaves_what_was_confirmed_with_its_reason() {
    let (world, server) = (World::start().await, Server::start());
    server.confirms(&json!({}));
    server.ask(&world).await.unwrap();
    let html = Said::new(200, &[("content-type", "text/html")], "<h1>It works!</h1>");
    let odd =
        Said::json(200, &json!({ "valid": true, "tier": "enterprise", "limits": { "max_tenants": "many" } }));
    let over = Said::json(
        200,
        &json!({ "valid": true, "tier": "enterprise", "expires_at": "2020-01-01T00:00:00Z" }),
    );
    let denied = Said::json(403, &json!({ "valid": false, "reason": "revoked" }));
    for (reason, said) in [("unreadable", html), ("unreadable", odd), ("expired", over), ("denied", denied)] {
        server.says(said);
        let refused = server.ask(&world).await.unwrap_err();
        assert!(matches!(&refused, AskError::Refused(refusal) if refusal.reason() == reason), "{refused:?}");
        let shown = world.shown().await;
        assert_eq!((&shown["refused"]["reason"], &shown["phase"]), (&json!(reason), &json!("valid")));
    }
    assert!(world.shown().await["refused"]["detail"].as_str().unwrap().contains("revoked"));
}

#[tokio::test]
async fn a_server_that_leads_elsewhere_is_slow_or_floods_keeps_nobody_waiting() {
    let (world, server) = (World::start().await, Server::start());
    let elsewhere = Server::start();
    elsewhere.confirms(&json!({}));
    server.says(Said::new(307, &[("location", &elsewhere.wire.url())], ""));
    assert!(matches!(server.ask(&world).await, Err(AskError::Call(_))));
    assert!(!elsewhere.wire.was_called(), "the key goes to no other server");
    server.says(Said::new(200, &[], vec![b' '; 3 << 20]));
    assert!(matches!(server.ask(&world).await, Err(AskError::Call(_))));
    // It says how much it will say, and never does.
    server.says(Said(b"HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\n{".to_vec()));
    let account = server.account(&world, Duration::from_millis(300));
    let began = Instant::now();
    let asked = ask(&world.app.node.licensing, &world.app.worker, &account).await;
    assert!(matches!(asked, Err(AskError::Call(_))), "{asked:?}");
    assert!(began.elapsed() < Duration::from_secs(3));
    assert_eq!(world.shown().await["tier"], "community");
}

#[tokio::test]
async fn of_a_file_and_a_server_the_better_one_counts() {
    let (world, server) = (World::start().await, Server::start());
    world.install(&world.license(&json!({ "tier": "professional" }))).await;
    server.confirms(&json!({ "grace_days": 1 }));
    server.ask(&world).await.unwrap();
    assert_eq!(world.shown().await["tier"], "enterprise");
    world.go_to(world.app.seam.now() + TimeDelta::days(2)).await;
    let shown = world.shown().await;
    assert_eq!(
        (&shown["tier"], &shown["source"], &shown["phase"]),
        (&json!("professional"), &json!("file"), &json!("valid"))
    );
    assert_eq!(
        world.count("select max_entities from license_state").await,
        -1,
        "professional, and not community"
    );
}
