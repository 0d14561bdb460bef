//! The registry: every family with its name and labels, and who may count on it.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use elder_access::{Action, Committed, Gatekeeper};
use elder_kernel::TenantId;
use prometheus::{
    Error, HistogramOpts, HistogramVec, IntCounterVec, IntGauge, IntGaugeVec, Opts, Registry, TextEncoder,
    process_collector::ProcessCollector,
};

use crate::{
    background::{BackgroundFamilies, Carried},
    collectors::{License, Pools, Reading, Snapshot},
    families::{add, counter},
    tenants::TenantLabels,
};

/// Upper bounds of the durations' buckets, in seconds: fine where a request should be, coarse where it must not.
const BUCKETS: [f64; 12] = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0];

/// Every metric of this process. Cheap to clone.
#[derive(Clone)]
pub struct Metrics(Arc<Inner>);

struct Inner {
    registry: Registry,
    http: HttpFamilies,
    background: BackgroundFamilies,
    tenants: Arc<TenantLabels>,
    audit_events: IntCounterVec,
    logins: IntCounterVec,
    password_lookups: IntCounterVec,
    active_sessions: Snapshot,
    entities: Snapshot,
    license_used: IntGaugeVec,
    strays: Snapshot,
    calls: Mutex<HashMap<TenantId, u64>>,
}

/// What `measure` counts.
pub(crate) struct HttpFamilies {
    pub(crate) requests: IntCounterVec,
    pub(crate) seconds: HistogramVec,
    pub(crate) in_progress: IntGauge,
    pub(crate) api_calls: IntCounterVec,
    pub(crate) scim_requests: IntCounterVec,
}

impl Metrics {
    /// An empty registry in which at most `max_tenants` tenants have series of their own.
    ///
    /// # Errors
    /// [`Error`] if a family is named twice: a defect of ours.
    pub fn new(version: &str, max_tenants: usize) -> Result<Self, Error> {
        let registry = Registry::new();
        let inner = Inner {
            http: HttpFamilies::register(&registry)?,
            background: BackgroundFamilies::register(&registry)?,
            tenants: Arc::new(TenantLabels::new(max_tenants)),
            audit_events: counter(
                &registry,
                "elder_audit_events_total",
                "Audit events that were committed.",
                &["tenant_id", "action"],
            )?,
            logins: counter(
                &registry,
                "elder_logins_total",
                "Sign-ins that ended.",
                &["tenant_id", "method", "outcome"],
            )?,
            password_lookups: counter(
                &registry,
                "elder_password_range_lookups_total",
                "New passwords that a range service was asked about: stolen, unknown, failed, or paused after a failure.",
                &["outcome"],
            )?,
            active_sessions: add(
                &registry,
                Snapshot::new("elder_active_sessions", "Sessions that have not ended.", &["tenant_id"])?,
            )?,
            entities: add(
                &registry,
                Snapshot::new("elder_entities_total", "Rows that exist.", &["tenant_id", "entity_type"])?,
            )?,
            license_used: IntGaugeVec::new(
                Opts::new("elder_license_used", "What is used of what the licence limits."),
                &["resource"],
            )?,
            strays: add(
                &registry,
                Snapshot::new(
                    "elder_default_partition_rows",
                    "Rows for whose time there is no partition: the job that makes them does not run, or a clock is wrong.",
                    &["table"],
                )?,
            )?,
            calls: Mutex::default(),
            registry,
        };
        let build =
            IntGaugeVec::new(Opts::new("elder_build_info", "The running version; always 1."), &["version"])?;
        add(&inner.registry, build)?.with_label_values(&[version]).set(1);
        inner.registry.register(Box::new(ProcessCollector::for_self()))?;
        Ok(Self(Arc::new(inner)))
    }

    /// Counts what the gate commits, and shows its pools.
    ///
    /// # Errors
    /// [`Error`] if a gate is watched already.
    pub fn watch(&self, keeper: &Gatekeeper) -> Result<(), Error> {
        self.0.registry.register(Box::new(Pools::of(keeper.clone())?))?;
        let license = License::of(keeper.clone(), self.0.license_used.clone())?;
        self.0.registry.register(Box::new(license))?;
        // The gate holds this closure, so it must not hold the registry, which holds the gate.
        let (tenants, events, logins) =
            (self.0.tenants.clone(), self.0.audit_events.clone(), self.0.logins.clone());
        keeper.observe(move |committed: &Committed| {
            let tenant = tenants.label(committed.tenant);
            events.with_label_values(&[&*tenant, committed.action.name()]).inc();
            if matches!(committed.action, Action::SignedIn | Action::SignInFailed | Action::SsoFailed) {
                let labels = [&*tenant, committed.sign_in_method, committed.outcome.name()];
                logins.with_label_values(&labels).inc();
            }
        });
        Ok(())
    }

    /// Shows how many passwords wait to be hashed.
    ///
    /// # Errors
    /// [`Error`] if a queue is watched already.
    pub fn watch_password_queue(
        &self,
        depth: impl Fn() -> usize + Send + Sync + 'static,
    ) -> Result<(), Error> {
        let help = "Passwords that wait to be hashed or checked.";
        self.0.registry.register(Box::new(Reading::new("elder_password_hash_queue", help, depth)?))
    }

    /// Counts a new password that a range service was, or was not, asked about.
    pub fn count_password_lookup(&self, outcome: &str) {
        self.0.password_lookups.with_label_values(&[outcome]).inc();
    }

    /// Counts what was carried to another system, or could not be.
    pub fn count_carried(&self, carried: &Carried) {
        self.0.background.count(carried);
    }

    /// Shows how old the oldest event is that is not sealed; no age if all are.
    pub fn show_seal_lag(&self, lag: Duration) {
        self.0.background.seal_lag.set(lag.as_secs_f64());
    }

    /// Shows of each second place of checkpoints how many rounds in a row it has not taken them.
    ///
    /// # Errors
    /// [`Error`] for a place twice: a defect of ours.
    pub fn show_copies_missed(
        &self,
        places: impl IntoIterator<Item = (&'static str, u32)>,
    ) -> Result<(), Error> {
        let missed = places.into_iter().map(|(place, rounds)| ([place], rounds.into()));
        self.0.background.copies_missed.replace(missed)
    }

    /// Every series, in Prometheus' text format.
    ///
    /// # Errors
    /// [`Error`] if a family cannot be written: a defect of ours.
    pub fn encode(&self) -> Result<String, Error> {
        TextEncoder::new().encode_to_string(&self.0.registry.gather())
    }

    /// The API calls of each tenant since the last time, for the job that folds them into its usage.
    pub fn take_api_calls(&self) -> Vec<(TenantId, u64)> {
        let mut calls = self.0.calls.lock().unwrap_or_else(PoisonError::into_inner);
        std::mem::take(&mut *calls).into_iter().collect()
    }

    /// Counts API calls of a tenant; also what a job took and could not store.
    pub fn add_api_calls(&self, tenant: TenantId, calls: u64) {
        *self.0.calls.lock().unwrap_or_else(PoisonError::into_inner).entry(tenant).or_default() += calls;
    }

    pub(crate) fn http(&self) -> &HttpFamilies {
        &self.0.http
    }

    pub(crate) fn background(&self) -> &BackgroundFamilies {
        &self.0.background
    }

    pub(crate) fn tenants(&self) -> &TenantLabels {
        &self.0.tenants
    }

    pub(crate) fn active_sessions(&self) -> &Snapshot {
        &self.0.active_sessions
    }

    pub(crate) fn license_used(&self) -> &IntGaugeVec {
        &self.0.license_used
    }

    pub(crate) fn entities(&self) -> &Snapshot {
        &self.0.entities
    }

    pub(crate) fn strays(&self) -> &Snapshot {
        &self.0.strays
    }
}

impl HttpFamilies {
    fn register(registry: &Registry) -> Result<Self, Error> {
        let seconds =
            HistogramOpts::new("http_request_duration_seconds", "How long answers took, until their head.")
                .buckets(BUCKETS.to_vec());
        Ok(Self {
            requests: counter(
                registry,
                "http_requests_total",
                "Requests that were answered.",
                &["method", "endpoint", "status"],
            )?,
            seconds: add(registry, HistogramVec::new(seconds, &["method", "endpoint"])?)?,
            in_progress: add(
                registry,
                IntGauge::new("http_requests_in_progress", "Requests that are being answered.")?,
            )?,
            api_calls: counter(
                registry,
                "elder_api_calls_total",
                "Requests with a valid credential.",
                &["tenant_id", "endpoint"],
            )?,
            scim_requests: counter(
                registry,
                "elder_scim_requests_total",
                "SCIM requests that were answered.",
                &["tenant_id", "provider", "operation", "status"],
            )?,
        })
    }
}
