//! A gate of its own on a test's database, with the roles, pool sizes and address that the test wants.

use std::time::Duration;

use elder_access::{
    AccessPolicy, Asides, DatabaseTarget, Entitlements, Gatekeeper, Parts, SubscriptionTier, Worker,
};
use elder_crypto::{Algorithm, MasterKey};
use elder_kernel::{Seam, TenantId};
use elder_testkit::TestDatabase;
use tokio_postgres::Client;

/// Builds the gate; nothing is connected or checked yet.
pub(crate) fn build(app_url: String, platform_url: String, connections: usize) -> (Gatekeeper, Worker) {
    let target = |setting, url| DatabaseTarget {
        setting,
        url,
        max_connections: connections,
        connect_timeout: Duration::from_secs(10),
        statement_timeout: Duration::from_secs(30),
    };
    Gatekeeper::build(Parts {
        app: target("database.url", app_url),
        platform: target("database.platform_url", platform_url),
        seam: Seam::system(),
        master_key: MasterKey::from_bytes(&(0..32).collect::<Vec<u8>>()).unwrap(),
        entitlements: Entitlements::of_tier(SubscriptionTier::Enterprise),
        policy: AccessPolicy {
            issuer: "http://elder.test".to_owned(),
            access_token: Duration::from_mins(10),
            refresh_retry: Duration::from_secs(10),
            algorithm: Algorithm::default(),
            key_environment: "test".parse().unwrap(),
        },
        limits: None,
        asides: Asides::default(),
    })
    .unwrap()
}

/// The gate as it is served, with pools of `connections`.
pub(crate) fn of(database: &TestDatabase, connections: usize) -> (Gatekeeper, Worker) {
    build(database.url("elder_app"), database.url("elder_platform"), connections)
}

/// A new tenant with an organization of the same name.
pub(crate) async fn tenant(superuser: &Client, slug: &str) -> TenantId {
    let add = "insert into tenants (name, slug) values ($1, $1) returning id";
    let id = superuser.query_one(add, &[&slug]).await.unwrap().get(0);
    let add =
        "insert into organizations (tenant_id, id, name, name_folded) values ($1, gen_random_uuid(), $2, $2)";
    superuser.execute(add, &[&id, &slug]).await.unwrap();
    TenantId(id)
}

/// How many backends of the gate sit in a transaction, once those that are being ended have had their time.
pub(crate) async fn left_in_transaction(superuser: &Client) -> i64 {
    let count = "select count(*) from pg_stat_activity where datname = current_database()
        and usename in ('elder_app', 'elder_platform') and state like 'idle in transaction%'";
    let mut left = 0;
    for _ in 0..40 {
        left = superuser.query_one(count, &[]).await.unwrap().get(0);
        if left == 0 {
            break;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    left
}
