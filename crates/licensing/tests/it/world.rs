//! An application whose licences a key of the test's own signs.

use std::time::{Duration, Instant};

use chrono::{DateTime, TimeDelta, Utc};
use elder_access::{Entitlements, SubscriptionTier, work::Shell};
use elder_licensing::{
    Error, License, SigningKey,
    license::{GRACE_DAYS, Terms},
    state::service,
};
use elder_testkit::{Actor, Options, TestApp};
use serde_json::{Value, json};
use uuid::Uuid;

pub(crate) struct World {
    pub(crate) app: TestApp,
    pub(crate) key: SigningKey,
}

impl World {
    /// In the community tier: there is no licence yet.
    pub(crate) async fn start() -> Self {
        Self::start_with(Options::default()).await
    }

    pub(crate) async fn start_with(options: Options) -> Self {
        let key = SigningKey::read(&SigningKey::generate().unwrap()).unwrap();
        let app = TestApp::start_with(Options { license_keys: vec![key.public()], ..options }).await;
        app.keeper.entitle(Entitlements::of_tier(SubscriptionTier::Community));
        Self { app, key }
    }

    /// A licence for a year from now on.
    pub(crate) fn license(&self, terms: &Value) -> License {
        let now = self.app.seam.now();
        License {
            id: "lic-1".to_owned(),
            licensee: "Acme Ltd".to_owned(),
            terms: serde_json::from_value::<Terms>(terms.clone()).unwrap(),
            issued_at: now,
            not_before: now,
            expires_at: Some(now + TimeDelta::days(365)),
            grace_days: GRACE_DAYS,
            installation: None,
            loopback_only: false,
        }
    }

    /// One for everything and any number of it.
    pub(crate) fn enterprise(&self) -> License {
        self.license(&json!({ "tier": "enterprise", "limits": { "max_tenants": -1 } }))
    }

    pub(crate) async fn try_to_install(&self, document: &str) -> Result<Option<License>, Error> {
        let job = self.app.worker.job::<Shell>();
        service::install(&self.app.node.licensing, &job, document).await
    }

    /// Installs a licence and has the node obey it.
    pub(crate) async fn install(&self, license: &License) {
        self.try_to_install(&self.key.sign(license).unwrap()).await.unwrap();
        self.refresh().await;
    }

    pub(crate) async fn refresh(&self) {
        service::refresh(&self.app.node.licensing, &self.app.worker).await.unwrap();
    }

    /// As the API shows it.
    pub(crate) async fn shown(&self) -> Value {
        self.app.support().await.get("/api/v2/global/license").await.expect(200)
    }

    /// Goes to a time and has the node look at the licence there.
    pub(crate) async fn go_to(&self, time: DateTime<Utc>) {
        self.app.clock.advance(time - self.app.seam.now());
        self.refresh().await;
    }

    pub(crate) async fn installation(&self) -> Uuid {
        let row = self.app.superuser.query_one("select installation from license_state", &[]).await.unwrap();
        row.get(0)
    }

    pub(crate) async fn count(&self, sql: &str) -> i64 {
        self.app.superuser.query_one(sql, &[]).await.unwrap().get(0)
    }
}

/// Calls until the answer has this status, for at most a second; says how long it took.
pub(crate) async fn within_a_second(actor: &Actor, path: &str, status: u16) -> Duration {
    let began = Instant::now();
    loop {
        let answer = actor.get(path).await;
        if answer.status == status {
            return began.elapsed();
        }
        assert!(began.elapsed() < Duration::from_secs(1), "{}: {}", answer.asked, answer.text);
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}
