//! What a check says of what was found: rules that need no database.

use elder_api_types::settings::{AuditedCalls, MfaRequirement, TenantSettings};

use super::{EvidenceState, check::Check};

/// All that is looked at, at one moment.
#[derive(Debug, Clone, Default)]
#[expect(clippy::struct_excessive_bools, reason = "each is an answer of its own, and none a state")]
pub(super) struct Facts {
    pub(super) settings: TenantSettings,
    /// Active accounts, those of them with a second factor, and those that were not used for long.
    pub(super) people: i64,
    pub(super) with_factor: i64,
    pub(super) dormant: i64,
    pub(super) admins: i64,
    pub(super) admins_with_factor: i64,
    /// Identity providers that are active, those that are enforced, and those whose certificates end soon.
    pub(super) providers: i64,
    pub(super) enforced: i64,
    pub(super) ending: i64,
    /// Directories, and those that are active.
    pub(super) directories: i64,
    pub(super) active_directories: i64,
    /// Tokens without an end, and keys that end late.
    pub(super) endless: i64,
    pub(super) conflicts: i64,
    /// Whether a report of who has what was made lately, and whether one is made on schedule.
    pub(super) was_reviewed: bool,
    pub(super) is_scheduled: bool,
    /// Whether the application's role could change the log, and how many of its triggers are off.
    pub(super) can_rewrite: bool,
    pub(super) triggers_off: i64,
    /// Events in the newest checkpoint, whether there is a key, and whether an event waits for long.
    pub(super) sealed: i64,
    pub(super) has_key: bool,
    pub(super) is_behind: bool,
    /// Streams that are active, and those of them that fail.
    pub(super) streams: i64,
    pub(super) failing: i64,
    /// The days of all categories: the fewest; none if all are kept for ever. And whether any has a number.
    pub(super) fewest_days: Option<i64>,
    pub(super) most_days: Option<i64>,
    pub(super) holds: i64,
    pub(super) hold_triggers_off: i64,
    /// Tables of tenants, and those whose row-level security is not forced.
    pub(super) tables: i64,
    pub(super) open_tables: i64,
}

/// All, a part, or nothing.
const fn graded(is_all: bool, is_part: bool) -> EvidenceState {
    match (is_all, is_part) {
        (true, _) => EvidenceState::Met,
        (false, true) => EvidenceState::Partly,
        (false, false) => EvidenceState::NotMet,
    }
}

/// Whether it is there, and what was found.
pub(super) fn measure(check: Check, facts: &Facts) -> (EvidenceState, String) {
    match check {
        Check::SecondFactorRequired
        | Check::SecondFactorPresent
        | Check::ProviderEnforced
        | Check::PasswordsStrong
        | Check::LockoutOn
        | Check::SessionsLimited
        | Check::NetworksLimited
        | Check::SupportClosed
        | Check::ContactsNamed => sign_in(check, facts),
        Check::LogAppendOnly
        | Check::LogSealed
        | Check::CallsLogged
        | Check::LogRetained
        | Check::LogRetainedSixYears
        | Check::LogElsewhere
        | Check::HoldsEnforced
        | Check::StorageLimited => log(check, facts),
        _ => access(check, facts),
    }
}

fn sign_in(check: Check, facts: &Facts) -> (EvidenceState, String) {
    let settings = &facts.settings;
    let required = settings.mfa.required;
    match check {
        Check::SecondFactorRequired => {
            let words = match required {
                MfaRequirement::Everyone => "It is demanded of everybody.",
                MfaRequirement::Admins => "It is demanded of admins.",
                MfaRequirement::Optional => "Who wants one has one.",
                MfaRequirement::Off => "Second factors are off.",
            };
            let is_part = required == MfaRequirement::Admins || !settings.mfa.required_roles.is_empty();
            (graded(required == MfaRequirement::Everyone, is_part), words.to_owned())
        }
        Check::SecondFactorPresent => {
            let Facts { people, with_factor, admins, admins_with_factor, .. } = facts;
            let words = format!(
                "{with_factor} of {people} active people have one, and {admins_with_factor} of {admins} admins."
            );
            (graded(with_factor == people, *admins > 0 && admins_with_factor == admins), words)
        }
        Check::ProviderEnforced => {
            let Facts { providers, enforced, .. } = facts;
            let words = format!("{providers} identity providers are active, {enforced} of them enforced.");
            (graded(*enforced > 0, *providers > 0), words)
        }
        Check::PasswordsStrong => {
            let password = &settings.password;
            let is_long = password.min_length >= 15 || required == MfaRequirement::Everyone;
            let is_hard = password.refuse_common && password.min_score >= 3;
            let common = if password.refuse_common { "refused" } else { "taken" };
            let words = format!(
                "{} characters at least, common ones are {common}, a score of {} at least.",
                password.min_length, password.min_score
            );
            (graded(is_long && is_hard, is_long || is_hard), words)
        }
        Check::LockoutOn => {
            let most = settings.lockout.max_failures;
            (graded(most <= 10, true), format!("An account is locked after {most} failures."))
        }
        Check::SessionsLimited => {
            let session = &settings.session;
            let (idle, whole) = (session.idle_seconds <= 43_200, session.absolute_seconds <= 2_592_000);
            let words = format!(
                "After {} minutes without use, and after {} hours in any case.",
                session.idle_seconds / 60,
                session.absolute_seconds / 3_600
            );
            (graded(idle && whole, idle || whole), words)
        }
        Check::NetworksLimited => {
            let count = settings.ip_allowlist.len();
            let words =
                if count == 0 { "From everywhere.".to_owned() } else { format!("From {count} networks.") };
            (graded(count > 0, false), words)
        }
        Check::SupportClosed => {
            let is_open = settings.support_access;
            (graded(!is_open, false), if is_open { "They can." } else { "They cannot." }.to_owned())
        }
        _ => {
            let count = settings.notification.security_contacts.len();
            (graded(count > 0, false), format!("{count} addresses are told."))
        }
    }
}

fn access(check: Check, facts: &Facts) -> (EvidenceState, String) {
    match check {
        Check::AccountsInUse => {
            let Facts { people, dormant, .. } = facts;
            let words = format!("{dormant} of {people} active accounts were not used for 90 days.");
            (graded(*dormant == 0, *dormant * 10 <= *people), words)
        }
        Check::AccessReviewed => {
            let words = match (facts.was_reviewed, facts.is_scheduled) {
                (true, true) => "A report was made in the last 100 days, and more are scheduled.",
                (true, false) => "A report was made in the last 100 days; none is scheduled.",
                (false, true) => "None was made in the last 100 days; one is scheduled.",
                (false, false) => "None was made in the last 100 days, and none is scheduled.",
            };
            (graded(facts.was_reviewed, facts.is_scheduled), words.to_owned())
        }
        Check::AdminsFew => {
            let Facts { people, admins, .. } = facts;
            let most = (*people / 20).max(5);
            let words = format!("{admins} of {people} active people are admins of the tenant.");
            (graded(*admins <= most, *admins <= 2 * most), words)
        }
        Check::DutiesSeparated => {
            (graded(facts.conflicts > 0, false), format!("{} rules are there.", facts.conflicts))
        }
        Check::LeaversAutomated => {
            let Facts { directories, active_directories, .. } = facts;
            let words = format!("{active_directories} of {directories} directories are active.");
            (graded(*active_directories > 0, *directories > 0), words)
        }
        Check::CredentialsEnd => {
            (graded(facts.endless == 0, false), format!("{} have no end, or a late one.", facts.endless))
        }
        Check::KeysCurrent => {
            let key = if facts.has_key { "a key" } else { "no key" };
            let words = format!(
                "The audit log has {key}; certificates of {} providers end within 30 days.",
                facts.ending
            );
            (graded(facts.has_key && facts.ending == 0, facts.has_key), words)
        }
        // Tenants are kept apart.
        _ => {
            let Facts { tables, open_tables, .. } = facts;
            let words = format!("It is forced on {} of {tables} tables.", tables - open_tables);
            (graded(*open_tables == 0 && *tables > 0, false), words)
        }
    }
}

fn log(check: Check, facts: &Facts) -> (EvidenceState, String) {
    let kept = |least: i64| {
        let words = facts.fewest_days.map_or_else(
            || "All events are kept for as long as the tenant lives.".to_owned(),
            |days| format!("The category that is kept shortest stays for {days} days."),
        );
        (graded(facts.fewest_days.is_none_or(|days| days >= least), false), words)
    };
    match check {
        Check::LogAppendOnly => {
            let can = if facts.can_rewrite { "can" } else { "can neither" };
            let words = format!(
                "The application's role {can} change or delete events; {} triggers are off.",
                facts.triggers_off
            );
            let words = words.replace("neither change or", "neither change nor");
            (graded(!facts.can_rewrite && facts.triggers_off == 0, false), words)
        }
        Check::LogSealed => {
            let state = if facts.is_behind {
                "an event waits for longer than a minute"
            } else {
                "nothing waits for long"
            };
            let words = format!("The newest checkpoint covers {} events; {state}.", facts.sealed);
            (graded(facts.sealed > 0 && !facts.is_behind, false), words)
        }
        Check::CallsLogged => match facts.settings.audit_api_calls {
            AuditedCalls::All => (EvidenceState::Met, "All are.".to_owned()),
            AuditedCalls::Changes => {
                (EvidenceState::Partly, "Those that may change something are.".to_owned())
            }
            AuditedCalls::Off => (EvidenceState::NotMet, "None are; what they change is.".to_owned()),
        },
        Check::LogRetained => kept(365),
        Check::LogRetainedSixYears => kept(6 * 365 + 2),
        Check::LogElsewhere => {
            let Facts { streams, failing, .. } = facts;
            let words = format!("{streams} streams are active, {failing} of them fail.");
            (graded(streams > failing, *streams > 0), words)
        }
        Check::HoldsEnforced => {
            let Facts { holds, hold_triggers_off, .. } = facts;
            let words = format!("{holds} holds are in force; {hold_triggers_off} triggers are off.");
            (graded(*hold_triggers_off == 0, false), words)
        }
        // Events go when their time is over.
        _ => {
            let words = match (facts.most_days, facts.fewest_days) {
                (Some(days), _) => format!("No event is kept longer than {days} days."),
                (None, Some(_)) => "Those of some categories go.".to_owned(),
                (None, None) => "All events are kept for as long as the tenant lives.".to_owned(),
            };
            (graded(facts.most_days.is_some(), facts.fewest_days.is_some()), words)
        }
    }
}

#[cfg(test)]
mod tests;
