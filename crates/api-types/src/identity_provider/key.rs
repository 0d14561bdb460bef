//! Elder's own keys at a provider, and how one takes the place of another.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use utoipa::ToSchema;

use crate::directory::names;

/// Where a key stands between the day on which it is made and the one on which it is forgotten.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum KeyStage {
    /// Published, so that the provider learns of it, and not used yet.
    Next,
    /// The one that signs.
    Current,
    /// It signs no more. What was encrypted for it can still be read.
    Former,
}

/// The certificate of a key of Elder's own.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct OwnCertificate {
    /// Where the key stands.
    pub stage: KeyStage,
    /// The certificate, as PEM.
    pub certificate: String,
}

/// Public keys of Elder's own (RFC 7517 §5).
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct KeySet {
    /// The keys.
    #[schema(value_type = Vec<Object>, example = json!([{"kty": "RSA", "use": "sig", "alg": "RS256", "kid": "…", "n": "…", "e": "AQAB"}]))]
    pub keys: Vec<Map<String, Value>>,
}

/// A step from one key to the next.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum RenewalStep {
    /// Makes the next key and publishes it beside the one that signs.
    Publish,
    /// Signs with the next key; the one of before is published still.
    Switch,
    /// Forgets the key of before.
    Drop,
}

/// Which step is taken.
#[derive(Debug, Serialize, Deserialize, garde::Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct KeyRenewal {
    /// The step.
    #[garde(skip)]
    pub step: RenewalStep,
}

names! { RenewalStep: Publish = "publish"; Switch = "switch"; Drop = "drop"; }
