//! Access tokens, refresh tokens and API keys.

use serde::Deserialize;

use crate::ConfigError;
use crate::setting::section;
use crate::value::{PublicUrl, Seconds};

/// How access tokens are signed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
pub enum Algorithm {
    /// Ed25519.
    #[serde(rename = "EdDSA")]
    EdDsa,
    /// ECDSA on P-256.
    #[serde(rename = "ES256")]
    Es256,
}

/// A revoked session may be taken by other services until its token ends: at most for an hour.
const LONGEST_ACCESS_TOKEN: u64 = 3600;

/// Days.
const LONGEST_KEY: u16 = 3650;

section! {
    /// Access tokens, refresh tokens and API keys.
    Tokens = "tokens" {
        /// The issuer that stands in access tokens. Without it: the public URL.
        issuer: Option<PublicUrl> => "https://id.example.com";
        /// How long an access token is good: at most 3600.
        access_token_seconds: Seconds = 600;
        /// How new signing keys sign: `EdDSA` or `ES256`.
        algorithm: Algorithm = "EdDSA";
        /// After how many days a signing key is replaced: at most 3650; 0 for never. `elder keys rotate` does it at once.
        rotate_keys_days: u16 = 90;
        /// How long a refresh token may be used again when the answer was lost on its way.
        refresh_retry_seconds: Seconds = 10;
        /// What stands in API keys after `elder_`: a short word for this installation, such as `live` or `test`. Keys
        /// with another word are refused, so it is chosen once.
        key_environment: String = "live";
    }
}

impl Tokens {
    pub(crate) fn check(&self) -> Result<(), ConfigError> {
        if self.access_token_seconds.get() > LONGEST_ACCESS_TOKEN {
            return Err(ConfigError::invalid("tokens.access_token_seconds", "it must be at most 3600"));
        }
        if self.rotate_keys_days > LONGEST_KEY {
            return Err(ConfigError::invalid("tokens.rotate_keys_days", "it must be at most 3650"));
        }
        Ok(())
    }
}
