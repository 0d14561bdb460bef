//! What was promised, beside what was measured.

use crate::{
    campaign::{Arm, Findings, Loading, Topic},
    measure::Sample,
    statistics::{Spread, spread},
};

/// A promise.
pub(crate) struct Gate {
    pub(crate) name: &'static str,
    /// The most, or the least, that is allowed.
    pub(crate) bound: Bound,
    pub(crate) unit: &'static str,
    pub(crate) measured: Option<Spread>,
}

/// Which side of a figure is good.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Bound {
    Most(f64),
    Least(f64),
}

impl Gate {
    /// Whether the median keeps the promise; what was not measured keeps none.
    pub(crate) fn is_met(&self) -> bool {
        self.measured.is_some_and(|measured| match self.bound {
            Bound::Most(most) => measured.median <= most,
            Bound::Least(least) => measured.median >= least,
        })
    }
}

/// One figure of every round.
pub(crate) fn figures(
    findings: &Findings,
    key: (Topic, Loading, Arm),
    figure: fn(&Sample) -> f64,
) -> Vec<f64> {
    findings.series.get(&key).into_iter().flatten().map(figure).collect()
}

/// One arm's figure over another's, round by round.
pub(crate) fn ratio(
    findings: &Findings,
    (topic, loading): (Topic, Loading),
    (arm, limit): (Arm, Arm),
    figure: fn(&Sample) -> f64,
) -> Option<Spread> {
    let (own, limits) = (
        figures(findings, (topic, loading, arm), figure),
        figures(findings, (topic, loading, limit), figure),
    );
    spread(own.iter().zip(&limits).map(|(own, limit)| own / limit))
}

/// Every promise.
pub(crate) fn gates(findings: &Findings) -> Vec<Gate> {
    let mut gates = requests(findings);
    gates.extend(process(findings));
    gates.extend(login(findings));
    gates.extend(refresh(findings));
    gates.push(Gate {
        name: "Rate limit: a decision over two buckets in memory",
        bound: Bound::Most(20.0),
        unit: "µs",
        measured: spread(findings.limiter.iter().map(|cost| cost.decision_us)),
    });
    gates.push(Gate {
        name: "Batch of 1,000 creates: time of as many single calls over its own",
        bound: Bound::Least(8.0),
        unit: "×",
        measured: spread(findings.batches.iter().map(|cost| cost.singles / cost.atomic)),
    });
    gates.push(Gate {
        name: "Large list: the last page over the first",
        bound: Bound::Most(1.2),
        unit: "×",
        measured: spread(findings.pages.iter().map(|cost| cost.last / cost.first)),
    });
    gates.push(Gate {
        name: "Large list: one user by address over the bare SELECT",
        bound: Bound::Most(2.0),
        unit: "×",
        measured: spread(findings.pages.iter().map(|cost| cost.by_address / cost.bare)),
    });
    gates
}

fn requests(findings: &Findings) -> Vec<Gate> {
    let p95 = |topic| spread(figures(findings, (topic, Loading::Half, Arm::Elder), |sample| sample.p95_ms));
    let read = |loading, figure| ratio(findings, (Topic::Read, loading), (Arm::Elder, Arm::Floor), figure);
    let gate = |name, most, unit, measured| Gate { name, bound: Bound::Most(most), unit, measured };
    vec![
        gate("Authenticated read: p95 at half load", 1.0, "ms", p95(Topic::Read)),
        gate(
            "Authenticated read: server CPU over the floor's, at half load",
            3.0,
            "×",
            read(Loading::Half, |sample| sample.server_us),
        ),
        gate(
            "Authenticated read: server CPU over the floor's, saturated",
            3.0,
            "×",
            read(Loading::Saturated, |sample| sample.server_us),
        ),
        gate(
            "Authenticated read: PostgreSQL CPU over the floor's, at half load",
            1.25,
            "×",
            read(Loading::Half, |sample| sample.postgres_us),
        ),
        gate(
            "Authenticated read: PostgreSQL CPU over the floor's, saturated",
            1.25,
            "×",
            read(Loading::Saturated, |sample| sample.postgres_us),
        ),
        gate("List of 100: p95 at half load", 2.0, "ms", p95(Topic::List)),
    ]
}

fn process(findings: &Findings) -> Vec<Gate> {
    let megabytes = |kib: u64| f64::from(u32::try_from(kib).unwrap_or(u32::MAX)) * 1024.0 / 1e6;
    vec![
        Gate {
            name: "Resident memory, idle",
            bound: Bound::Most(40.0),
            unit: "MB",
            measured: spread([megabytes(findings.idle.resident_kib)]),
        },
        Gate {
            name: "From exec to ready, on a migrated database",
            bound: Bound::Most(300.0),
            unit: "ms",
            measured: spread(findings.starts.iter().map(|start| start.as_secs_f64() * 1e3)),
        },
    ]
}

fn login(findings: &Findings) -> Vec<Gate> {
    let key = |arm| (Topic::Login, Loading::Saturated, arm);
    let own = figures(findings, key(Arm::Elder), |sample| sample.server_us + sample.postgres_us);
    let hash = figures(findings, key(Arm::BareHash), |sample| sample.server_us);
    let beyond = own.iter().zip(&hash).map(|(own, hash)| (own - hash) / 1e3);
    let rate = ratio(findings, (Topic::Login, Loading::Saturated), (Arm::Elder, Arm::BareHash), |sample| {
        sample.per_second
    });
    vec![
        Gate {
            name: "Login: CPU of server and PostgreSQL beyond one hash",
            bound: Bound::Most(1.0),
            unit: "ms",
            measured: spread(beyond),
        },
        Gate {
            name: "Login: throughput over the bare hash rate",
            bound: Bound::Least(0.95),
            unit: "×",
            measured: rate,
        },
    ]
}

/// What else goes on while people come back or sign in.
fn refresh(findings: &Findings) -> [Gate; 2] {
    let refresh = (Topic::Refresh, Loading::Saturated);
    [
        Gate {
            name: "Refresh: rate over what PostgreSQL alone can commit",
            bound: Bound::Least(0.6),
            unit: "×",
            measured: ratio(findings, refresh, (Arm::Elder, Arm::Pgbench), |sample| sample.per_second),
        },
        Gate {
            name: "Flood of 500 sign-ins: p99 of reads meanwhile",
            bound: Bound::Most(100.0),
            unit: "ms",
            measured: spread(findings.floods.iter().map(|cost| cost.p99)),
        },
    ]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_promise_is_kept_by_the_median_and_never_by_silence() {
        let gate = |bound, measured| Gate { name: "", bound, unit: "", measured };
        assert!(gate(Bound::Most(1.0), spread([0.5, 1.0, 9.0])).is_met());
        assert!(!gate(Bound::Most(1.0), spread([1.1])).is_met());
        assert!(!gate(Bound::Least(0.95), spread([0.94])).is_met());
        assert!(!gate(Bound::Most(1.0), None).is_met());
    }
}
