//! What a password must be (NIST SP 800-63B-4 §3.1.1.2): long, and not made of what everybody can guess.

pub mod service;

use elder_kernel::{FieldFault, fold};
use unicode_normalization::UnicodeNormalization as _;

/// Fewest code points where a password is the only factor; a tenant may demand more.
pub const LEAST: usize = 15;
/// Most code points. A longer one is refused, never cut.
pub const MOST: usize = 256;
/// Shorter words are in too many good passwords by chance.
const LEAST_WORD: usize = 4;

/// A rule that a password breaks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Weakness {
    /// Fewer than this many code points.
    TooShort(usize),
    /// More than [`MOST`] code points.
    TooLong,
    /// It holds the person's or the tenant's own name.
    HoldsName,
}

/// Every rule that a password breaks.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the password breaks a rule")]
pub struct Weaknesses(pub Vec<Weakness>);

impl Weaknesses {
    /// The faults of the field `password`.
    pub fn faults(&self) -> Vec<FieldFault> {
        let fault = |weakness: &Weakness| {
            let (code, detail) = match weakness {
                Weakness::TooShort(least) => {
                    ("too_short", format!("A password has at least {least} characters."))
                }
                Weakness::TooLong => ("too_long", format!("A password has at most {MOST} characters.")),
                Weakness::HoldsName => {
                    ("holds_name", "A password holds neither your name nor the tenant's.".to_owned())
                }
            };
            FieldFault::new("/password", code, detail)
        };
        self.0.iter().map(fault).collect()
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
}

/// Checks a new password against every rule; `least` is the tenant's own minimum.
///
/// # Errors
/// [`Weaknesses`], all at once.
pub fn check(password: &str, names: &Names, least: usize) -> Result<(), Weaknesses> {
    // Counted as it is hashed, in NFC.
    let length = password.nfc().count();
    let least = least.max(LEAST);
    let folded = fold(password);
    let rules = [
        (length < least, Weakness::TooShort(least)),
        (length > MOST, Weakness::TooLong),
        (names.0.iter().any(|name| folded.contains(name.as_str())), Weakness::HoldsName),
    ];
    let broken: Vec<_> = rules.into_iter().filter(|(broken, _)| *broken).map(|(_, rule)| rule).collect();
    if broken.is_empty() { Ok(()) } else { Err(Weaknesses(broken)) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn broken(password: &str) -> Vec<Weakness> {
        let names = Names::default()
            .and_address("ana.gruber@example.com")
            .and_words("Ana Maria Gruber")
            .and_words("Acme GmbH");
        check(password, &names, 8).err().map(|weaknesses| weaknesses.0).unwrap_or_default()
    }

    #[test]
    fn p_01_the_length_is_counted_in_code_points() {
        assert_eq!(broken(&"x".repeat(14)), [Weakness::TooShort(15)]);
        assert_eq!(broken(&"x".repeat(15)), []);
        assert_eq!(broken(&"🦀".repeat(14)), [Weakness::TooShort(15)]);
        assert_eq!(broken(&"🦀".repeat(256)), []);
        assert_eq!(broken(&"x".repeat(257)), [Weakness::TooLong]);
    }

    #[test]
    fn a_tenant_may_demand_more_and_never_less() {
        let demanding = |least| check(&"x".repeat(20), &Names::default(), least).is_ok();
        assert!(demanding(20) && demanding(0) && !demanding(21));
    }

    #[test]
    fn p_02_no_kinds_of_characters_are_demanded() {
        assert_eq!(broken("correct horse battery staple"), []);
    }

    #[test]
    fn p_03_names_are_found_in_any_case_and_form() {
        for password in ["my name is GRUBER ok", "ａcme rocks every day", "ana.gruber is my mail"] {
            assert_eq!(broken(password), [Weakness::HoldsName], "{password}");
        }
        assert_eq!(broken("bananas are not a name"), []);
    }

    #[test]
    fn p_04_both_forms_of_one_password_are_equally_long() {
        let composed = "é".repeat(15);
        let decomposed = "e\u{301}".repeat(15);
        assert_eq!((broken(&composed), broken(&decomposed)), (vec![], vec![]));
        assert_eq!(broken(&"e\u{301}".repeat(14)), [Weakness::TooShort(15)]);
    }

    #[test]
    fn every_broken_rule_is_told_at_once() {
        assert_eq!(broken("gruber"), [Weakness::TooShort(15), Weakness::HoldsName]);
    }
}
