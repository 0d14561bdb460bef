//! Families that are not simply counted up: a snapshot that a job replaces, and what is read when it is asked for.

use std::sync::{Arc, PoisonError, RwLock};

use elder_access::Gatekeeper;
use prometheus::{
    Error, IntGauge, IntGaugeVec, Opts,
    core::{Collector, Desc},
    proto::MetricFamily,
};

/// A family whose series are replaced all at once, so that no scrape sees half of them and none outlives its tenant.
#[derive(Clone)]
pub(crate) struct Snapshot {
    opts: Opts,
    labels: &'static [&'static str],
    empty: IntGaugeVec,
    current: Arc<RwLock<IntGaugeVec>>,
}

impl Snapshot {
    pub(crate) fn new(name: &str, help: &str, labels: &'static [&'static str]) -> Result<Self, Error> {
        let opts = Opts::new(name, help);
        let empty = IntGaugeVec::new(opts.clone(), labels)?;
        Ok(Self { opts, labels, current: Arc::new(RwLock::new(empty.clone())), empty })
    }

    /// Takes over new values, one for each set of labels.
    pub(crate) fn replace<'a, const N: usize>(
        &self,
        values: impl IntoIterator<Item = ([&'a str; N], i64)>,
    ) -> Result<(), Error> {
        let next = IntGaugeVec::new(self.opts.clone(), self.labels)?;
        for (labels, value) in values {
            next.get_metric_with_label_values(&labels)?.set(value);
        }
        *self.current.write().unwrap_or_else(PoisonError::into_inner) = next;
        Ok(())
    }
}

impl Collector for Snapshot {
    fn desc(&self) -> Vec<&Desc> {
        self.empty.desc()
    }

    fn collect(&self) -> Vec<MetricFamily> {
        self.current.read().unwrap_or_else(PoisonError::into_inner).collect()
    }
}

/// How full the database pools are at the moment of the scrape.
pub(crate) struct Pools {
    keeper: Gatekeeper,
    connections: IntGaugeVec,
    idle: IntGaugeVec,
    waiting: IntGaugeVec,
}

impl Pools {
    pub(crate) fn of(keeper: Gatekeeper) -> Result<Self, Error> {
        let gauge = |name, help| IntGaugeVec::new(Opts::new(name, help), &["pool"]);
        Ok(Self {
            keeper,
            connections: gauge("elder_db_pool_connections", "Open database connections.")?,
            idle: gauge("elder_db_pool_idle", "Database connections that nobody uses.")?,
            waiting: gauge("elder_db_pool_waiting", "Requests that wait for a database connection.")?,
        })
    }

    fn families(&self) -> [&IntGaugeVec; 3] {
        [&self.connections, &self.idle, &self.waiting]
    }
}

impl Collector for Pools {
    fn desc(&self) -> Vec<&Desc> {
        self.families().into_iter().flat_map(Collector::desc).collect()
    }

    fn collect(&self) -> Vec<MetricFamily> {
        for status in self.keeper.pools() {
            for (family, value) in self.families().into_iter().zip([status.size, status.idle, status.waiting])
            {
                family.with_label_values(&[status.pool]).set(gauge_value(value));
            }
        }
        self.families().into_iter().flat_map(Collector::collect).collect()
    }
}

/// A number that something else keeps.
pub(crate) struct Reading<F> {
    gauge: IntGauge,
    read: F,
}

impl<F: Fn() -> usize + Send + Sync> Reading<F> {
    pub(crate) fn new(name: &str, help: &str, read: F) -> Result<Self, Error> {
        Ok(Self { gauge: IntGauge::new(name, help)?, read })
    }
}

impl<F: Fn() -> usize + Send + Sync> Collector for Reading<F> {
    fn desc(&self) -> Vec<&Desc> {
        self.gauge.desc()
    }

    fn collect(&self) -> Vec<MetricFamily> {
        self.gauge.set(gauge_value((self.read)()));
        self.gauge.collect()
    }
}

fn gauge_value(size: usize) -> i64 {
    i64::try_from(size).unwrap_or(i64::MAX)
}
