//! Second factors: what people have, how they set them up, and how they prove them.

use chrono::{DateTime, Utc};
use elder_kernel::Secret;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;

use crate::{ids::FactorId, settings::SecondFactor};

/// A second factor that was set up.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Factor {
    /// The factor.
    pub id: FactorId,
    /// `totp` or `webauthn`.
    pub kind: SecondFactor,
    /// What its owner calls it.
    #[schema(example = "Phone")]
    pub name: String,
    /// When it was set up.
    pub created_at: DateTime<Utc>,
    /// When it last proved who its owner is.
    pub last_used_at: Option<DateTime<Utc>>,
}

/// What somebody has besides a password.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct MfaOverview {
    /// Whether the tenant demands a second factor of this person.
    pub is_required: bool,
    /// Until when the person may sign in without one; null before their first sign-in that should have had one.
    pub due_at: Option<DateTime<Utc>>,
    /// The factors, the oldest first.
    pub factors: Vec<Factor>,
    /// How many backup codes are unused.
    pub backup_codes_left: u32,
}

/// A factor about to be set up.
#[derive(Debug, Default, Serialize, Deserialize, garde::Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewFactor {
    /// What to call it. Default: by its kind.
    #[garde(inner(length(chars, min = 1, max = 100)))]
    #[schema(min_length = 1, max_length = 100, example = "Phone")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
}

/// Another name for a factor (RFC 7396).
#[derive(Debug, Serialize, Deserialize, garde::Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct FactorPatch {
    /// The name.
    #[garde(inner(length(chars, min = 1, max = 100)))]
    #[schema(min_length = 1, max_length = 100, example = "Old phone")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
}

/// What an authenticator application needs (RFC 6238). All of it is a secret, shown here and nowhere else.
#[derive(Serialize, Deserialize, ToSchema)]
pub struct TotpEnrolment {
    /// The factor; it counts once a code of it was sent.
    pub id: FactorId,
    /// The secret in base32, to be typed in.
    #[schema(format = "password", example = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ")]
    pub secret: String,
    /// The same with its parameters, for applications on this very device.
    #[schema(
        format = "password",
        example = "otpauth://totp/Acme:ana%40acme.com?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ&issuer=Acme"
    )]
    pub uri: String,
    /// The URI as a QR code, to be scanned: an SVG image.
    #[schema(format = "password", example = "<svg xmlns=\"http://www.w3.org/2000/svg\">…</svg>")]
    pub qr_svg: String,
}

/// A code that the authenticator application shows.
#[cfg_attr(feature = "client", derive(serde::Serialize))]
#[derive(Debug, Deserialize, garde::Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct TotpCode {
    /// Six digits.
    #[garde(skip)]
    #[schema(value_type = String, write_only, example = "123456")]
    #[cfg_attr(feature = "client", serde(serialize_with = "crate::secret::exposed"))]
    pub code: Secret<String>,
}

/// Ten codes for the day when nothing else is at hand. Shown here and nowhere else; each is good once.
#[derive(Serialize, Deserialize, ToSchema)]
pub struct BackupCodes {
    /// The codes. Those before are good no more.
    #[schema(example = json!(["7kq2m-x4p9t"]))]
    pub codes: Vec<String>,
}

/// What a browser needs to ask an authenticator (W3C Web Authentication Level 3).
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub struct WebauthnOptions {
    /// To be sent back with the credential, within 5 minutes and once.
    pub ceremony: String,
    /// The argument of `navigator.credentials.create()` or `.get()`, with binary values in base64url.
    #[schema(value_type = Object)]
    pub options: Value,
}

/// A passkey or security key that a browser has made.
#[derive(Debug, Serialize, Deserialize, garde::Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewPasskey {
    /// What to call it. Default: `Passkey`.
    #[garde(inner(length(chars, min = 1, max = 100)))]
    #[schema(min_length = 1, max_length = 100, example = "Laptop")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// What came with the options.
    #[garde(skip)]
    pub ceremony: String,
    /// What `navigator.credentials.create()` gave, as its `toJSON()` writes it.
    #[garde(skip)]
    #[schema(value_type = Object)]
    pub credential: Value,
}

/// A sign-in that goes on.
#[cfg_attr(feature = "client", derive(serde::Serialize))]
#[derive(Debug, Deserialize, garde::Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct FlowStep {
    /// The flow.
    #[garde(skip)]
    #[schema(value_type = String, format = "password", write_only)]
    #[cfg_attr(feature = "client", serde(serialize_with = "crate::secret::exposed"))]
    pub flow: Secret<String>,
}

/// The proof that a sign-in waits for: a code, a backup code, or a credential with its ceremony.
#[cfg_attr(feature = "client", derive(serde::Serialize))]
#[derive(Debug, Deserialize, garde::Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct MfaVerification {
    /// The flow.
    #[garde(skip)]
    #[schema(value_type = String, format = "password", write_only)]
    #[cfg_attr(feature = "client", serde(serialize_with = "crate::secret::exposed"))]
    pub flow: Secret<String>,
    /// What the authenticator application shows.
    #[garde(skip)]
    #[schema(value_type = Option<String>, write_only, example = "123456")]
    #[cfg_attr(
        feature = "client",
        serde(serialize_with = "crate::secret::exposed_if_there", skip_serializing_if = "Option::is_none")
    )]
    pub code: Option<Secret<String>>,
    /// One of the backup codes.
    #[garde(skip)]
    #[schema(value_type = Option<String>, write_only)]
    #[cfg_attr(
        feature = "client",
        serde(serialize_with = "crate::secret::exposed_if_there", skip_serializing_if = "Option::is_none")
    )]
    pub backup_code: Option<Secret<String>>,
    /// What came with the options of Web Authentication.
    #[garde(skip)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ceremony: Option<String>,
    /// What the browser gave, as its `toJSON()` writes it.
    #[garde(skip)]
    #[schema(value_type = Option<Object>)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub credential: Option<Value>,
    /// Whether this device is to be remembered: for as many days as the tenant says, no second factor is asked for with it.
    #[garde(skip)]
    #[serde(default)]
    pub remember_device: bool,
}

/// A sign-in with a passkey and nothing else.
#[cfg_attr(feature = "client", derive(serde::Serialize))]
#[derive(Debug, Deserialize, garde::Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PasskeySignIn {
    /// What came with the options.
    #[garde(skip)]
    pub ceremony: String,
    /// What `navigator.credentials.get()` gave, as its `toJSON()` writes it.
    #[garde(skip)]
    #[schema(value_type = Object)]
    pub credential: Value,
    /// What an earlier sign-in with this device gave.
    #[garde(skip)]
    #[schema(value_type = Option<String>, format = "password", write_only)]
    #[cfg_attr(
        feature = "client",
        serde(serialize_with = "crate::secret::exposed_if_there", skip_serializing_if = "Option::is_none")
    )]
    pub device_token: Option<Secret<String>>,
}

/// A new proof of somebody who is signed in: a second factor, or the password of who has none.
#[cfg_attr(feature = "client", derive(serde::Serialize))]
#[derive(Debug, Default, Deserialize, garde::Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct StepUp {
    /// The password.
    #[garde(skip)]
    #[schema(value_type = Option<String>, format = "password", write_only)]
    #[cfg_attr(
        feature = "client",
        serde(serialize_with = "crate::secret::exposed_if_there", skip_serializing_if = "Option::is_none")
    )]
    pub password: Option<Secret<String>>,
    /// What the authenticator application shows.
    #[garde(skip)]
    #[schema(value_type = Option<String>, write_only, example = "123456")]
    #[cfg_attr(
        feature = "client",
        serde(serialize_with = "crate::secret::exposed_if_there", skip_serializing_if = "Option::is_none")
    )]
    pub code: Option<Secret<String>>,
    /// One of the backup codes.
    #[garde(skip)]
    #[schema(value_type = Option<String>, write_only)]
    #[cfg_attr(
        feature = "client",
        serde(serialize_with = "crate::secret::exposed_if_there", skip_serializing_if = "Option::is_none")
    )]
    pub backup_code: Option<Secret<String>>,
    /// What came with the options of Web Authentication.
    #[garde(skip)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ceremony: Option<String>,
    /// What the browser gave, as its `toJSON()` writes it.
    #[garde(skip)]
    #[schema(value_type = Option<Object>)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub credential: Option<Value>,
}

/// An access token that tells of the new proof. The refresh token stays as it is.
#[derive(Serialize, Deserialize, ToSchema)]
pub struct SteppedUp {
    /// To be sent as `Authorization: Bearer …` from now on.
    #[schema(format = "password")]
    pub access_token: String,
    /// Always `Bearer`.
    #[schema(example = "Bearer")]
    pub token_type: String,
    /// After how many seconds it ends.
    #[schema(example = 600)]
    pub expires_in: u64,
}
