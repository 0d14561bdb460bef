//! The audit log: what an event costs a change, how soon it is sealed, and how fast a large log is searched, verified and
//! filled with calls.

mod calls;
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
    load::{self, Pace, Timing},
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
/// Events that one statement makes.
const CHUNK: u64 = 250_000;

/// What the measurement shows.
pub(crate) struct Findings {
    quick: bool,
    extent: Extent,
    /// A change alone, and with its event, by PostgreSQL alone.
    changes: Vec<(Sample, Sample)>,
    /// Events that were sealed in a second.
    sealed_per_second: f64,
    /// From event to checkpoint under load, in milliseconds: the median and the 99th percentile.
    lag: (f64, f64),
    /// Each filter's name, and the milliseconds of its requests, sorted.
    searches: Vec<(&'static str, Vec<Duration>)>,
    /// Seconds for all events of the verified tenant.
    verify: f64,
    calls: calls::Course,
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
                searched: 100_000,
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
    say("Making events");
    for (tenant, events) in [(data::TENANT, extent.verified), (data::LARGE_TENANT, extent.searched)] {
        for first in (0..events).step_by(usize::try_from(CHUNK).unwrap_or(usize::MAX)) {
            cluster.execute(&events_of(tenant, first + 1, events.min(first + CHUNK)))?;
        }
    }
    cluster.execute("vacuum analyze audit_logs")?;
    say("Sealing them");
    let elder = Server::elder(cluster, &plan.data)?;
    let sealed_per_second = seal(cluster, &extent)?;
    say("Verifying");
    let verify = verified(plan, cluster)?;
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
    Ok(Findings { quick: plan.quick, extent, changes, sealed_per_second, lag, searches, verify, calls })
}

/// Events of this month, by ten thousand people about a hundred thousand things.
fn events_of(tenant: i32, first: u64, last: u64) -> String {
    format!(
        "insert into audit_logs (tenant_id, timestamp, event_id, correlation_id, actor_type, actor_user_id, actor_ip,
            actor_user_agent, action, category, resource_type, resource_id, changes, outcome)
         select {tenant}, now() - (now() - date_trunc('month', now())) * (n::float8 / 2 / {last} + random() / 3),
            gen_random_uuid(), 'req_' || n, 'user',
            ('01910000-0000-7000-9000-' || lpad(to_hex(n % 10000 + 1), 12, '0'))::uuid, '192.0.2.' || n % 250,
            'Mozilla/5.0 (X11; Linux x86_64)',
            (array['portal_user.updated', 'session.started', 'api.called', 'organization.updated',
                'portal_user.created', 'session.refused', 'role.updated', 'access.denied'])[n % 8 + 1],
            'data_change', 'portal_user', 'usr_' || lpad((n % 100000)::text, 26, '0'),
            jsonb_build_object('full_name', jsonb_build_object('before', 'Given' || n, 'after', 'Family' || n)),
            'success'
         from generate_series({first}::bigint, {last}::bigint) n"
    )
}

/// Waits until all events are sealed; events a second.
fn seal(cluster: &Cluster, extent: &Extent) -> Result<f64, Fault> {
    let sealed = || cluster.number("select coalesce(sum(size), 0)::bigint from audit_trees");
    let all = i64::try_from(extent.verified + extent.searched).unwrap_or(i64::MAX);
    let (begin, before) = (Instant::now(), sealed()?);
    while sealed()? < all {
        thread::sleep(Duration::from_millis(100));
    }
    let count = f64::from(u32::try_from(all - before).unwrap_or(u32::MAX));
    Ok(count / begin.elapsed().as_secs_f64())
}

/// Seconds that `elder audit verify` takes on one core for the tenant.
fn verified(plan: &Plan, cluster: &Cluster) -> Result<f64, Fault> {
    let mut command = Command::new("taskset");
    command.args(["--cpu-list", "0"]).arg(server::beside_this_program("elder")?);
    command.args(["audit", "verify", "--tenant", &data::slug(data::TENANT)]);
    server::settings(&mut command, cluster, &plan.data.join("elder"));
    let begin = Instant::now();
    let output = command.output()?;
    let taken = begin.elapsed().as_secs_f64();
    if output.status.success() {
        return Ok(taken);
    }
    let said = [output.stdout, output.stderr].concat();
    Err(Fault::broken(format!("elder audit verify failed: {}", String::from_utf8_lossy(&said))))
}

/// From the event of a change to the first checkpoint over it, while others change things.
fn lag(cluster: &Cluster, elder: &Server, extent: &Extent) -> Result<(f64, f64), Fault> {
    let people = campaign::sign_in(elder)?;
    let operations = Operations::of(people, 1);
    let since = cluster.number("select size from audit_trees where tenant_id = 2")?;
    load::run(elder.address, &operations.create, Pace::Rate(CHANGES), extent.timing, || Ok(()))?;
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
