//! Writes the report: Markdown, every figure beside what was promised.

use super::{CHANGES, Findings};
use crate::{
    gates::{Bound, Gate},
    report::{line, machine, promises, shown},
    statistics::{Spread, percentile_ms, spread},
};

/// The whole report.
pub(crate) fn markdown(findings: &Findings) -> String {
    let mut text = String::new();
    let command = if findings.quick { "make bench ARGS='audit --quick'" } else { "make bench ARGS=audit" };
    line(&mut text, format_args!("# Benchmarks of the audit log\n"));
    line(&mut text, format_args!("Written by `{command}`; do not edit.\n"));
    line(&mut text, format_args!("| | |\n| --- | --- |"));
    machine(&mut text);
    let extent = &findings.extent;
    line(
        &mut text,
        format_args!(
            "| Events | {} in the tenant that is searched, {} in the one that is verified |",
            extent.searched, extent.verified
        ),
    );
    let window = extent.timing.window.as_secs_f64();
    line(
        &mut text,
        format_args!(
            "| Windows | {} rounds of {window} s, in turn; {} connections |\n",
            extent.rounds, extent.timing.connections
        ),
    );
    promises(&mut text, &gates(findings));
    changes(&mut text, findings);
    search(&mut text, findings);
    calls(&mut text, findings);
    keeping(&mut text, findings);
    text
}

fn gates(findings: &Findings) -> Vec<Gate> {
    let gate = |name, bound, unit, measured| Gate { name, bound, unit, measured };
    let one = |value| spread([value]);
    // Words have no figure of their own in the specification.
    let slowest = findings
        .searches
        .iter()
        .filter(|(name, _)| *name != "words")
        .map(|(_, times)| percentile_ms(times, 95))
        .fold(0.0, f64::max);
    vec![
        gate("A change with its event: time over the change alone", Bound::Most(1.3), "×", ratio(findings)),
        gate("Sealing lag under changes, p99", Bound::Most(2_000.0), "ms", one(findings.lag.1)),
        gate(
            "Search by person, action, resource or time: the slowest p95",
            Bound::Most(50.0),
            "ms",
            one(slowest),
        ),
        gate(
            "`elder audit verify` on one core, for the whole tenant",
            Bound::Most(10.0),
            "s",
            one(findings.verify),
        ),
        gate(
            "Calls written a second, while the API answers",
            Bound::Least(10_000.0),
            "/s",
            one(findings.calls.per_second),
        ),
        gate("Reads meanwhile, p99", Bound::Most(100.0), "ms", one(findings.calls.reads_p99)),
    ]
}

/// Time of one change with its event over that of one without, both saturated over as many connections.
fn ratio(findings: &Findings) -> Option<Spread> {
    spread(findings.changes.iter().map(|(alone, both)| alone.per_second / both.per_second))
}

fn changes(text: &mut String, findings: &Findings) {
    line(text, format_args!("\n## What an event costs a change\n"));
    let words = "A new user and the row that tells the world of it, in one commit that is on disk, by pgbench; beside the same \
        with the audit event. Elder seals meanwhile.";
    line(text, format_args!("{words}\n"));
    line(text, format_args!("| | per second | PostgreSQL µs |\n| --- | ---: | ---: |"));
    let column = |pick: fn(&(crate::measure::Sample, crate::measure::Sample)) -> f64| {
        shown(spread(findings.changes.iter().map(pick)))
    };
    line(
        text,
        format_args!(
            "| alone | {} | {} |",
            column(|(alone, _)| alone.per_second),
            column(|(alone, _)| alone.postgres_us)
        ),
    );
    line(
        text,
        format_args!(
            "| with its event | {} | {} |",
            column(|(_, both)| both.per_second),
            column(|(_, both)| both.postgres_us)
        ),
    );
    let (median, p99) = findings.lag;
    line(
        text,
        format_args!(
            "\nAt {CHANGES} changes a second by the API, from the event's own time to the checkpoint that covers it: {median:.0} ms (median), {p99:.0} ms (p99). What waits is sealed at {:.0} events a second, and was put into the database, with its indexes, at {:.0}.",
            findings.sealed_per_second, findings.made_per_second
        ),
    );
}

fn search(text: &mut String, findings: &Findings) {
    line(text, format_args!("\n## Searching\n"));
    line(
        text,
        format_args!(
            "`GET /api/v2/audit/events?limit=50` with one filter, one after the other over one connection.\n"
        ),
    );
    line(text, format_args!("| filter | p50 ms | p95 ms | p99 ms |\n| --- | ---: | ---: | ---: |"));
    for (name, times) in &findings.searches {
        let [p50, p95, p99] = [50, 95, 99].map(|part| percentile_ms(times, part));
        line(text, format_args!("| {name} | {p50:.2} | {p95:.2} | {p99:.2} |"));
    }
}

fn calls(text: &mut String, findings: &Findings) {
    let calls = &findings.calls;
    line(text, format_args!("\n## Calls of the API\n"));
    line(
        text,
        format_args!(
            "{} calls wait in files, as after an outage, when the server starts; meanwhile others read a user 100 times a second. Saturated reads of one user with and without an event for each call: {:.0} and {:.0} a second.",
            calls.events, calls.with, calls.without
        ),
    );
}

fn keeping(text: &mut String, findings: &Findings) {
    let keeping = &findings.keeping;
    line(text, format_args!("\n## Retention and archives\n"));
    line(
        text,
        format_args!(
            "In the log that is searched, from the start of the server or the command; behind it `elder audit verify` finds the whole log good, in {:.1} s on one core.\n",
            keeping.verified
        ),
    );
    line(text, format_args!("| | events | s |\n| --- | ---: | ---: |"));
    line(
        text,
        format_args!(
            "| a month into its archive, read back, out of the log | {} | {:.1} |",
            keeping.month, keeping.archived
        ),
    );
    line(
        text,
        format_args!("| the month back, to be searched | {} | {:.1} |", keeping.month, keeping.restored),
    );
    let (events, seconds) = keeping.expired;
    line(text, format_args!("| a category whose time has ended, out of the log | {events} | {seconds:.1} |"));
}
