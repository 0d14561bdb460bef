//! What one tenant's load does to another: a quiet tenant's reads, alone and beside a tenant of a million users that asks
//! fifty times as much (research/security.md R-22).

use std::{
    fs,
    sync::atomic::{AtomicU32, AtomicU64, Ordering},
    thread,
    time::Duration,
};

use serde_json::{Value, json};

use crate::{
    Plan,
    campaign::{empty, sign_in},
    cluster::Cluster,
    data,
    fault::Fault,
    gates::{Bound, Gate},
    http::Connection,
    load::{self, Pace, Timing},
    operation::{self, Operation, Operations, PAGE, Requests},
    report::{line, machine, promises, shown},
    say,
    server::Server,
    statistics::{percentile_ms, spread},
};

/// Reads of the quiet tenant in a second.
const QUIET: f64 = 40.0;
/// How many times as much the other asks for.
const TIMES: f64 = 50.0;
/// Connections of each.
const CONNECTIONS: usize = 16;

/// What the quiet tenant meets, and what the other gets, in one round.
#[derive(Debug, Clone, Copy)]
struct Round {
    /// Milliseconds, alone: half and 99 of 100 are faster.
    alone: (f64, f64),
    /// The same beside the other.
    beside: (f64, f64),
    /// What the other was given in a second, and what it was refused.
    served: f64,
    refused: f64,
}

/// A figure of a round.
type Figure = fn(&Round) -> f64;

/// Rounds with rate limits as they are shipped, and without.
pub(crate) struct Findings {
    limited: Vec<Round>,
    unlimited: Vec<Round>,
    large: u64,
}

/// What the noisy tenant asks for: lists, searches, reads and new users, in turn.
struct Noise {
    bearers: Vec<String>,
    /// The server's process: the one of other limits made users of its own.
    server: u32,
    made: AtomicU64,
    served: AtomicU32,
    refused: AtomicU32,
}

/// Measures everything.
pub(crate) fn run(plan: &Plan) -> Result<Findings, Fault> {
    empty(plan)?;
    fs::create_dir_all(&plan.data)?;
    let large = if plan.quick { 100_000 } else { 1_000_000 };
    say(&format!("Making the database: tenants with {large} and 100,000 users, and 1,000 others"));
    let cluster = Cluster::start(plan)?;
    data::load(&cluster, large)?;
    let limited = rounds(plan, &cluster, "true");
    let unlimited = rounds(plan, &cluster, "false");
    cluster.stop()?;
    empty(plan)?;
    Ok(Findings { limited: limited?, unlimited: unlimited?, large })
}

fn rounds(plan: &Plan, cluster: &Cluster, limits: &str) -> Result<Vec<Round>, Fault> {
    say(&format!("Starting Elder, rate limits: {limits}"));
    let elder = Server::elder_with(
        cluster,
        &plan.data,
        &[
            ("ELDER_RATE_LIMIT__ENABLED", limits),
            // Those who sign in for the measurement come from one address.
            ("ELDER_RATE_LIMIT__AUTH_ADDRESS_PER_MINUTE", "10000"),
            ("ELDER_RATE_LIMIT__AUTH_NETWORK_PER_MINUTE", "10000"),
        ],
    )?;
    let (count, window) = if plan.quick { (1, 3) } else { (5, 20) };
    let timing = Timing {
        connections: CONNECTIONS,
        warm_up: Duration::from_secs(2),
        window: Duration::from_secs(window),
    };
    let quiet = Operations::of(sign_in(&elder)?, 0).read;
    let noise = Noise::sign_in(&elder)?;
    let rounds = (0..count).map(|_| round(&elder, &quiet, &noise, timing)).collect();
    elder.stop()?;
    rounds
}

fn round(elder: &Server, quiet: &Operation, noise: &Noise, timing: Timing) -> Result<Round, Fault> {
    let alone = reads(elder, quiet, timing)?;
    noise.served.store(0, Ordering::Relaxed);
    noise.refused.store(0, Ordering::Relaxed);
    let beside = thread::scope(|scope| {
        let pace = Pace::UpTo(QUIET * TIMES);
        let loud = scope.spawn(move || load::run(elder.address, noise, pace, timing, || Ok(())));
        let beside = reads(elder, quiet, timing);
        loud.join().map_err(|_| Fault::broken("the noisy tenant panicked"))??;
        beside
    })?;
    let seconds = (timing.warm_up + timing.window).as_secs_f64();
    let rate = |count: &AtomicU32| f64::from(count.load(Ordering::Relaxed)) / seconds;
    Ok(Round { alone, beside, served: rate(&noise.served), refused: rate(&noise.refused) })
}

fn reads(elder: &Server, quiet: &Operation, timing: Timing) -> Result<(f64, f64), Fault> {
    let (traffic, (), ()) = load::run(elder.address, quiet, Pace::Rate(QUIET), timing, || Ok(()))?;
    Ok((percentile_ms(&traffic.latencies, 50), percentile_ms(&traffic.latencies, 99)))
}

impl Noise {
    fn sign_in(elder: &Server) -> Result<Self, Fault> {
        let mut connection = Connection::open(elder.address)?;
        let mut bearers = Vec::new();
        for number in 1..=data::LARGE_SIGNED_IN {
            let login = operation::login_to(&data::slug(data::LARGE_TENANT), &data::large_email(number));
            let answer = connection.exchange(&login)?;
            let body: Value = serde_json::from_slice(answer.body).unwrap_or_default();
            let token = body.get("access_token").and_then(Value::as_str).ok_or_else(|| {
                Fault::broken(format!("nobody could sign in to make noise: {} {body}", answer.status))
            })?;
            bearers.push(format!("Authorization: Bearer {token}\r\n"));
        }
        let counts = (AtomicU64::new(0), AtomicU32::new(0), AtomicU32::new(0));
        Ok(Self { bearers, server: elder.pid(), made: counts.0, served: counts.1, refused: counts.2 })
    }
}

impl Requests for Noise {
    fn name(&self) -> &'static str {
        "a request of the noisy tenant"
    }

    fn accepts(&self, status: u16) -> bool {
        let count = match status {
            200 | 201 => &self.served,
            429 => &self.refused,
            _ => return false,
        };
        count.fetch_add(1, Ordering::Relaxed);
        true
    }

    fn request(&self) -> Vec<u8> {
        let number = self.made.fetch_add(1, Ordering::Relaxed);
        let people = u64::try_from(self.bearers.len()).unwrap_or(1).max(1);
        let place = usize::try_from(number / 10 % people).unwrap_or_default();
        let bearer = self.bearers.get(place).map(String::as_str).unwrap_or_default();
        match number % 10 {
            0..4 => operation::get(&format!("/api/v2/users?limit={PAGE}"), bearer),
            4..7 => {
                let name = number * 7_919 % 1_000_000;
                operation::get(&format!("/api/v2/users?filter=full_name%20co%20%22{name}%22"), bearer)
            }
            7..9 => {
                let email = data::large_email(number * 7_919 % 100_000 + 1);
                operation::get(&format!("/api/v2/users?filter=email%20eq%20%22{email}%22"), bearer)
            }
            _ => {
                let unique = format!("noise{}-{number}@example.net", self.server);
                let body = json!({ "email": unique, "full_name": "Noise" });
                operation::post("/api/v2/users", bearer, &body)
            }
        }
    }

    fn learn(&self, _: &[u8]) {}

    fn is_right(&self, _: &[u8]) -> bool {
        true
    }
}

/// The whole report.
pub(crate) fn markdown(findings: &Findings) -> String {
    let mut text = String::new();
    line(&mut text, format_args!("# Noisy neighbours\n"));
    line(&mut text, format_args!("Written by `make bench ARGS=neighbours`; do not edit.\n"));
    line(&mut text, format_args!("| | |\n| --- | --- |"));
    machine(&mut text);
    let large = findings.large;
    line(
        &mut text,
        format_args!("| Windows | {} rounds, each alone and then beside |\n", findings.limited.len()),
    );
    let people = data::LARGE_SIGNED_IN;
    let words = format!(
        "A tenant of 100,000 users reads single users {QUIET} times a second. A tenant of {large} users asks for {TIMES} times as \
         much: lists of 100, searches within names, look-ups by address and new users, as {people} people. Both meet one \
         node, one PostgreSQL and, here, the same two cores as whoever asks."
    );
    line(&mut text, format_args!("{words}\n"));
    let slower = |round: &Round| round.beside.1 / round.alone.1;
    let measured = spread(findings.limited.iter().map(slower));
    promises(
        &mut text,
        &[Gate {
            name: "The quiet tenant's p99 beside the noisy one over its p99 alone, limits as shipped",
            bound: Bound::Most(1.5),
            unit: "×",
            measured,
        }],
    );
    line(&mut text, format_args!("\n| | limits as shipped | without limits |\n| --- | ---: | ---: |"));
    let rows: [(&str, Figure); 7] = [
        ("alone: p50 ms", |round| round.alone.0),
        ("alone: p99 ms", |round| round.alone.1),
        ("beside: p50 ms", |round| round.beside.0),
        ("beside: p99 ms", |round| round.beside.1),
        ("p99 beside over alone", |round| round.beside.1 / round.alone.1),
        ("the noisy tenant is served a second", |round| round.served),
        ("and refused a second (429)", |round| round.refused),
    ];
    for (name, figure) in rows {
        let column = |rounds: &[Round]| shown(spread(rounds.iter().map(figure)));
        let (limited, unlimited) = (column(&findings.limited), column(&findings.unlimited));
        line(&mut text, format_args!("| {name} | {limited} | {unlimited} |"));
    }
    text
}
