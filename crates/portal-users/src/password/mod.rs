//! What a password must be (NIST SP 800-63B-4 §3.1.1.2): long, and not made of what everybody can guess.

mod estimate;
pub mod service;

use chrono::{DateTime, TimeDelta, Utc};
use elder_kernel::{FieldFault, fold};
use elder_tenancy::settings::PasswordSettings;
use unicode_normalization::UnicodeNormalization as _;

use self::estimate::Estimate;

/// Fewest code points where a password is the only factor; a tenant may demand more.
pub const LEAST: u32 = 15;
/// Most code points. A longer one is refused, never cut.
pub const MOST: usize = 256;
/// Shorter words are in too many good passwords by chance.
const LEAST_WORD: usize = 4;

/// A rule that a password breaks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Weakness {
    /// Fewer than this many code points.
    TooShort(u32),
    /// More than [`MOST`] code points.
    TooLong,
    /// Fewer than this many kinds of characters.
    TooUniform(u32),
    /// It holds the person's or the tenant's own name.
    HoldsName,
    /// Everybody tries it first.
    Common,
    /// It takes too few guesses.
    Guessable,
    /// It is in what thieves have taken from others.
    Stolen,
    /// The account had it not long ago.
    UsedBefore,
}

/// Every rule that a password breaks.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the password breaks a rule")]
pub struct Weaknesses {
    pointer: &'static str,
    broken: Vec<Weakness>,
}

impl Weakness {
    fn code(&self) -> &'static str {
        match self {
            Self::TooShort(_) => "too_short",
            Self::TooLong => "too_long",
            Self::TooUniform(_) => "too_uniform",
            Self::HoldsName => "holds_name",
            Self::Common => "common",
            Self::Guessable => "guessable",
            Self::Stolen => "stolen",
            Self::UsedBefore => "used_before",
        }
    }

    fn detail(&self) -> String {
        match self {
            Self::TooShort(least) => format!("A password has at least {least} characters."),
            Self::TooLong => format!("A password has at most {MOST} characters."),
            Self::TooUniform(kinds) => {
                format!("A password has {kinds} of: lower case, upper case, digits, other characters.")
            }
            Self::HoldsName => "A password holds neither your name nor the tenant's.".to_owned(),
            Self::Common => "This is one of the first passwords that anybody tries.".to_owned(),
            Self::Guessable => {
                "This takes too few guesses: some words that have nothing to do with each other are better."
                    .to_owned()
            }
            Self::Stolen => {
                "This password was stolen somewhere, so it is tried on everybody: take another one."
                    .to_owned()
            }
            Self::UsedBefore => "You had this password not long ago: take another one.".to_owned(),
        }
    }
}

impl Weaknesses {
    fn of(broken: Vec<Weakness>) -> Self {
        Self { pointer: "/password", broken }
    }

    /// The same of a password that another field of the body holds.
    #[must_use]
    pub(crate) fn at(self, pointer: &'static str) -> Self {
        Self { pointer, ..self }
    }

    /// The rules.
    pub fn broken(&self) -> &[Weakness] {
        &self.broken
    }

    /// The faults of the field that holds the password.
    pub fn faults(&self) -> Vec<FieldFault> {
        let fault = |weakness: &Weakness| FieldFault::new(self.pointer, weakness.code(), weakness.detail());
        self.broken.iter().map(fault).collect()
    }
}

/// Names that a password may not hold: taken from addresses, people and tenants.
#[derive(Debug, Clone, Default)]
pub struct Names(Vec<String>);

impl Names {
    /// Adds the local part of an address.
    #[must_use]
    pub fn and_address(self, folded: &str) -> Self {
        let local = folded.split('@').next().unwrap_or_default();
        self.and_words(local)
    }

    /// Adds a name: the whole and each of its words.
    #[must_use]
    pub fn and_words(mut self, name: &str) -> Self {
        let name = fold(name.trim());
        let words = name.split(|c: char| !c.is_alphanumeric()).map(str::to_owned);
        self.0.extend(words.chain([name.clone()]).filter(|word| word.chars().count() >= LEAST_WORD));
        self
    }

    fn are_in(&self, password: &str) -> bool {
        let folded = fold(password);
        self.0.iter().any(|name| folded.contains(name.as_str()))
    }
}

/// Checks a new password against every rule of a tenant that needs nothing but the password.
///
/// # Errors
/// [`Weaknesses`], all at once.
pub fn check(password: &str, names: &Names, policy: &PasswordSettings) -> Result<(), Weaknesses> {
    // Looked at as it is hashed, in NFC.
    let password: String = password.nfc().collect();
    let length = password.chars().count();
    let least = policy.min_length.max(LEAST);
    let estimate = Estimate::of(&password, &names.0);
    let rules = [
        (u32::try_from(length).is_ok_and(|length| length < least), Weakness::TooShort(least)),
        (length > MOST, Weakness::TooLong),
        (kinds(&password) < policy.character_classes, Weakness::TooUniform(policy.character_classes)),
        (policy.refuse_own_names && names.are_in(&password), Weakness::HoldsName),
        (policy.refuse_common && estimate.is_common(), Weakness::Common),
        (estimate.score() < policy.min_score, Weakness::Guessable),
    ];
    let broken: Vec<_> = rules.into_iter().filter(|(broken, _)| *broken).map(|(_, rule)| rule).collect();
    if broken.is_empty() { Ok(()) } else { Err(Weaknesses::of(broken)) }
}

/// How many kinds of characters a password has: lower case, upper case, digits, others.
fn kinds(password: &str) -> u32 {
    let kinds: [fn(char) -> bool; 4] = [char::is_lowercase, char::is_uppercase, char::is_numeric, |c| {
        !c.is_lowercase() && !c.is_uppercase() && !c.is_numeric()
    }];
    kinds.iter().map(|is| u32::from(password.chars().any(is))).sum()
}

/// Whether a password has to be changed now. One of unknown age is too old.
pub(crate) fn is_expired(
    changed_at: Option<DateTime<Utc>>,
    policy: &PasswordSettings,
    now: DateTime<Utc>,
) -> bool {
    let over = |days: u32| changed_at.is_none_or(|at| at + TimeDelta::days(days.into()) <= now);
    policy.max_age_days.is_some_and(over)
}

#[cfg(test)]
mod tests;
