//! Proofs of who somebody is: as they are sent, and as they count.

use elder_access::MULTI_FACTOR;
use elder_api_types::settings::SecondFactor;
use elder_kernel::{Coded, ErrorCode, Secret};
use serde_json::Value;

/// A proof besides a password, as it is sent.
#[derive(Debug)]
pub enum Presented {
    /// What an authenticator application shows.
    Code(Secret<String>),
    /// One of the backup codes.
    BackupCode(Secret<String>),
    /// What an authenticator has signed.
    Credential {
        /// The challenge that it answers.
        ceremony: String,
        /// The answer, as a browser gives it.
        credential: Value,
    },
}

/// A request with no proof, or with several.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NotOneProof {
    /// None.
    #[error("send a proof: `code`, `backup_code`, or `credential` with its `ceremony`")]
    None,
    /// Several, or a part of one.
    #[error("send one proof alone: `code`, `backup_code`, or `credential` with its `ceremony`")]
    Several,
}

impl Coded for NotOneProof {
    fn code(&self) -> ErrorCode {
        ErrorCode::ValidationFailed
    }
}

impl Presented {
    /// Takes the one that was sent of what can be sent.
    ///
    /// # Errors
    /// [`NotOneProof`].
    pub fn one_of(
        code: Option<Secret<String>>,
        backup_code: Option<Secret<String>>,
        ceremony: Option<String>,
        credential: Option<Value>,
    ) -> Result<Self, NotOneProof> {
        match (code, backup_code, ceremony, credential) {
            (Some(code), None, None, None) => Ok(Self::Code(code)),
            (None, Some(code), None, None) => Ok(Self::BackupCode(code)),
            (None, None, Some(ceremony), Some(credential)) => Ok(Self::Credential { ceremony, credential }),
            (None, None, None, None) => Err(NotOneProof::None),
            _ => Err(NotOneProof::Several),
        }
    }

    /// The kind of factor.
    pub const fn kind(&self) -> SecondFactor {
        match self {
            Self::Code(_) => SecondFactor::Totp,
            Self::BackupCode(_) => SecondFactor::BackupCode,
            Self::Credential { .. } => SecondFactor::Webauthn,
        }
    }
}

/// How somebody has proven who they are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Method {
    /// By a password.
    Password,
    /// By an identity provider of the tenant.
    Provider {
        /// Whether it has seen a second factor, and is believed.
        is_multi_factor: bool,
    },
    /// By a code of an authenticator application.
    Totp,
    /// By a backup code.
    BackupCode,
    /// By a passkey or security key, which has verified its user.
    Passkey {
        /// Whether the key is synchronised, and so bound to no single device.
        is_synced: bool,
    },
}

impl Method {
    /// The value of `amr` (RFC 8176 §2, which has no word for an identity provider).
    pub const fn amr(self) -> &'static str {
        match self {
            Self::Password => "pwd",
            Self::Provider { .. } => "sso",
            Self::Totp | Self::BackupCode => "otp",
            Self::Passkey { is_synced: true } => "swk",
            Self::Passkey { is_synced: false } => "hwk",
        }
    }

    /// The one that a sign-in of several steps begins with, by its value of `amr`: one that needs no second step begins
    /// none.
    pub(crate) fn first(amr: &str) -> Option<Self> {
        [Self::Password, Self::Provider { is_multi_factor: false }]
            .into_iter()
            .find(|first| first.amr() == amr)
    }

    /// Whether it proves more than one factor. A passkey is two factors by itself: the key, and what
    /// unlocks it.
    pub const fn is_second(self) -> bool {
        !matches!(self, Self::Password | Self::Provider { is_multi_factor: false })
    }
}

/// What an access token says of these proofs.
pub fn amr(methods: &[Method]) -> Vec<String> {
    let more = methods.iter().any(|method| method.is_second()).then_some(MULTI_FACTOR);
    let mut values: Vec<_> =
        methods.iter().map(|method| method.amr()).chain(more).map(str::to_owned).collect();
    values.sort_unstable();
    values.dedup();
    values
}

/// What became of a proof.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// It is right.
    Right(Method),
    /// It is not, and why; the audit log alone learns that.
    Wrong(&'static str),
}

#[cfg(test)]
mod tests {
    use super::*;

    fn code() -> Secret<String> {
        Secret::new("123456".to_owned())
    }

    #[test]
    fn exactly_one_proof_is_taken() {
        let credential = || (Some("ceremony".to_owned()), Some(Value::Null));
        assert!(matches!(Presented::one_of(Some(code()), None, None, None), Ok(Presented::Code(_))));
        assert!(matches!(Presented::one_of(None, Some(code()), None, None), Ok(Presented::BackupCode(_))));
        let (ceremony, signed) = credential();
        assert!(matches!(Presented::one_of(None, None, ceremony, signed), Ok(Presented::Credential { .. })));
        assert_eq!(Presented::one_of(None, None, None, None).unwrap_err(), NotOneProof::None);
        assert_eq!(
            Presented::one_of(Some(code()), Some(code()), None, None).unwrap_err(),
            NotOneProof::Several
        );
        assert!(Presented::one_of(None, None, None, credential().1).is_err());
        assert!(Presented::one_of(Some(code()), None, credential().0, None).is_err());
    }

    #[test]
    fn amr_names_each_method_once_and_says_whether_they_are_several() {
        assert_eq!(amr(&[Method::Password]), ["pwd"]);
        assert_eq!(amr(&[Method::Password, Method::Totp]), ["mfa", "otp", "pwd"]);
        assert_eq!(amr(&[Method::Passkey { is_synced: false }]), ["hwk", "mfa"]);
        assert_eq!(amr(&[Method::Passkey { is_synced: true }]), ["mfa", "swk"]);
    }
}
