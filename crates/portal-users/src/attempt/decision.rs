//! Whether a proof is believed: the same questions in the same order, whatever is wrong.

use std::net::IpAddr;

use chrono::{DateTime, Utc};
use elder_tenancy::settings::TenantSettings;

use super::{Accepted, Attempted, Guess, Origin, Proof, Refusal, Tallies};
use crate::risk::{Assessment, Demand};

/// Decides about an attempt that comes `from` somewhere. With a refusal go the tallies to be kept.
///
/// A stranger's network, a lock and the tenant's budget come first: behind them no guess is evaluated, so none counts.
pub(super) fn decide(
    account: Option<&Attempted>,
    proof: &Proof,
    settings: &TenantSettings,
    from: Option<IpAddr>,
    now: DateTime<Utc>,
) -> (Result<Accepted, Refusal>, Tallies) {
    let Some(account) = account else { return (Err(Refusal::UnknownAccount), Tallies::default()) };
    let stored = proof.stored.as_ref().map(|hash| hash.expose().as_str());
    let is_right = proof.matches && stored == account.password_hash.as_deref();
    let refusal = if !settings.ip_allowlist.admit(from) {
        Refusal::Network
    } else if account.tallies.are_locked(now) {
        Refusal::Locked
    } else if proof.is_beyond_budget {
        Refusal::BeyondBudget
    } else if !is_right {
        let tallies = account.tallies.after_failure(&settings.lockout, now);
        return (Err(Refusal::WrongPassword { locks_until: tallies.lock_begun() }), tallies);
    } else if !account.is_active {
        Refusal::Inactive
    } else if !account.tenant_is_active {
        Refusal::TenantInactive
    } else {
        let risk = assess(account, &proof.origin, settings, from, now);
        let demand = risk.demand(&settings.risk);
        if demand == Demand::Refusal || (demand == Demand::SecondFactor && !account.has_factor) {
            // Counts like a wrong one: who has stolen it cannot try, and have its owner written to, without end.
            return (Err(Refusal::Risk(risk)), account.tallies.after_failure(&settings.lockout, now));
        }
        return (Ok(accepted(account, risk, demand == Demand::SecondFactor)), account.tallies);
    };
    (Err(refusal), account.tallies)
}

fn accepted(account: &Attempted, risk: Assessment, is_doubted: bool) -> Accepted {
    Accepted {
        password_changed_at: account.password_changed_at,
        device: account.tallies.device.map(|(id, _)| id),
        remembered_until: account.remembered_until,
        risk,
        is_doubted,
    }
}

/// How unlike its owner's a sign-in looks that begins now. Who goes on with one, or is signed in, was looked at.
pub(super) fn assess(
    account: &Attempted,
    origin: &Origin,
    settings: &TenantSettings,
    from: Option<IpAddr>,
    now: DateTime<Utc>,
) -> Assessment {
    match origin {
        Origin::Anywhere { places, .. } => account.circumstances.assess(places, from, &settings.risk, now),
        Origin::Flow(_) | Origin::Session(_) => Assessment::default(),
    }
}

/// Whether a second factor is looked at at all. What the password was judged by holds here too, and comes first.
pub(super) fn ensure_admissible(
    account: &Attempted,
    guess: Guess,
    settings: &TenantSettings,
    from: Option<IpAddr>,
    now: DateTime<Utc>,
) -> Result<(), Refusal> {
    if !settings.ip_allowlist.admit(from) {
        Err(Refusal::Network)
    } else if guess == Guess::Possible && account.tallies.are_locked(now) {
        Err(Refusal::Locked)
    } else if !account.is_active {
        Err(Refusal::Inactive)
    } else if !account.tenant_is_active {
        Err(Refusal::TenantInactive)
    } else {
        Ok(())
    }
}
