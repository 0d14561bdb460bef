//! Looks at a provider as it is configured, for whoever sets it up: nobody has to sign in for that.

use chrono::{DateTime, TimeDelta, Utc};
use elder_kernel::{Finding, FindingOutcome as Outcome};

use crate::{Certificate, Idp, KeyAlgorithm};

/// What was looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Topic {
    /// How long the provider's description counts.
    Metadata,
    /// The addresses, and how messages get there.
    Endpoints,
    /// The certificates: when they end.
    Certificates,
    /// The keys in them: their kinds and sizes.
    Keys,
    /// Whether a logout can be told to the provider.
    Logout,
}

impl Topic {
    /// Its name on the wire.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Metadata => "metadata",
            Self::Endpoints => "endpoints",
            Self::Certificates => "certificates",
            Self::Keys => "keys",
            Self::Logout => "logout",
        }
    }
}

type Verdict = (Outcome, String);

/// When somebody should begin to change what ends.
const NOTICE: TimeDelta = TimeDelta::days(30);
/// An RSA key of this size is good beyond 2030 (NIST SP 800-57).
const LASTING_RSA: u32 = 3072;

/// Examines a provider: one finding for each topic, in their order.
pub fn examine(idp: &Idp, now: DateTime<Utc>) -> Vec<Finding<Topic>> {
    let verdicts = [
        (Topic::Metadata, of_metadata(idp, now)),
        (Topic::Endpoints, of_endpoints(idp)),
        (Topic::Certificates, of_certificates(&idp.signing_certificates, now)),
        (Topic::Keys, of_keys(&idp.signing_certificates)),
        (Topic::Logout, of_logout(idp)),
    ];
    verdicts.into_iter().map(|(topic, (outcome, words))| Finding { topic, outcome, words }).collect()
}

fn of_metadata(idp: &Idp, now: DateTime<Utc>) -> Verdict {
    let described = format!("The provider is {}", idp.entity_id);
    match idp.valid_until {
        None => (Outcome::Passed, format!("{described}.")),
        Some(end) if end <= now => {
            (Outcome::Failed, format!("{described}. Its description has ended on {}.", day(end)))
        }
        Some(end) => (Outcome::Passed, format!("{described}, described until {}.", day(end))),
    }
}

fn of_endpoints(idp: &Idp) -> Verdict {
    let bindings: Vec<_> = idp.sso.iter().map(|endpoint| endpoint.binding.name()).collect();
    if bindings.is_empty() {
        return (Outcome::Failed, "The provider has no address to sign in at.".to_owned());
    }
    let plain = idp.sso.iter().chain(&idp.slo).find(|endpoint| !endpoint.location.starts_with("https://"));
    match plain {
        Some(endpoint) => (Outcome::Warning, format!("{} is not encrypted.", endpoint.location)),
        None => (Outcome::Passed, format!("Sign-ins go by {}.", bindings.join(" and "))),
    }
}

/// The last one to end decides, since any may sign.
fn of_certificates(all: &[Certificate], now: DateTime<Utc>) -> Verdict {
    let Some(last) = all.iter().filter(|one| one.not_before <= now).max_by_key(|one| one.not_after) else {
        return (Outcome::Failed, "No certificate of the provider is good yet.".to_owned());
    };
    let end = day(last.not_after);
    if last.not_after <= now {
        return (Outcome::Failed, format!("The last certificate of the provider has ended on {end}."));
    }
    if last.not_after - now <= NOTICE {
        return (Outcome::Warning, format!("The last certificate of the provider ends on {end}."));
    }
    let ended = all.iter().filter(|one| one.not_after <= now).count();
    match ended {
        0 => (Outcome::Passed, format!("Certificates: {}. The last one ends on {end}.", all.len())),
        _ => (
            Outcome::Warning,
            format!("{ended} of {} certificates have ended. The last one ends on {end}.", all.len()),
        ),
    }
}

fn of_keys(all: &[Certificate]) -> Verdict {
    let named: Vec<_> =
        all.iter().map(|one| format!("{} of {} bits", one.algorithm.name(), one.key_bits)).collect();
    let is_short = |one: &Certificate| one.algorithm == KeyAlgorithm::Rsa && one.key_bits < LASTING_RSA;
    let words = format!("Keys: {}.", named.join(", "));
    match all.iter().any(is_short) {
        _ if all.is_empty() => {
            (Outcome::Failed, "The provider has no key that verifies signatures.".to_owned())
        }
        true => (Outcome::Passed, format!("{words} RSA of 2048 bits is good until 2030.")),
        false => (Outcome::Passed, words),
    }
}

fn of_logout(idp: &Idp) -> Verdict {
    if idp.slo.is_empty() {
        return (Outcome::Warning, "The provider takes no logouts: its session outlives ours.".to_owned());
    }
    (Outcome::Passed, "Logouts are told to the provider.".to_owned())
}

fn day(at: DateTime<Utc>) -> String {
    at.format("%Y-%m-%d").to_string()
}
