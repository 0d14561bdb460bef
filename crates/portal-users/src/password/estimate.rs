//! How hard a password is to guess, by what people usually make passwords of (zxcvbn, with its 30,000 commonest ones).

use zxcvbn::{Entropy, matching::patterns::MatchPattern, zxcvbn};

/// How many characters are looked at. What takes many guesses up to here takes no fewer as a whole; and the time that
/// an estimate takes grows with the square of the length, and more with signs that may stand for letters.
const LOOKED_AT: usize = 32;
/// Parts of which something common is made, as `password` and `1234567`.
const MOST_PARTS: usize = 2;
/// What those who attack Elder try beside what is common everywhere.
const PRODUCT: &str = "elder";

/// An estimate of the guesses that a password takes.
pub(super) struct Estimate(Entropy);

impl Estimate {
    /// Estimates a password of somebody who has these names.
    pub(super) fn of(password: &str, names: &[String]) -> Self {
        let beginning: String = password.chars().take(LOOKED_AT).collect();
        let known: Vec<&str> = names.iter().map(String::as_str).chain([PRODUCT]).collect();
        Self(zxcvbn(&beginning, &known))
    }

    /// From 0, which a thousand guesses find, to 4, which ten thousand million do not.
    pub(super) fn score(&self) -> u8 {
        self.0.score().into()
    }

    /// Whether there is nothing in it but one or two common words, rows of keys or letters, dates, repetitions.
    pub(super) fn is_common(&self) -> bool {
        let parts = self.0.sequence();
        parts.len() <= MOST_PARTS
            && parts.iter().all(|part| !matches!(part.pattern, MatchPattern::BruteForce))
    }
}
