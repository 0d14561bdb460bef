//! The whole measurement: sets the stage, runs the arms in turn, round after round, and gathers what they show.

use std::{collections::BTreeMap, fs, io, thread, time::Duration};

use crate::{
    Plan, batch,
    cluster::Cluster,
    data::{self, Counts},
    fault::Fault,
    flood, hashing,
    http::Connection,
    limiter,
    load::{Pace, Timing},
    measure::{self, Sample},
    operation::{self, Operation, Operations, Person},
    paging::{self, Reader},
    pgbench,
    procfs::{self, Memory},
    say,
    server::Server,
    sql,
};

/// How many connections load a server.
pub(crate) const CONNECTIONS: usize = 16;
/// The rate at which every arm is compared.
pub(crate) const FIXED_RATE: f64 = 500.0;
/// How often a disturbed window is tried again.
const TRIES: usize = 3;
/// More than any round sends.
const REQUESTS_OF_A_ROUND: u64 = 100_000_000;
/// How often the lists are measured when they are measured alone.
const LISTS: usize = 5;
/// How long a server rests before its memory is looked at.
const REST: Duration = Duration::from_secs(2);

/// What is measured.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Topic {
    Read,
    List,
    Create,
    Login,
    Refresh,
}

/// Under which load.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Loading {
    Saturated,
    Fixed,
    Half,
}

/// By whom.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Arm {
    Elder,
    Floor,
    Pgbench,
    BareHash,
    PooledHash,
}

/// All windows of one kind, one a round.
pub(crate) type Series = BTreeMap<(Topic, Loading, Arm), Vec<Sample>>;

/// What the measurement shows.
pub(crate) struct Findings {
    pub(crate) quick: bool,
    pub(crate) rounds: usize,
    pub(crate) timing: Timing,
    pub(crate) postgres: String,
    pub(crate) series: Series,
    /// Half of the ceiling, in requests a second.
    pub(crate) half_rates: BTreeMap<Topic, f64>,
    pub(crate) idle: Memory,
    pub(crate) loaded: Memory,
    pub(crate) floor_loaded: Memory,
    pub(crate) starts: Vec<Duration>,
    pub(crate) limiter: Vec<limiter::Cost>,
    pub(crate) batches: Vec<batch::Cost>,
    /// Users and pages of the large tenant.
    pub(crate) large: (u64, u64),
    pub(crate) pages: Vec<paging::Cost>,
    pub(crate) floods: Vec<flood::Cost>,
}

/// Everything that runs while it is measured.
struct Stage<'a> {
    plan: &'a Plan,
    timing: Timing,
    cluster: &'a Cluster,
    elder: &'a Server,
    floor: &'a Server,
    series: Series,
    half_rates: BTreeMap<Topic, f64>,
    limiter: Vec<limiter::Cost>,
    batches: Vec<batch::Cost>,
    floods: Vec<flood::Cost>,
}

/// Measures everything.
pub(crate) fn run(plan: &Plan) -> Result<Findings, Fault> {
    on_a_database(plan, measure_all)
}

/// Measures the lists of the large tenant alone.
pub(crate) fn lists(plan: &Plan) -> Result<Vec<paging::Cost>, Fault> {
    on_a_database(plan, |plan, cluster, large| {
        let (elder, floor) = (Server::elder(cluster, &plan.data)?, Server::floor(cluster, &plan.data)?);
        let reader = Reader::walk(cluster, &elder, &floor, large)?;
        let costs = (0..LISTS).map(|_| reader.cost()).collect();
        floor.stop()?;
        elder.stop()?;
        costs
    })
}

fn on_a_database<T>(
    plan: &Plan,
    measure: impl FnOnce(&Plan, &Cluster, u64) -> Result<T, Fault>,
) -> Result<T, Fault> {
    empty(plan)?;
    fs::create_dir_all(&plan.data)?;
    let large = if plan.quick { 100_000 } else { 1_000_000 };
    say(&format!("Making the database: tenants with {large} and 100,000 users, and 1,000 others"));
    let cluster = Cluster::start(plan)?;
    data::load(&cluster, large)?;
    let findings = measure(plan, &cluster, large);
    cluster.stop()?;
    empty(plan)?;
    findings
}

/// Removes what a run before has left.
pub(crate) fn empty(plan: &Plan) -> Result<(), Fault> {
    match fs::remove_dir_all(&plan.data) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error.into()),
        _ => Ok(()),
    }
}

fn measure_all(plan: &Plan, cluster: &Cluster, large: u64) -> Result<Findings, Fault> {
    let (rounds, starts, warm_up, window) =
        if plan.quick { (2, 3, 300, 1_000) } else { (3, 10, 1_000, 4_000) };
    let timing = Timing {
        connections: CONNECTIONS,
        warm_up: Duration::from_millis(warm_up),
        window: Duration::from_millis(window),
    };
    say("Starting Elder");
    // The first start makes the signing key.
    Server::elder(cluster, &plan.data)?.stop()?;
    let starts = (0..starts).map(|_| start_and_stop(plan, cluster)).collect::<Result<_, Fault>>()?;
    let elder = Server::elder(cluster, &plan.data)?;
    let floor = Server::floor(cluster, &plan.data)?;
    thread::sleep(REST);
    let idle = procfs::memory(elder.pid())?;
    say("Going through all pages of the large tenant");
    let reader = Reader::walk(cluster, &elder, &floor, large)?;
    let mut pages = Vec::new();
    let mut stage = Stage {
        plan,
        timing,
        cluster,
        elder: &elder,
        floor: &floor,
        series: Series::new(),
        half_rates: BTreeMap::new(),
        limiter: Vec::new(),
        batches: Vec::new(),
        floods: Vec::new(),
    };
    for round in 1..=rounds {
        say(&format!("Round {round} of {rounds}"));
        // Who creates users must have proven a moment ago who they are.
        let people = sign_in(&elder)?;
        let maker = people.first().cloned().ok_or_else(|| Fault::broken("nobody has signed in"))?;
        let first = u64::try_from(round).unwrap_or_default() * REQUESTS_OF_A_ROUND;
        stage.round(&Operations::of(people, first))?;
        stage.batches.push(batch::cost(&elder, &maker, round)?);
        pages.push(reader.cost()?);
    }
    let Stage { series, half_rates, limiter, batches, floods, .. } = stage;
    let (loaded, floor_loaded) = (procfs::memory(elder.pid())?, procfs::memory(floor.pid())?);
    floor.stop()?;
    elder.stop()?;
    let postgres = cluster.text("select version()")?;
    let quick = plan.quick;
    Ok(Findings {
        quick,
        rounds,
        timing,
        postgres,
        series,
        half_rates,
        idle,
        loaded,
        floor_loaded,
        starts,
        limiter,
        batches,
        large: (reader.users, reader.pages),
        pages,
        floods,
    })
}

fn start_and_stop(plan: &Plan, cluster: &Cluster) -> Result<Duration, Fault> {
    let server = Server::elder(cluster, &plan.data)?;
    let start = server.start;
    server.stop()?;
    Ok(start)
}

/// Signs people in through the API, one after the other.
pub(crate) fn sign_in(elder: &Server) -> Result<Vec<Person>, Fault> {
    let mut connection = Connection::open(elder.address)?;
    let mut people = Vec::new();
    for number in 1..=data::SIGNED_IN {
        let email = data::email(number);
        let answer = connection.exchange(&operation::login(&email))?;
        let body: serde_json::Value = serde_json::from_slice(answer.body).unwrap_or_default();
        let token = |name: &str| body.get(name).and_then(serde_json::Value::as_str).map(str::to_owned);
        let (Some(token), Some(refresh_token)) = (token("access_token"), token("refresh_token")) else {
            return Err(Fault::broken(format!("{email} could not sign in: {} {body}", answer.status)));
        };
        people.push(Person { email, token, refresh_token });
    }
    Ok(people)
}

impl Stage<'_> {
    /// Every arm once, so that what changes on the machine meets all of them.
    fn round(&mut self, operations: &Operations) -> Result<(), Fault> {
        self.topic(Topic::Read, &operations.read, sql::PGBENCH_READ)?;
        self.topic(Topic::List, &operations.list, sql::PGBENCH_LIST)?;
        self.topic(Topic::Create, &operations.create, sql::PGBENCH_CREATE)?;
        self.login(&operations.login)?;
        self.refresh(&operations.refresh)?;
        self.floods.push(flood::cost(self.elder, operations, self.timing)?);
        self.limiter.push(limiter::cost()?);
        Ok(())
    }

    fn topic(&mut self, topic: Topic, operation: &Operation, script: &str) -> Result<(), Fault> {
        let (cluster, plan, timing) = (self.cluster, self.plan, self.timing);
        self.keep(topic, Loading::Saturated, Arm::Pgbench, || {
            pgbench::run(cluster, &plan.data, script, timing)
        })?;
        let floor = self.serve(topic, Loading::Saturated, Arm::Floor, operation, Pace::Saturated)?;
        let elder = self.serve(topic, Loading::Saturated, Arm::Elder, operation, Pace::Saturated)?;
        // The first round sets the rate for all.
        let half = *self.half_rates.entry(topic).or_insert(f64::min(floor, elder) / 2.0);
        for (loading, rate) in [(Loading::Fixed, FIXED_RATE), (Loading::Half, half)] {
            for arm in [Arm::Floor, Arm::Elder] {
                self.serve(topic, loading, arm, operation, Pace::Rate(rate))?;
            }
        }
        Ok(())
    }

    fn login(&mut self, operation: &Operation) -> Result<(), Fault> {
        let (postmaster, timing) = (self.cluster.postmaster, self.timing);
        let (topic, loading) = (Topic::Login, Loading::Saturated);
        self.keep(topic, loading, Arm::BareHash, || Ok((hashing::bare(postmaster, timing)?, 0)))?;
        self.keep(topic, loading, Arm::PooledHash, || Ok((hashing::pooled(postmaster, timing)?, 0)))?;
        let ceiling = self.serve(topic, loading, Arm::Elder, operation, Pace::Saturated)?;
        let half = *self.half_rates.entry(topic).or_insert(ceiling / 2.0);
        self.serve(topic, Loading::Half, Arm::Elder, operation, Pace::Rate(half))?;
        Ok(())
    }

    fn refresh(&mut self, operation: &Operation) -> Result<(), Fault> {
        let (cluster, plan, timing) = (self.cluster, self.plan, self.timing);
        let (topic, loading) = (Topic::Refresh, Loading::Saturated);
        self.keep(topic, loading, Arm::Pgbench, || {
            pgbench::run(cluster, &plan.data, sql::PGBENCH_REFRESH, timing)
        })?;
        let ceiling = self.serve(topic, loading, Arm::Elder, operation, Pace::Saturated)?;
        let half = *self.half_rates.entry(topic).or_insert(ceiling / 2.0);
        self.serve(topic, Loading::Half, Arm::Elder, operation, Pace::Rate(half))?;
        Ok(())
    }

    /// Measures one server; gives its requests a second.
    fn serve(
        &mut self,
        topic: Topic,
        loading: Loading,
        arm: Arm,
        operation: &Operation,
        pace: Pace,
    ) -> Result<f64, Fault> {
        let server = if arm == Arm::Elder { self.elder } else { self.floor };
        let (postmaster, timing) = (self.cluster.postmaster, self.timing);
        self.keep(topic, loading, arm, || measure::window(server, postmaster, operation, pace, timing))
    }

    /// Measures until a window is undisturbed, or often enough, and keeps the last; checks that the work was done.
    fn keep(
        &mut self,
        topic: Topic,
        loading: Loading,
        arm: Arm,
        measure: impl Fn() -> Result<(Sample, u64), Fault>,
    ) -> Result<f64, Fault> {
        let tries = if self.plan.quick { 1 } else { TRIES };
        for left in (0..tries).rev() {
            let before = (topic == Topic::Create).then(|| Counts::of(self.cluster)).transpose()?;
            let (sample, done) = measure()?;
            if let Some(before) = before {
                Counts::of(self.cluster)?.expect_growth(before, done, &format!("{arm:?}"))?;
            }
            if !sample.disturbed || left == 0 {
                self.series.entry((topic, loading, arm)).or_default().push(sample);
                return Ok(sample.per_second);
            }
        }
        Ok(f64::NAN)
    }
}
