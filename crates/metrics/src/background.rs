//! The families of what Elder does beside its requests: the sealer, the job queue, what is carried to other systems.

use std::time::Duration;

use prometheus::{Error, Gauge, HistogramOpts, HistogramVec, IntCounterVec, Registry};

use crate::{
    collectors::Snapshot,
    families::{add, counter},
};

/// Upper bounds of the durations' buckets, in seconds: a batch may take ten.
const BUCKETS: [f64; 9] = [0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0];
/// The connector that is a webhook.
const WEBHOOK: &str = "webhook";

/// What was, or was not, carried to another system at once.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Carried {
    /// The kind of the other system, as `webhook` or `syslog`.
    pub connector: &'static str,
    /// How many entities it was: of a stream of the audit log, events.
    pub entities: u64,
    /// Whether they have arrived.
    pub has_arrived: bool,
    /// How long it took.
    pub took: Duration,
}

/// What is counted in the background.
pub(crate) struct BackgroundFamilies {
    pub(crate) seal_lag: Gauge,
    pub(crate) jobs: Snapshot,
    pub(crate) streams: Snapshot,
    pub(crate) stream_lag: Snapshot,
    pub(crate) copies_missed: Snapshot,
    sync_seconds: HistogramVec,
    sync_entities: IntCounterVec,
    webhooks: IntCounterVec,
}

impl BackgroundFamilies {
    pub(crate) fn register(registry: &Registry) -> Result<Self, Error> {
        let snapshot =
            |name, help, labels: &'static [&'static str]| add(registry, Snapshot::new(name, help, labels)?);
        let lag = Gauge::new(
            "elder_audit_seal_lag_seconds",
            "The age of the oldest event of the audit logs that is not sealed; 0 if all are.",
        );
        let seconds = HistogramOpts::new(
            "elder_sync_duration_seconds",
            "How long it took to carry a batch to another system.",
        );
        Ok(Self {
            seal_lag: add(registry, lag?)?,
            jobs: snapshot("elder_jobs", "Jobs of the queue that are not done.", &["queue", "state"])?,
            streams: snapshot("elder_audit_streams", "Streams of audit logs.", &["health"])?,
            stream_lag: snapshot(
                "elder_audit_stream_lag_events",
                "Sealed events that active streams of audit logs have not carried yet.",
                &["tenant_id"],
            )?,
            copies_missed: snapshot(
                "elder_audit_copies_missed",
                "Rounds in a row in which a second place has not taken the checkpoints of the audit logs.",
                &["place"],
            )?,
            sync_seconds: add(
                registry,
                HistogramVec::new(seconds.buckets(BUCKETS.to_vec()), &["connector"])?,
            )?,
            sync_entities: counter(
                registry,
                "elder_sync_entities_total",
                "What was carried to other systems, or could not be; what is tried again counts again.",
                &["connector", "status"],
            )?,
            webhooks: counter(
                registry,
                "elder_webhook_deliveries_total",
                "Requests to webhooks.",
                &["outcome"],
            )?,
        })
    }

    pub(crate) fn count(&self, carried: &Carried) {
        let Carried { connector, entities, has_arrived, took } = *carried;
        self.sync_seconds.with_label_values(&[connector]).observe(took.as_secs_f64());
        let status = if has_arrived { "carried" } else { "failed" };
        self.sync_entities.with_label_values(&[connector, status]).inc_by(entities);
        if connector == WEBHOOK {
            let outcome = if has_arrived { "delivered" } else { "failed" };
            self.webhooks.with_label_values(&[outcome]).inc();
        }
    }
}
