//! Writes the report: Markdown, every figure beside its limit from the same run.

use super::{CONNECTIONS, CREATES, Findings, USERS, Who, requests::Kind, steady};
use crate::{
    gates::{Bound, Gate},
    measure::Sample,
    report::{line, machine, promises, shown},
    statistics::{Spread, spread},
};

const KINDS: [(Kind, &str); 3] = [
    (Kind::LookUp, "`GET /Users?filter=userName eq \"…\"`"),
    (Kind::Patch, "`PATCH /Users/{id}`, `active`"),
    (Kind::Create, "`POST /Users`"),
];

const SERVERS: [(Who, &str); 3] = [
    (Who::Elder, "Elder"),
    (Who::Scim2Server, "scim2-server, gunicorn, one process of eight threads, in memory"),
    (Who::DjangoScim2, "django-scim2, gunicorn, two processes of eight threads, SQLite"),
];

/// The whole report.
pub(crate) fn markdown(findings: &Findings) -> String {
    let mut text = String::new();
    line(&mut text, format_args!("# Benchmarks of provisioning\n"));
    let command = if findings.quick { "make bench ARGS='scim --quick'" } else { "make bench ARGS=scim" };
    line(&mut text, format_args!("Written by `{command}`; do not edit.\n"));
    line(&mut text, format_args!("| | |\n| --- | --- |"));
    machine(&mut text);
    let window = findings.timing.window.as_secs_f64();
    let rounds = findings.rounds;
    line(
        &mut text,
        format_args!(
            "| Windows | {rounds} rounds of {window} s an arm, in turn; {CONNECTIONS} connections |"
        ),
    );
    line(
        &mut text,
        format_args!("| Elder's memory at the end | {} MiB |", findings.memory.resident_kib / 1024),
    );
    promises(&mut text, &gates(findings));
    beside(&mut text, findings);
    alone(&mut text, findings);
    text
}

fn gates(findings: &Findings) -> Vec<Gate> {
    let gate = |name, bound, unit, measured| Gate { name, bound, unit, measured };
    let most = |name, most, unit, measured| gate(name, Bound::Most(most), unit, measured);
    let least = |name, least, unit, measured| gate(name, Bound::Least(least), unit, measured);
    let p99 = |kind| spread(samples(findings, Who::Elder, kind).map(|sample| sample.p99_ms));
    let import = &findings.import;
    let kib = |kib: u64| f64::from(u32::try_from(kib).unwrap_or(u32::MAX));
    vec![
        least("Look-ups: rate over the best peer's", 10.0, "×", over_best(findings, Kind::LookUp)),
        least("PATCHes: rate over the best peer's", 10.0, "×", over_best(findings, Kind::Patch)),
        most("Look-ups: p99 at 8 connections", 20.0, "ms", p99(Kind::LookUp)),
        most("PATCHes: p99 at 8 connections", 20.0, "ms", p99(Kind::Patch)),
        most("Creates: p95 at 500/s", 2.0, "ms", spread(findings.creates.iter().map(|sample| sample.p95_ms))),
        most(
            "Creates: PostgreSQL CPU over that of the bare two rows in one commit",
            1.5,
            "×",
            spread(findings.rows.iter().map(|(bare, own)| own.postgres_us / bare.postgres_us)),
        ),
        most(
            "Look-up in a large directory: p99 over the bare SELECT's",
            3.0,
            "×",
            spread(findings.look_ups.iter().map(|cost| cost.p99 / cost.bare_p99)),
        ),
        most(
            "One member more: of the large group over the small one",
            1.2,
            "×",
            spread(findings.groups.iter().map(|cost| cost.large / cost.small)),
        ),
        most("Import: time of the last tenth over the first", 1.2, "×", spread([import.first / import.last])),
        most(
            "Import: memory at the end over that after the first tenth",
            1.1,
            "×",
            spread([kib(import.last_kib) / kib(import.first_kib)]),
        ),
        most(
            "Walk by cursor: the last pages over the first",
            1.2,
            "×",
            spread([findings.walk.last / findings.walk.first]),
        ),
    ]
}

fn samples(findings: &Findings, who: Who, kind: Kind) -> impl Iterator<Item = &Sample> {
    let windows = findings.windows.iter();
    windows.filter(move |window| window.who == who && window.kind == kind).map(|window| &window.sample)
}

/// Elder's rate over the best peer's, round by round.
fn over_best(findings: &Findings, kind: Kind) -> Option<Spread> {
    spread((1..=findings.rounds).map(|round| {
        let of = |is_own: bool| {
            let windows = findings.windows.iter().filter(move |window| {
                window.round == round && window.kind == kind && (window.who == Who::Elder) == is_own
            });
            windows.map(|window| window.sample.per_second).fold(f64::NAN, f64::max)
        };
        of(true) / of(false)
    }))
}

fn beside(text: &mut String, findings: &Findings) {
    line(text, format_args!("\n## Beside servers that others wrote\n"));
    let words = "users each to begin with, and the same requests in the same run. A PATCH deactivates or activates \
        a user. Elder's changes are on disk when they are answered, with an audit event and an outbox event each; those of \
        the others are in memory (scim2-server) or in SQLite's log.";
    line(text, format_args!("{USERS} {words}\n"));
    line(text, format_args!("| request | server | per second | p50 ms | p99 ms |"));
    line(text, format_args!("| --- | --- | ---: | ---: | ---: |"));
    for (kind, request) in KINDS {
        for (who, server) in SERVERS {
            let column = |figure: fn(&Sample) -> f64| shown(spread(samples(findings, who, kind).map(figure)));
            let (rate, p50) = (column(|sample| sample.per_second), column(|sample| sample.p50_ms));
            let p99 = column(|sample| sample.p99_ms);
            line(text, format_args!("| {request} | {server} | {rate} | {p50} | {p99} |"));
        }
    }
}

fn alone(text: &mut String, findings: &Findings) {
    let Findings { import, walk, steady, .. } = findings;
    line(text, format_args!("\n## Elder alone\n"));
    line(text, format_args!("| what | measured |\n| --- | ---: |"));
    let column = |figure: fn(&Sample) -> f64| shown(spread(findings.creates.iter().map(figure)));
    let (p50, p95) = (column(|sample| sample.p50_ms), column(|sample| sample.p95_ms));
    line(text, format_args!("| creates at {CREATES}/s: p50, p95 ms | {p50}, {p95} |"));
    let rows = |figure: fn(&(Sample, Sample)) -> f64| shown(spread(findings.rows.iter().map(figure)));
    let (bare, own) = (rows(|(bare, _)| bare.postgres_us), rows(|(_, own)| own.postgres_us));
    line(text, format_args!("| PostgreSQL µs for the bare two rows, for a create | {bare}, {own} |"));
    let cost = |figure: fn(&super::look_up::Cost) -> f64| shown(spread(findings.look_ups.iter().map(figure)));
    let imported = import.users.len();
    let (p50, p99) = (cost(|cost| cost.p50), cost(|cost| cost.p99));
    line(
        text,
        format_args!("| look-up among {imported} users, one after the other: p50, p99 ms | {p50}, {p99} |"),
    );
    let (p50, p99) = (cost(|cost| cost.bare_p50), cost(|cost| cost.bare_p99));
    line(text, format_args!("| the bare SELECT: p50, p99 ms | {p50}, {p99} |"));
    let group = |figure: fn(&super::group::Cost) -> f64| shown(spread(findings.groups.iter().map(figure)));
    let (small, large) = (group(|cost| cost.small), group(|cost| cost.large));
    let members = findings.members;
    line(text, format_args!("| one member more, of 50, of {members}: ms | {small}, {large} |"));
    let (first, last) = (import.first, import.last);
    line(
        text,
        format_args!(
            "| import of {imported} by Bulk of 1,000: users a second in the first and the last tenth | {first:.0}, {last:.0} |"
        ),
    );
    let (first, last) = (import.first_kib / 1024, import.last_kib / 1024);
    line(text, format_args!("| resident MiB after the first tenth, at the end | {first}, {last} |"));
    let (users, pages, first, last) = (walk.users, walk.pages, walk.first, walk.last);
    line(
        text,
        format_args!(
            "| {users} users by cursor on {pages} pages: median ms of the first and the last tenth | {first:.2}, {last:.2} |"
        ),
    );
    let (rate, requests, p50, p99) = (steady::RATE, steady.requests, steady.p50, steady.p99);
    line(
        text,
        format_args!(
            "| {rate} changes a second under the limits that are shipped: requests, none of them refused; p50, p99 ms | {requests}; {p50:.2}, {p99:.2} |"
        ),
    );
}
