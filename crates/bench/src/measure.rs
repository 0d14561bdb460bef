//! One window of measurement: what a server did in it, and what that cost which process.

use std::time::{Duration, Instant};

use crate::{
    fault::Fault,
    load::{self, Pace, Timing},
    operation::Requests,
    procfs::{self, Machine},
    server::Server,
    statistics::percentile_ms,
};

/// More of the machine than this in other hands, and a window tells nothing.
const FOREIGN_LIMIT: f64 = 0.05;
const STOLEN_LIMIT: f64 = 0.02;

/// Whose CPU time is counted.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Watch {
    /// The server that does the work; this process, where there is none.
    pub(crate) server: u32,
    pub(crate) postmaster: u32,
}

/// CPU times at one moment.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Look {
    at: Instant,
    server: Duration,
    postgres: Duration,
    /// All processes of the benchmark together.
    ours: Duration,
    machine: Machine,
}

/// The figures of one window.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Sample {
    pub(crate) per_second: f64,
    pub(crate) p50_ms: f64,
    pub(crate) p95_ms: f64,
    pub(crate) p99_ms: f64,
    /// CPU time of the server for one request.
    pub(crate) server_us: f64,
    /// CPU time of all processes of PostgreSQL for one request.
    pub(crate) postgres_us: f64,
    /// Others used the machine meanwhile.
    pub(crate) disturbed: bool,
}

impl Watch {
    pub(crate) fn look(self) -> Result<Look, Fault> {
        let own = procfs::tree_cpu(std::process::id())?;
        let postgres = procfs::tree_cpu(self.postmaster)?;
        Ok(Look {
            at: Instant::now(),
            server: procfs::process_cpu(self.server)?,
            postgres,
            ours: own + postgres,
            machine: procfs::machine()?,
        })
    }
}

impl Look {
    /// The figures from this look to a later one, in which so many requests were answered.
    pub(crate) fn sample(&self, after: &Self, requests: u32, latencies: &[Duration]) -> Sample {
        let requests = f64::from(requests);
        let each = |before, after: Duration| after.saturating_sub(before).as_secs_f64() * 1e6 / requests;
        Sample {
            per_second: requests / (after.at - self.at).as_secs_f64(),
            p50_ms: percentile_ms(latencies, 50),
            p95_ms: percentile_ms(latencies, 95),
            p99_ms: percentile_ms(latencies, 99),
            server_us: each(self.server, after.server),
            postgres_us: each(self.postgres, after.postgres),
            disturbed: self.is_disturbed_until(after),
        }
    }

    fn is_disturbed_until(&self, after: &Self) -> bool {
        let seconds = |ticks: u64| f64::from(u32::try_from(ticks).unwrap_or(u32::MAX)) / 100.0;
        let since =
            |field: fn(&Machine) -> u64| seconds(field(&after.machine).saturating_sub(field(&self.machine)));
        let total = since(|machine| machine.total);
        let foreign = since(|machine| machine.busy) - after.ours.saturating_sub(self.ours).as_secs_f64();
        foreign > FOREIGN_LIMIT * total || since(|machine| machine.stolen) > STOLEN_LIMIT * total
    }
}

/// Loads a server and measures it. Also tells how many requests it answered in all.
pub(crate) fn window(
    server: &Server,
    postmaster: u32,
    requests: &dyn Requests,
    pace: Pace,
    timing: Timing,
) -> Result<(Sample, u64), Fault> {
    let watch = Watch { server: server.pid(), postmaster };
    let (traffic, before, after) = load::run(server.address, requests, pace, timing, || watch.look())?;
    let sample = before.sample(&after, traffic.in_window, &traffic.latencies);
    Ok((sample, traffic.answered))
}
