//! Sign-ins by identity providers, beside the cost of verifying their signatures alone. The provider is in this process, and
//! has signed everything in advance.

mod oidc;
mod report;
mod saml;
mod sign_in;
mod verifying;

use std::{fs, thread, time::Duration};

use elder_kernel::Seam;

use crate::{
    Plan,
    cluster::Cluster,
    data,
    fault::Fault,
    load::Timing,
    measure::{Sample, Watch},
    say,
    server::Server,
};

pub(crate) use report::markdown;

/// How many browsers sign in at once.
const BROWSERS: usize = 8;

/// What signs somebody in, or is only read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum What {
    Oidc,
    OidcVerifying,
    Saml,
    SamlVerifying,
}

/// What the measurement shows.
pub(crate) struct Findings {
    rounds: usize,
    sign_ins: usize,
    windows: Vec<(What, Sample)>,
}

impl Findings {
    fn of(&self, what: What) -> impl Iterator<Item = &Sample> {
        self.windows.iter().filter(move |(own, _)| *own == what).map(|(_, sample)| sample)
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
    let (rounds, sign_ins) = if plan.quick { (1, 200) } else { (3, 1_500) };
    let settings = [("ELDER_RATE_LIMIT__ENABLED", "false"), ("ELDER_OUTBOUND__ALLOW_HOSTS", "127.0.0.1")];
    let elder = Server::elder_with(cluster, &plan.data, &settings)?;
    let timing = Timing {
        connections: BROWSERS,
        warm_up: Duration::from_millis(300),
        window: Duration::from_secs(if plan.quick { 1 } else { 4 }),
    };
    let (by_oidc, by_saml) = (oidc::Provider::start()?, saml::Provider::new()?);
    let of_oidc = sign_in::set_up(&elder, &by_oidc.described())?;
    let of_saml = sign_in::set_up(&elder, &by_saml.described())?;
    let watch = Watch { server: elder.pid(), postmaster: cluster.postmaster };
    let mut windows = Vec::new();
    let mut first = 1;
    for round in 1..=rounds {
        say(&format!("Round {round} of {rounds}"));
        // Each sign-in is another person's: no account is locked for another, and no device is known.
        let people = first..first + u64::try_from(sign_ins).unwrap_or_default();
        first = people.end;
        sign_in::link(cluster, (&of_oidc, &by_oidc.issuer), people.clone())?;
        sign_in::link(cluster, (&of_saml, saml::ENTITY), people.clone())?;
        let prepared = by_oidc.prepare(&elder, &of_oidc, people.clone())?;
        windows.push((What::Oidc, sign_in::all(&elder, watch, prepared)?));
        windows.push((What::OidcVerifying, verifying::of_tokens(&by_oidc, cluster.postmaster, timing)?));
        let prepared = by_saml.prepare(&elder, &of_saml, people)?;
        let answers: Vec<_> = prepared.iter().map(|one| one.brought.clone()).collect();
        windows.push((What::Saml, sign_in::all(&elder, watch, prepared)?));
        let read = verifying::of_answers(&by_saml, &of_saml, (&answers, cluster.postmaster), timing)?;
        windows.push((What::SamlVerifying, read));
    }
    elder.stop()?;
    Ok(Findings { rounds, sign_ins, windows })
}

/// Time and randomness as they are.
fn seam() -> Seam {
    Seam::system()
}

/// How many threads verify at once.
fn cores() -> usize {
    thread::available_parallelism().map_or(1, usize::from)
}
