//! The audit log: what an event costs a change, how soon it is sealed, and how fast a large log is searched, verified and
//! filled with calls.

mod calls;
mod keeping;
mod load;
mod report;
mod search;

use std::{
    fs,
    process::Command,
    thread,
    time::{Duration, Instant},
};

use crate::{
    Plan, campaign,
    cluster::Cluster,
    data,
    fault::Fault,
    load::{self as traffic, Pace, Timing},
    measure::Sample,
    operation::Operations,
    pgbench, say,
    server::{self, Server},
    sql,
};

pub(crate) use report::markdown;

/// How many connections change things, and read.
const CONNECTIONS: usize = 8;
/// Changes a second while the sealer is watched.
const CHANGES: f64 = 300.0;

/// What the measurement shows.
pub(crate) struct Findings {
    quick: bool,
    extent: Extent,
    /// A change alone, and with its event, by PostgreSQL alone.
    changes: Vec<(Sample, Sample)>,
    /// Events that were put into the database in a second, with their indexes.
    made_per_second: f64,
    /// Events that were sealed in a second.
    sealed_per_second: f64,
    /// From event to checkpoint under load, in milliseconds: the median and the 99th percentile.
    lag: (f64, f64),
    /// Each filter's name, and the milliseconds of its requests, sorted.
    searches: Vec<(&'static str, Vec<Duration>)>,
    /// Seconds for all events of the verified tenant.
    verify: f64,
    calls: calls::Course,
    keeping: keeping::Course,
}

/// How much is measured.
#[derive(Debug, Clone, Copy)]
struct Extent {
    rounds: usize,
    timing: Timing,
    /// Events of the tenant that is verified, and of the large one that is searched.
    verified: u64,
    searched: u64,
    /// Calls that are waiting to be written.
    calls: usize,
}

impl Extent {
    fn of(plan: &Plan) -> Self {
        let timing = |warm_up, window| Timing {
            connections: CONNECTIONS,
            warm_up: Duration::from_millis(warm_up),
            window: Duration::from_millis(window),
        };
        if plan.quick {
            return Self {
                rounds: 2,
                timing: timing(300, 2_000),
                verified: 20_000,
                searched: plan.events.min(200_000),
                calls: 20_000,
            };
        }
        Self {
            rounds: 5,
            timing: timing(1_000, 10_000),
            verified: 1_000_000,
            searched: plan.events,
            calls: 300_000,
        }
    }
}

/// Measures everything.
pub(crate) fn run(plan: &Plan) -> Result<Findings, Fault> {
    campaign::empty(plan)?;
    fs::create_dir_all(&plan.data)?;
    say("Making the database");
    let cluster = Cluster::start(plan)?;
    data::load(&cluster, 10_000)?;
    let findings = measure_all(plan, &cluster);
    cluster.stop()?;
    campaign::empty(plan)?;
    findings
}

fn measure_all(plan: &Plan, cluster: &Cluster) -> Result<Findings, Fault> {
    let extent = Extent::of(plan);
    let elder = Server::elder(cluster, &plan.data)?;
    load::begin_sealing(cluster, &elder)?;
    elder.stop()?;
    say("Making events");
    let made_per_second = load::make(cluster, &extent)?;
    say("Sealing them");
    let elder = Server::elder(cluster, &plan.data)?;
    let sealed_per_second = load::seal(cluster, &extent)?;
    say("Verifying");
    let verify = at_the_shell(plan, cluster, data::TENANT, &["verify"], &[])?;
    say("Searching");
    let searches = search::times(&elder, &extent)?;
    say("Changing, with and without an event");
    let mut changes = Vec::new();
    for _ in 0..extent.rounds {
        let alone = pgbench::run(cluster, &plan.data, sql::PGBENCH_CHANGE, extent.timing)?.0;
        changes.push((alone, pgbench::run(cluster, &plan.data, sql::PGBENCH_CREATE, extent.timing)?.0));
    }
    let lag = lag(cluster, &elder, &extent)?;
    elder.stop()?;
    say("Writing calls down");
    let calls = calls::course(plan, cluster, extent.calls)?;
    say("Archiving, restoring, expiring");
    let keeping = keeping::course(plan, cluster)?;
    Ok(Findings {
        quick: plan.quick,
        extent,
        changes,
        made_per_second,
        sealed_per_second,
        lag,
        searches,
        verify,
        calls,
        keeping,
    })
}

/// Seconds that a command of `elder audit` takes on one core for a tenant.
fn at_the_shell(
    plan: &Plan,
    cluster: &Cluster,
    tenant: i32,
    arguments: &[&str],
    settings: &[(&str, &str)],
) -> Result<f64, Fault> {
    let mut command = Command::new("taskset");
    command.args(["--cpu-list", "0"]).arg(server::beside_this_program("elder")?);
    command.arg("audit").args(arguments).args(["--tenant", &data::slug(tenant)]);
    server::settings(&mut command, cluster, &plan.data.join("elder"));
    command.envs(settings.iter().copied());
    let begin = Instant::now();
    let output = command.output()?;
    let taken = begin.elapsed().as_secs_f64();
    if output.status.success() {
        return Ok(taken);
    }
    let said = [output.stdout, output.stderr].concat();
    Err(Fault::broken(format!("elder audit {arguments:?} failed: {}", String::from_utf8_lossy(&said))))
}

/// From the event of a change to the first checkpoint over it, while others change things.
fn lag(cluster: &Cluster, elder: &Server, extent: &Extent) -> Result<(f64, f64), Fault> {
    let people = campaign::sign_in(elder)?;
    let operations = Operations::of(people, 1);
    let since = cluster.number("select size from audit_trees where tenant_id = 2")?;
    traffic::run(elder.address, &operations.create, Pace::Rate(CHANGES), extent.timing, || Ok(()))?;
    // The last of them has its checkpoint a second later.
    thread::sleep(Duration::from_secs(3));
    let at = |part: f64| {
        cluster.number(&format!(
            "select (percentile_cont({part}) within group (order by
                extract(epoch from (c.created_at - e.timestamp)) * 1000000))::bigint
             from audit_leaves l
             join audit_logs e on e.tenant_id = l.tenant_id and e.timestamp = l.timestamp and e.event_id = l.event_id
             cross join lateral (select created_at from audit_checkpoints c
                where c.tenant_id = l.tenant_id and c.size > l.seq order by c.size limit 1) c
             where l.tenant_id = {} and l.seq >= {since} and e.action = 'portal_user.created'",
            data::TENANT
        ))
    };
    let ms = |us: i64| f64::from(u32::try_from(us).unwrap_or(u32::MAX)) / 1e3;
    Ok((ms(at(0.5)?), ms(at(0.99)?)))
}
