//! Families that are not simply counted up: a snapshot that a job replaces, and what is read when it is asked for.

use std::sync::{Arc, PoisonError, RwLock};

use elder_access::Gatekeeper;
use elder_api_types::license::LicensePhase;
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

/// The licence at the moment of the scrape, beside what is used of it.
pub(crate) struct License {
    keeper: Gatekeeper,
    used: IntGaugeVec,
    info: IntGaugeVec,
    phase: IntGaugeVec,
    limit: IntGaugeVec,
    ends_at: IntGauge,
}

impl License {
    pub(crate) fn of(keeper: Gatekeeper, used: IntGaugeVec) -> Result<Self, Error> {
        let gauge = |name, help, labels: &[&str]| IntGaugeVec::new(Opts::new(name, help), labels);
        Ok(Self {
            keeper,
            used,
            info: gauge("elder_license_info", "The tier in force; always 1.", &["tier"])?,
            phase: gauge(
                "elder_license_phase",
                "How the licence stands: 1 for the phase it is in.",
                &["phase"],
            )?,
            limit: gauge("elder_license_limit", "What the licence allows; -1 is any number.", &["resource"])?,
            ends_at: IntGauge::new(
                "elder_license_ends_at_seconds",
                "When the licence stops to be in force, its grace included, in Unix time; 0 if it does not.",
            )?,
        })
    }

    fn families(&self) -> [&dyn Collector; 5] {
        [&self.info, &self.phase, &self.limit, &self.ends_at, &self.used]
    }
}

impl Collector for License {
    fn desc(&self) -> Vec<&Desc> {
        self.families().into_iter().flat_map(Collector::desc).collect()
    }

    fn collect(&self) -> Vec<MetricFamily> {
        let covered = self.keeper.entitlements();
        self.info.reset();
        self.info.with_label_values(&[covered.tier.name()]).set(1);
        for phase in LicensePhase::ALL {
            self.phase.with_label_values(&[phase.name()]).set(i64::from(phase == covered.phase));
        }
        let limits = &covered.limits;
        for (resource, most) in
            [("tenants", limits.max_tenants), ("users", limits.max_users), ("entities", limits.max_entities)]
        {
            self.limit.with_label_values(&[resource]).set(most.number());
        }
        self.ends_at.set(covered.ends_at.map_or(0, |end| end.timestamp()));
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
