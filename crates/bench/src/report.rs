//! Writes the report: Markdown, every figure beside its limit from the same run.

use std::{fmt::Write as _, thread};

use elder_kernel::Clock;

use crate::{
    batch,
    campaign::{Arm, CONNECTIONS, FIXED_RATE, Findings, Loading, Topic},
    data, flood,
    gates::{self, Bound, Gate},
    limiter::Cost,
    measure::Sample,
    paging,
    procfs::{self, Memory},
    statistics::{Spread, spread},
};

/// A topic's heading, and what its limits are.
const TOPICS: &[(Topic, &str, &str)] = &[
    (
        Topic::Read,
        "Authenticated read of one user",
        "`GET /api/v2/users/{id}` with a bearer token. The limits read the same columns of the same row under the \
         same row-level security, in one pipelined read-only transaction.",
    ),
    (
        Topic::List,
        "Page of 100 users",
        "`GET /api/v2/users?limit=100`. The limits read the same 101 rows (the last tells whether a page follows).",
    ),
    (
        Topic::Create,
        "Creating a user",
        "`POST /api/v2/users` without a password. The limits write the same three rows (user, audit event, outbox \
         event) in one commit that is on disk when it is answered. Every window is checked: the three tables grew \
         by exactly as many rows as requests were answered.",
    ),
    (
        Topic::Login,
        "Signing in",
        "`POST /api/v2/auth/login`. The limit is Argon2id with Elder's parameters (19 MiB, 2 passes, 1 lane) on all \
         cores, with the argon2 crate alone, its memory reused; beside it Elder's own pool of hashing threads.",
    ),
    (
        Topic::Refresh,
        "Renewing a session",
        "`POST /api/v2/auth/refresh`, each token spent once. The limit locks and changes the same row of a session and \
         writes the same two events, in one commit that is on disk when it is answered.",
    ),
];

/// The whole report.
pub(crate) fn markdown(findings: &Findings) -> String {
    let mut text = String::new();
    head(&mut text, findings);
    promises(&mut text, &gates::gates(findings));
    for (topic, heading, words) in TOPICS {
        section(&mut text, findings, *topic, heading, words);
    }
    flood(&mut text, findings);
    batches(&mut text, findings);
    pages(&mut text, findings);
    limiter(&mut text, findings);
    process(&mut text, findings);
    method(&mut text, findings);
    text
}

/// Writing into a text cannot fail.
pub(crate) fn line(text: &mut String, words: std::fmt::Arguments<'_>) {
    let _ = writeln!(text, "{words}");
}

/// When and on what it was measured, as rows of a table.
pub(crate) fn machine(text: &mut String) {
    let cores = thread::available_parallelism().map_or(0, std::num::NonZero::get);
    let model = procfs::cpu_model().unwrap_or_else(|_| "unknown".to_owned());
    line(text, format_args!("| Date | {} |", Clock::system().now().format("%Y-%m-%d %H:%M UTC")));
    line(text, format_args!("| Machine | {cores} cores, {model} |"));
}

fn head(text: &mut String, findings: &Findings) {
    let version = findings.postgres.split_whitespace().take(2).collect::<Vec<_>>().join(" ");
    let command = if findings.quick { "make bench ARGS=--quick" } else { "make bench" };
    line(text, format_args!("# Benchmarks\n"));
    line(
        text,
        format_args!(
            "Written by `{command}`; do not edit. Every figure stands beside its limit from the same"
        ),
    );
    line(
        text,
        format_args!("run: what PostgreSQL alone can do (pgbench), and the least server that does the same"),
    );
    line(text, format_args!("queries without asking who calls (the floor).\n"));
    line(text, format_args!("| | |\n| --- | --- |"));
    machine(text);
    line(text, format_args!("| Database | {version}, durable, on the same machine, over a unix socket |"));
    line(
        text,
        format_args!(
            "| Data | {} users in the tenant, {} other tenants; {} users signed in |",
            data::USERS,
            data::OTHER_TENANTS,
            data::SIGNED_IN
        ),
    );
    let (window, rounds) = (findings.timing.window.as_secs_f64(), findings.rounds);
    line(
        text,
        format_args!(
            "| Windows | {rounds} rounds of {window} s an arm, arms in turn; {CONNECTIONS} connections |"
        ),
    );
    let all = findings.series.values().flatten().count();
    let disturbed = findings.series.values().flatten().filter(|sample| sample.disturbed).count();
    line(text, format_args!("| Disturbed | {disturbed} of {all} windows |\n"));
}

pub(crate) fn promises(text: &mut String, gates: &[Gate]) {
    line(text, format_args!("## Promises\n"));
    line(text, format_args!("| what | promised | measured | |\n| --- | --- | --- | --- |"));
    for gate in gates {
        let unit = gate.unit;
        let promised = match gate.bound {
            Bound::Most(most) => format!("≤ {most} {unit}"),
            Bound::Least(least) => format!("≥ {least} {unit}"),
        };
        let met = if gate.is_met() { "met" } else { "**not met**" };
        line(text, format_args!("| {} | {promised} | {} | {met} |", gate.name, shown(gate.measured)));
    }
}

fn section(text: &mut String, findings: &Findings, topic: Topic, heading: &str, words: &str) {
    line(text, format_args!("\n## {heading}\n\n{words}\n"));
    line(
        text,
        format_args!("| load | who | per second | p50 ms | p95 ms | p99 ms | server µs | PostgreSQL µs |"),
    );
    line(text, format_args!("| --- | --- | ---: | ---: | ---: | ---: | ---: | ---: |"));
    for ((_, loading, arm), samples) in findings.series.iter().filter(|((of, ..), _)| *of == topic) {
        let figures = COLUMNS.map(|figure| shown(spread(samples.iter().map(figure)))).join(" | ");
        line(text, format_args!("| {} | {} | {figures} |", load_name(findings, topic, *loading), name(*arm)));
    }
    line(text, format_args!("\n| Elder over its limit | per second | p95 | server CPU | PostgreSQL CPU |"));
    line(text, format_args!("| --- | ---: | ---: | ---: | ---: |"));
    for loading in [Loading::Saturated, Loading::Fixed, Loading::Half] {
        for limit in [Arm::Floor, Arm::Pgbench, Arm::BareHash, Arm::PooledHash] {
            compare(text, findings, (topic, loading), limit);
        }
    }
}

const COLUMNS: [fn(&Sample) -> f64; 6] = [
    |sample| sample.per_second,
    |sample| sample.p50_ms,
    |sample| sample.p95_ms,
    |sample| sample.p99_ms,
    |sample| sample.server_us,
    |sample| sample.postgres_us,
];

fn compare(text: &mut String, findings: &Findings, (topic, loading): (Topic, Loading), limit: Arm) {
    if !findings.series.contains_key(&(topic, loading, limit)) {
        return;
    }
    let ratio = |figure| shown(gates::ratio(findings, (topic, loading), (Arm::Elder, limit), figure));
    line(
        text,
        format_args!(
            "| {}: {} | {} | {} | {} | {} |",
            load_name(findings, topic, loading),
            name(limit),
            ratio(|sample| sample.per_second),
            ratio(|sample| sample.p95_ms),
            ratio(|sample| sample.server_us),
            ratio(|sample| sample.postgres_us),
        ),
    );
}

fn load_name(findings: &Findings, topic: Topic, loading: Loading) -> String {
    match loading {
        Loading::Saturated => "saturated".to_owned(),
        Loading::Fixed => format!("{FIXED_RATE}/s"),
        Loading::Half => {
            let rate = findings.half_rates.get(&topic).copied().unwrap_or(f64::NAN);
            format!("half, {rate:.0}/s")
        }
    }
}

fn name(arm: Arm) -> &'static str {
    match arm {
        Arm::Elder => "Elder",
        Arm::Floor => "floor",
        Arm::Pgbench => "pgbench",
        Arm::BareHash => "bare hash",
        Arm::PooledHash => "Elder's pool",
    }
}

/// The seconds of one way.
type Seconds = fn(&batch::Cost) -> f64;

fn batches(text: &mut String, findings: &Findings) {
    line(text, format_args!("\n## Batches\n"));
    let words = "`POST /api/v2/users/batch` with 1,000 creates, beside 1,000 calls of `POST /api/v2/users`, one after the \
        other over one connection. Ratios are those of the single calls' time over the batch's.";
    line(text, format_args!("{words}\n"));
    line(text, format_args!("| | ms | times faster |\n| --- | ---: | ---: |"));
    let ways: [(&str, Seconds); 3] = [
        ("single calls", |cost| cost.singles),
        ("batch, atomic", |cost| cost.atomic),
        ("batch, independent", |cost| cost.independent),
    ];
    for (way, seconds) in ways {
        let costs = &findings.batches;
        let taken = shown(spread(costs.iter().map(|cost| seconds(cost) * 1e3)));
        let ratio = shown(spread(costs.iter().map(|cost| cost.singles / seconds(cost))));
        line(text, format_args!("| {way} | {taken} | {ratio} |"));
    }
}

fn pages(text: &mut String, findings: &Findings) {
    let (users, pages) = findings.large;
    line(text, format_args!("\n## Lists of a large tenant\n"));
    let words = "over one connection, one after the other: `GET /api/v2/users?limit=100`, its last page by the cursor, and \
        `?filter=email eq \"…\"` beside the bare SELECT: over HTTP, from the floor, and over a connection of its own. \
        Nobody asks for a user whom another has asked for.";
    line(text, format_args!("{users} users on {pages} pages, {words}\n"));
    line(text, format_args!("| | median ms |\n| --- | ---: |"));
    let column = |figure: fn(&paging::Cost) -> f64| shown(spread(findings.pages.iter().map(figure)));
    line(text, format_args!("| first page | {} |", column(|cost| cost.first)));
    line(text, format_args!("| last page | {} |", column(|cost| cost.last)));
    line(text, format_args!("| one user by address | {} |", column(|cost| cost.by_address)));
    line(text, format_args!("| the bare SELECT, over HTTP | {} |", column(|cost| cost.floor)));
    line(text, format_args!("| the bare SELECT, without HTTP | {} |", column(|cost| cost.bare)));
    line(text, format_args!("\n| by address over the bare SELECT | |\n| --- | ---: |"));
    line(text, format_args!("| both over HTTP | {} |", column(|cost| cost.by_address / cost.floor)));
    line(text, format_args!("| the SELECT without HTTP | {} |", column(|cost| cost.by_address / cost.bare)));
    line(text, format_args!("| what HTTP alone costs | {} |", column(|cost| cost.floor / cost.bare)));
}

fn flood(text: &mut String, findings: &Findings) {
    line(text, format_args!("\n## A flood of sign-ins\n"));
    let callers = flood::CALLERS;
    let words = "sign in again and again, each over a connection of its own; who gets 503 waits for the second that \
        `Retry-After` says. Meanwhile others read a user 100 times a second.";
    line(text, format_args!("{callers} callers {words}\n"));
    line(text, format_args!("| p99 of reads, ms | sign-ins a second | refused a second | resident MiB |"));
    line(text, format_args!("| ---: | ---: | ---: | ---: |"));
    let column = |figure: fn(&flood::Cost) -> f64| shown(spread(findings.floods.iter().map(figure)));
    let (p99, signed_in) = (column(|cost| cost.p99), column(|cost| cost.signed_in));
    let refused = column(|cost| cost.refused);
    let resident = findings.floods.iter().map(|cost| cost.resident_kib / 1024).max().unwrap_or_default();
    line(text, format_args!("| {p99} | {signed_in} | {refused} | {resident} |"));
}

fn limiter(text: &mut String, findings: &Findings) {
    line(text, format_args!("\n## The rate limit\n"));
    let words = "One decision over two buckets in a node's memory, of 50,000 callers. The limit looks the same two \
        buckets up in a plain map and stores them.";
    line(text, format_args!("{words}\n"));
    line(text, format_args!("| decision µs | look-ups µs | ratio |\n| ---: | ---: | ---: |"));
    let column = |figure: fn(&Cost) -> f64| shown(spread(findings.limiter.iter().map(figure)));
    let (decision, look_ups) = (column(|cost| cost.decision_us), column(|cost| cost.look_ups_us));
    let ratio = column(|cost| cost.decision_us / cost.look_ups_us);
    line(text, format_args!("| {decision} | {look_ups} | {ratio} |"));
}

fn process(text: &mut String, findings: &Findings) {
    line(text, format_args!("\n## The process\n"));
    line(text, format_args!("| | resident MiB | proportional MiB |\n| --- | ---: | ---: |"));
    let rows = [
        ("Elder, idle after its start", findings.idle),
        ("Elder, after all rounds", findings.loaded),
        ("floor, after all rounds", findings.floor_loaded),
    ];
    for (what, Memory { resident_kib, proportional_kib }) in rows {
        line(text, format_args!("| {what} | {} | {} |", resident_kib / 1024, proportional_kib / 1024));
    }
    let starts = shown(spread(findings.starts.iter().map(|start| start.as_secs_f64() * 1e3)));
    let count = findings.starts.len();
    line(
        text,
        format_args!("\nFrom exec to `/readyz` 200 on a migrated database: {starts} ms ({count} starts)."),
    );
}

fn method(text: &mut String, findings: &Findings) {
    line(text, format_args!("\n## How to read this\n"));
    let window = findings.timing.window.as_secs_f64();
    for words in [
        "A figure is the median over the rounds, in brackets the least and the most. Ratios are taken within a round.".to_owned(),
        format!("*Saturated*: {CONNECTIONS} connections, each sends as soon as it is answered; such latencies show the queue, not the server."),
        "*At a rate*: requests are due at fixed moments, and latency counts from the moment a request was due. *Half* \
         is half of what the slower of Elder and the floor can do (of Elder alone for sign-ins).".to_owned(),
        "*Server* and *PostgreSQL*: CPU time for one request, from the scheduler's own count over the window, of the \
         server's threads and of all processes of PostgreSQL.".to_owned(),
        format!("A window in which others used more than 5 % of the machine, or the hypervisor took more than 2 %, is \
         disturbed and measured again, at most twice. A window lasts {window} s."),
        "Load generator, server and PostgreSQL share the cores: the figures per second are those of the whole machine.".to_owned(),
        "pgbench makes random ids where Elder makes ordered ones, and tells no percentiles here.".to_owned(),
    ] {
        line(text, format_args!("- {words}"));
    }
}

/// A figure with three digits, and its range.
pub(crate) fn shown(spread: Option<Spread>) -> String {
    let Some(Spread { median, least, most }) = spread else { return "–".to_owned() };
    if (most - least).abs() < f64::EPSILON {
        return digits(median);
    }
    format!("{} ({}–{})", digits(median), digits(least), digits(most))
}

fn digits(value: f64) -> String {
    match value.abs() {
        size if size >= 100.0 => format!("{value:.0}"),
        size if size >= 10.0 => format!("{value:.1}"),
        _ => format!("{value:.2}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_figure_shows_its_range_only_if_it_has_one() {
        assert_eq!(shown(spread([1.234, 15.06, 120.4])), "15.1 (1.23–120)");
        assert_eq!(shown(spread([2.0])), "2.00");
        assert_eq!(shown(None), "–");
    }
}
