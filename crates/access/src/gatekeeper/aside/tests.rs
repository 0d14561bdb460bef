//! What the writer does with rows that PostgreSQL refuses for good.

use std::time::Duration;

use elder_crypto::{Algorithm, MasterKey};
use elder_http::RequestMeta;
use elder_kernel::{Seam, TenantId};
use elder_testkit::TestDatabase;

use super::Asides;
use crate::{
    AccessPolicy, DatabaseTarget, Entitlements, Event, Gatekeeper, Parts, actions::Action, event::Context,
    principal::Actor,
};

fn gate(database: &TestDatabase) -> (Gatekeeper, crate::Worker) {
    let target = |role: &str| DatabaseTarget {
        setting: "database.url",
        url: database.url(role),
        max_connections: 2,
        connect_timeout: Duration::from_secs(10),
        statement_timeout: Duration::from_secs(30),
    };
    let parts = Parts {
        app: target("elder_app"),
        platform: target("elder_platform"),
        seam: Seam::system(),
        master_key: MasterKey::from_bytes(&(0..32).collect::<Vec<u8>>()).unwrap(),
        entitlements: Entitlements::of_tier(crate::SubscriptionTier::Enterprise),
        policy: AccessPolicy {
            issuer: "http://elder.test".to_owned(),
            access_token: Duration::from_mins(10),
            refresh_retry: Duration::from_secs(10),
            algorithm: Algorithm::default(),
            key_environment: "test".parse().unwrap(),
        },
        limits: None,
        asides: Asides::default(),
    };
    Gatekeeper::build(parts).unwrap()
}

#[tokio::test]
async fn one_event_that_cannot_be_stored_takes_no_other_with_it() {
    let database = TestDatabase::create().await;
    let (keeper, worker) = gate(&database);
    keeper.open(&worker).await.unwrap();
    let context = || Context { actor: Actor::SYSTEM, meta: RequestMeta::default() };
    for number in 0..10 {
        // PostgreSQL has no U+0000, and no tenant of this number.
        let about = if number == 4 { "GET /\0".to_owned() } else { format!("GET /{number}") };
        let tenant = if number == 7 { TenantId(4_711) } else { TenantId::SYSTEM };
        keeper.note(tenant, context(), Event::about(Action::ApiCalled, about));
    }
    keeper.drain().await;
    let left = "select resource_id from audit_logs where action = 'api.called' order by timestamp, event_id";
    let rows = database.superuser().await.query(left, &[]).await.unwrap();
    let rows: Vec<String> = rows.iter().map(|row| row.get(0)).collect();
    assert_eq!(rows, [0, 1, 2, 3, 5, 6, 8, 9].map(|number| format!("GET /{number}")));
}
