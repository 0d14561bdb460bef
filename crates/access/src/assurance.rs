//! How lately and how well a person has proven who they are, for what asks for more than a session.

use chrono::{DateTime, TimeDelta, Utc};
use elder_api_types::settings::SecondFactor;

use crate::{Row, database::DbError};

/// For how long a proof counts as new: the `max_age` of RFC 9470.
const FRESH: TimeDelta = TimeDelta::minutes(10);

/// What `amr` says of a proof by more than one factor (RFC 8176 §2).
pub const MULTI_FACTOR: &str = "mfa";

/// What a session knows of its owner's last proof.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Assurance {
    /// When the person last proved who they are.
    pub proven_at: DateTime<Utc>,
    /// Whether a second factor was among the proofs.
    pub is_multi_factor: bool,
    /// The second factors that the person has, of those that the tenant takes.
    pub factors: Vec<SecondFactor>,
}

impl Assurance {
    /// From the columns `auth_time`, `is_multi_factor` and `factors`.
    pub(crate) fn read(row: &Row) -> Result<Self, DbError> {
        let factors = row.get::<Vec<&str>>("factors")?;
        Ok(Self {
            proven_at: row.get("auth_time")?,
            is_multi_factor: row.get("is_multi_factor")?,
            factors: factors.into_iter().filter_map(SecondFactor::named).collect(),
        })
    }

    /// Whether the last proof is new, and by a second factor if the person has one.
    pub fn is_fresh(&self, now: DateTime<Utc>) -> bool {
        now < self.proven_at + FRESH && (self.is_multi_factor || self.factors.is_empty())
    }

    /// With what the person can prove anew who they are: what they have besides a password, else that.
    pub fn wanted(&self) -> Vec<&'static str> {
        if self.factors.is_empty() {
            return vec!["password"];
        }
        self.factors.iter().map(|factor| factor.name()).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const START: DateTime<Utc> = DateTime::UNIX_EPOCH;

    fn assurance(is_multi_factor: bool, factors: &[SecondFactor]) -> Assurance {
        Assurance { proven_at: START, is_multi_factor, factors: factors.to_vec() }
    }

    #[test]
    fn p_36_a_proof_is_new_for_ten_minutes() {
        let password = assurance(false, &[]);
        assert!(password.is_fresh(START + FRESH - TimeDelta::seconds(1)));
        assert!(!password.is_fresh(START + FRESH));
        assert_eq!(password.wanted(), ["password"]);
    }

    #[test]
    fn p_36_who_has_a_second_factor_has_proven_nothing_by_a_password() {
        let has = [SecondFactor::Totp, SecondFactor::Webauthn];
        assert!(!assurance(false, &has).is_fresh(START));
        assert!(assurance(true, &has).is_fresh(START));
        assert_eq!(assurance(false, &has).wanted(), ["totp", "webauthn"]);
    }
}
