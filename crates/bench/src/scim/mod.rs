//! Provisioning by SCIM: beside servers that others wrote, and what Elder alone promises.

mod directory;
mod group;
mod import;
mod look_up;
mod peer;
mod report;
mod requests;
mod steady;
mod walk;

use std::{fs, time::Duration};

use crate::{
    Plan,
    cluster::Cluster,
    data,
    fault::Fault,
    load::{Pace, Timing},
    measure::{self, Sample},
    pgbench,
    procfs::{self, Memory},
    say,
    server::Server,
    sql,
};

use directory::Directory;
use peer::Peer;
use requests::{Kind, Pushes};

pub(crate) use requests::expect;

pub(crate) use report::markdown;

/// How many connections load a server.
const CONNECTIONS: usize = 8;
/// How many users each server is given first.
const USERS: usize = 1_000;
/// At this rate users are created, a second.
const CREATES: f64 = 500.0;

/// A server under load.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Who {
    Elder,
    Scim2Server,
    DjangoScim2,
}

/// One window of one kind of request.
struct Window {
    round: usize,
    who: Who,
    kind: Kind,
    sample: Sample,
}

/// What the measurement shows.
pub(crate) struct Findings {
    quick: bool,
    rounds: usize,
    timing: Timing,
    windows: Vec<Window>,
    creates: Vec<Sample>,
    /// The same with PostgreSQL alone, saturated, and Elder saturated.
    rows: Vec<(Sample, Sample)>,
    look_ups: Vec<look_up::Cost>,
    import: import::Course,
    groups: Vec<group::Cost>,
    /// Members of the large group.
    members: usize,
    walk: walk::Course,
    steady: steady::Course,
    memory: Memory,
}

/// How much is measured.
struct Extent {
    rounds: usize,
    timing: Timing,
    imported: usize,
    walked: usize,
    large_group: usize,
    steady: Duration,
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
                rounds: 1,
                timing: timing(300, 1_000),
                imported: 6_000,
                walked: 10_000,
                large_group: 5_000,
                steady: Duration::from_secs(5),
            };
        }
        Self {
            rounds: 3,
            timing: timing(1_000, 5_000),
            imported: 100_000,
            walked: 250_000,
            large_group: 50_000,
            steady: Duration::from_mins(10),
        }
    }
}

/// Measures everything.
pub(crate) fn run(plan: &Plan) -> Result<Findings, Fault> {
    crate::campaign::empty(plan)?;
    fs::create_dir_all(&plan.data)?;
    say("Making the database");
    let cluster = Cluster::start(plan)?;
    data::load(&cluster, 1)?;
    let findings = measure_all(plan, &cluster);
    cluster.stop()?;
    crate::campaign::empty(plan)?;
    findings
}

fn measure_all(plan: &Plan, cluster: &Cluster) -> Result<Findings, Fault> {
    let extent = Extent::of(plan);
    let elder = Server::elder(cluster, &plan.data)?;
    let own = Directory::connect(&elder, "Compared")?;
    let (windows, creates, rows) = compare(plan, cluster, &extent, (&elder, &own))?;
    let large = Directory::connect(&elder, "Large")?;
    say("Importing");
    let import = import::course(&elder, &large, extent.imported)?;
    cluster.execute("analyze")?;
    say("Looking up, changing groups");
    let (mut look_ups, mut groups) = (Vec::new(), Vec::new());
    let pair = group::Pair::make(&elder, &large, &import.users, extent.large_group)?;
    for _ in 0..extent.rounds {
        look_ups.push(look_up::cost(cluster, &elder, &large, import.users.len())?);
        groups.push(pair.cost(&elder, &large)?);
    }
    say("Walking");
    // Of its own, so that the last users of it are like the first.
    let walked = Directory::connect(&elder, "Walked")?;
    walk::fill(cluster, &walked, extent.walked)?;
    let walk = walk::course(&elder, &walked, extent.walked)?;
    let memory = procfs::memory(elder.pid())?;
    elder.stop()?;
    say("Pushing steadily, with the limits that are shipped");
    let elder = Server::elder_with(cluster, &plan.data, &[])?;
    let steady = steady::course(&elder, &large, &import.users, extent.steady)?;
    elder.stop()?;
    Ok(Findings {
        quick: plan.quick,
        rounds: extent.rounds,
        timing: extent.timing,
        windows,
        creates,
        rows,
        look_ups,
        import,
        groups,
        members: pair.members,
        walk,
        steady,
        memory,
    })
}

/// What the rounds show: every server's windows, Elder's creates at a rate, and PostgreSQL alone beside it.
type Rounds = (Vec<Window>, Vec<Sample>, Vec<(Sample, Sample)>);

/// All servers in turn, round after round.
fn compare(
    plan: &Plan,
    cluster: &Cluster,
    extent: &Extent,
    (elder, own): (&Server, &Directory),
) -> Result<Rounds, Fault> {
    say("Starting the servers of others");
    let peers = [Peer::scim2_server(plan)?, Peer::django_scim2(plan)?];
    let mut arms = vec![(Who::Elder, elder, Pushes::prepare(elder, own.place(), USERS)?)];
    for peer in &peers {
        arms.push((peer.who, &peer.server, Pushes::prepare(&peer.server, peer.place(), USERS)?));
    }
    let (mut windows, mut creates, mut rows) = Rounds::default();
    for round in 1..=extent.rounds {
        say(&format!("Round {round} of {}", extent.rounds));
        for kind in [Kind::LookUp, Kind::Patch, Kind::Create] {
            for (who, server, pushes) in &arms {
                let load = pushes.of(kind);
                let (sample, _) =
                    measure::window(server, cluster.postmaster, &load, Pace::Saturated, extent.timing)?;
                windows.push(Window { round, who: *who, kind, sample });
            }
        }
        let Some((_, _, pushes)) = arms.first() else { continue };
        let load = pushes.of(Kind::Create);
        let window = |pace| measure::window(elder, cluster.postmaster, &load, pace, extent.timing);
        creates.push(window(Pace::Rate(CREATES))?.0);
        let script = sql::pgbench_push(own.id);
        let (bare, _) = pgbench::run(cluster, &plan.data, &script, extent.timing)?;
        rows.push((bare, window(Pace::Saturated)?.0));
    }
    for peer in peers {
        peer.server.stop()?;
    }
    Ok((windows, creates, rows))
}
