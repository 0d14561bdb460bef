//! One running application: a gate of its own over a database that others may share.

use std::{
    net::{IpAddr, Ipv4Addr, SocketAddr},
    num::{NonZeroU32, NonZeroUsize},
    path::Path,
    sync::Arc,
    time::Duration,
};

use actix_web::{HttpServer, dev::ServerHandle};
use elder_access::{
    AccessPolicy, DatabaseTarget, Entitlements, Gatekeeper, Limits, Parts, Quotas, SubscriptionTier, Worker,
};
use elder_api_types::license::Most;
use elder_audit::{Tail, Targets};
use elder_crypto::{Algorithm, MasterKey, PasswordHasher, PasswordParams};
use elder_http::{PublicUrl, TrustedProxies};
use elder_kernel::Seam;
use elder_licensing::{Licensing, Trust};
use elder_limits::{Limiter, Quota};
use elder_metrics::{Health, Metrics, Readiness};
use elder_mfa::webauthn::RelyingParty;
use elder_outbound::http::{AllowedHost, Outbound};
use elder_portal_users::risk::Places;
use elder_scim::Activity;
use elder_server::{Application, AskedAbroad, Queue};
use elder_sso::Providers;
use elder_tenancy::{DomainResolver, platform::health::StartedAt};
use futures_util::FutureExt as _;
use ipnet::IpNet;
use tempfile::TempDir;
use tokio::sync::oneshot;

use crate::{Actor, Options, TestDatabase, road::Road};

/// Who issues tokens in tests.
pub(crate) const ISSUER: &str = "http://elder.test";

/// Port 9 of this machine discards what it gets, if it listens at all.
const NO_RESOLVER: SocketAddr = SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), 9);

/// The way to the providers of tests, which are on this machine and speak plain HTTP.
pub fn providers(seam: &Seam) -> Providers {
    let here = AllowedHost { host: Ipv4Addr::LOCALHOST.to_string(), port: None };
    let outbound = Outbound::new(vec![here], None, &seam.clock).unwrap();
    Providers::new(outbound, &PublicUrl(ISSUER.to_owned()))
}

/// Ways to what audit logs are carried to on this machine, and to files in `folder`.
pub fn targets(seam: &Seam, folder: &Path) -> Targets {
    let here = AllowedHost { host: Ipv4Addr::LOCALHOST.to_string(), port: None };
    Targets::new(Outbound::new(vec![here], None, &seam.clock).unwrap(), Some(folder.to_owned()))
}

/// An application that listens until it is dropped.
pub struct Node {
    pub(crate) keeper: Gatekeeper,
    /// What the node does by itself.
    pub worker: Worker,
    pub(crate) metrics: Metrics,
    pub(crate) activity: Activity,
    pub(crate) readiness: Readiness,
    /// The licence, as the node knows it. Nothing looks at the database for it but a test that says so.
    pub licensing: Licensing,
    tail: Tail,
    _folder: TempDir,
    /// Where it listens.
    pub base: String,
    server: ServerHandle,
    _queue: Option<oneshot::Sender<()>>,
    _road: Option<Road>,
}

impl Node {
    pub(crate) async fn start(database: &TestDatabase, seam: &Seam, options: Options) -> Self {
        let road = options.statements.as_ref().map(|count| Road::to(database.directory(), count));
        let target = |setting, role| DatabaseTarget {
            setting,
            url: road
                .as_ref()
                .map_or_else(|| database.url(role), |road| database.url_by(&road.directory(), role)),
            max_connections: 8,
            connect_timeout: Duration::from_secs(10),
            statement_timeout: Duration::from_secs(30),
        };
        let (keeper, worker) = Gatekeeper::build(Parts {
            app: target("database.url", "elder_app"),
            platform: target("database.platform_url", "elder_platform"),
            seam: seam.clone(),
            master_key: master_key(),
            entitlements: licensed(),
            policy: AccessPolicy {
                issuer: ISSUER.to_owned(),
                access_token: Duration::from_secs(600),
                refresh_retry: Duration::from_secs(10),
                algorithm: Algorithm::default(),
                key_environment: "test".parse().unwrap(),
            },
            limits: Some(Limits {
                limiter: Limiter::new(seam.clock.clone(), options.redis.as_ref()).unwrap(),
                quotas: options.quotas.clone().unwrap_or_else(|| quotas(1_000_000)),
                legacy_headers: options.legacy_headers,
            }),
            asides: options.asides.clone(),
        })
        .unwrap();
        keeper.open(&worker).await.unwrap();
        keeper.join_redis().await;
        let metrics = Metrics::new("test", 1_000).unwrap();
        metrics.watch(&keeper).unwrap();
        let readiness = Readiness::default();
        readiness.raise();
        let queue = options.mailer.clone().map(|mailer| {
            let queue = Queue::new(database.url("elder_platform"), worker.clone(), mailer);
            let (stop, stopped) = oneshot::channel::<()>();
            elder_telemetry::spawn("test queue", queue.run(stopped.map(drop)));
            stop
        });
        let activity = Activity::default();
        let seen = (&metrics, &activity);
        let trust = Trust { keys: options.license_keys.clone(), is_loopback: options.is_loopback };
        let licensing = Licensing::new(&keeper, trust);
        let tail = Tail::default();
        elder_telemetry::spawn("test tail", tail.clone().follow(worker.clone()));
        let folder = TempDir::new().unwrap();
        let told = (&tail, &targets(seam, folder.path()));
        let (base, server) = serve(&keeper, &licensing, seam, (seen, told), &readiness, options);
        Self {
            keeper,
            worker,
            metrics,
            activity,
            readiness,
            licensing,
            tail,
            _folder: folder,
            base,
            server,
            _queue: queue,
            _road: road,
        }
    }

    /// Writes down what waits to be, as at a stop.
    pub async fn drain(&self) {
        self.keeper.drain().await;
    }

    /// The same caller, who calls this node.
    pub fn called_by(&self, actor: &Actor) -> Actor {
        actor.at(self.base.clone())
    }
}

impl Drop for Node {
    fn drop(&mut self) {
        self.tail.close();
        drop(self.server.stop(false));
        self.keeper.close();
    }
}

/// Quotas that are all the same: so many requests a minute, all of which may come at once.
pub fn quotas(rate: u32) -> Quotas {
    let quota = Quota::per_minute(NonZeroU32::new(rate).unwrap(), Duration::from_mins(1));
    Quotas {
        community: quota,
        professional: quota,
        enterprise: quota,
        user: quota,
        key: quota,
        scim: quota,
        operator: quota,
        anonymous: quota,
        auth_address: quota,
        auth_network: quota,
        auth_tenant: quota,
    }
}

/// What the development licence covers: everything, and any number of it.
pub fn licensed() -> Entitlements {
    let mut covered = Entitlements::of_tier(SubscriptionTier::Enterprise);
    covered.limits.max_tenants = Most::UNLIMITED;
    covered.limits.api_requests_per_minute = Most::UNLIMITED;
    covered
}

/// The key that seals what is secret in the database of a test.
pub(crate) fn master_key() -> MasterKey {
    MasterKey::from_bytes(&(0..32).collect::<Vec<u8>>()).unwrap()
}

fn serve(
    keeper: &Gatekeeper,
    licensing: &Licensing,
    seam: &Seam,
    ((metrics, activity), (tail, targets)): ((&Metrics, &Activity), (&Tail, &Targets)),
    readiness: &Readiness,
    options: Options,
) -> (String, ServerHandle) {
    let params = PasswordParams::default();
    let threads = options.waiting_passwords.and(NonZeroUsize::new(1));
    let hasher = PasswordHasher::start(&params, threads, options.waiting_passwords, &seam.random);
    let mut hasher = hasher.unwrap();
    if let Some(url) = &options.stolen_passwords {
        let asked = AskedAbroad::new(url, &seam.clock, Some(metrics.clone())).unwrap();
        hasher = hasher.knowing(Arc::new(asked));
    }
    let hasher = Arc::new(hasher);
    let queue = hasher.clone();
    metrics.watch_password_queue(move || queue.queue_depth()).unwrap();
    let resolvers = if options.resolvers.is_empty() { vec![NO_RESOLVER] } else { options.resolvers };
    let own = IpNet::new_assert(IpAddr::V4(Ipv4Addr::LOCALHOST), 8);
    let proxies = TrustedProxies(options.behind_proxy.then_some(own).into_iter().collect());
    let public_url = PublicUrl(ISSUER.to_owned());
    let application = Application {
        keeper: keeper.clone(),
        hasher,
        providers: providers(seam),
        licensing: licensing.clone(),
        public_url,
        relying_party: RelyingParty::new(ISSUER, None, &["https://elder.test".to_owned()]).unwrap(),
        places: Places::read(&options.places).unwrap(),
        proxies,
        body_limit: elder_http::DEFAULT_BODY_LIMIT,
        metrics: metrics.clone(),
        activity: activity.clone(),
        health: Health::new(keeper.clone(), "test", Some(std::env::temp_dir())),
        readiness: readiness.clone(),
        tail: tail.clone(),
        targets: targets.clone(),
        scrape_token: None,
        resolver: DomainResolver::at(resolvers).unwrap(),
        started_at: StartedAt(seam.now()),
        metrics_apart: false,
        docs: !options.without_docs,
    };
    // Longer than a test thinks between two requests: a connection that ends as it is used again loses a request.
    let idle = Duration::from_mins(2);
    let server = HttpServer::new(move || application.app()).workers(1).keep_alive(idle).disable_signals();
    let server = server.bind("127.0.0.1:0").unwrap();
    let base = format!("http://{}", server.addrs()[0]);
    let server = server.run();
    let handle = server.handle();
    elder_telemetry::spawn("test server", async move {
        let _ended = server.await;
    });
    (base, handle)
}
