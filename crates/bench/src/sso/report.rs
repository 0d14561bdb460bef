//! Writes the report: Markdown, every figure beside its limit from the same run.

use super::{BROWSERS, Findings, What};
use crate::{
    measure::Sample,
    report::{line, machine, shown},
    statistics::{Spread, spread},
};

const ROWS: [(What, &str); 4] = [
    (What::Oidc, "a callback of OpenID Connect, with its call of the token endpoint"),
    (What::OidcVerifying, "an ID token's form, key and signature alone (RS256, 2048 bits)"),
    (What::Saml, "a sign-in by SAML: the answer, and the browser that comes with its cookie"),
    (What::SamlVerifying, "the answer's reading alone (RSA-SHA256, 2048 bits, by xmlsec)"),
];

/// The whole report.
pub(crate) fn markdown(findings: &Findings) -> String {
    let mut text = String::new();
    line(&mut text, format_args!("# Benchmarks of single sign-on\n"));
    line(&mut text, format_args!("Written by `make bench ARGS=sso`; do not edit.\n"));
    line(&mut text, format_args!("| | |\n| --- | --- |"));
    machine(&mut text);
    let Findings { rounds, sign_ins, .. } = findings;
    line(
        &mut text,
        format_args!(
            "| Windows | {rounds} rounds of {sign_ins} sign-ins of as many people; {BROWSERS} browsers |"
        ),
    );
    let disturbed = findings.windows.iter().filter(|(_, sample)| sample.disturbed).count();
    line(&mut text, format_args!("| Disturbed | {disturbed} of {} windows |\n", findings.windows.len()));
    let words = "The provider is in the process of the benchmark and has signed everything in advance. A sign-in is done \
        when the browser is sent to its account: what was signed is read, the person is found, their roles are set, a session \
        begins, and the audit log says so. What stands below each is the least that it costs: the same bytes read by the same \
        code on all cores, without anything else.";
    line(&mut text, format_args!("{words}\n"));
    line(
        &mut text,
        format_args!("| what | per second | p50 ms | p95 ms | p99 ms | CPU µs | PostgreSQL µs |"),
    );
    line(&mut text, format_args!("| --- | ---: | ---: | ---: | ---: | ---: | ---: |"));
    for (what, words) in ROWS {
        let column = |figure: fn(&Sample) -> f64| shown(spread(findings.of(what).map(figure)));
        let (rate, cpu) = (column(|sample| sample.per_second), column(|sample| sample.server_us));
        let (p50, p95, p99) =
            (column(|sample| sample.p50_ms), column(|sample| sample.p95_ms), column(|sample| sample.p99_ms));
        let postgres = column(|sample| sample.postgres_us);
        line(&mut text, format_args!("| {words} | {rate} | {p50} | {p95} | {p99} | {cpu} | {postgres} |"));
    }
    line(
        &mut text,
        format_args!("\n| CPU of the sign-in over that of the reading alone | |\n| --- | ---: |"),
    );
    let over = |whole, alone| -> Option<Spread> {
        let pairs = findings.of(whole).zip(findings.of(alone));
        spread(pairs.map(|(whole, alone)| whole.server_us / alone.server_us))
    };
    line(&mut text, format_args!("| OpenID Connect | {} |", shown(over(What::Oidc, What::OidcVerifying))));
    line(&mut text, format_args!("| SAML | {} |", shown(over(What::Saml, What::SamlVerifying))));
    text
}
