//! Settings about how a tenant shows itself, what it keeps and whom it tells.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// How the tenant shows itself.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, garde::Validate, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub struct BrandingSettings {
    /// The name that people see. Default: null, the tenant's name.
    #[garde(length(chars, min = 1, max = 200))]
    #[schema(min_length = 1, max_length = 200)]
    pub display_name: Option<String>,
    /// Where the logo is. Default: null, none.
    #[garde(url, prefix("https://"), length(max = 2_000))]
    #[schema(format = "uri", pattern = "^https://", max_length = 2_000)]
    pub logo_url: Option<String>,
    /// The colour of what is to be pressed in mails. Default: null, Elder's blue.
    #[garde(inner(custom(colour)))]
    #[schema(pattern = "^#[0-9A-Fa-f]{6}$", example = "#1a56db")]
    pub color: Option<String>,
    /// The time zone of people who chose none (IANA). Default: `UTC`.
    #[garde(length(min = 1, max = 64), custom(zone))]
    #[schema(
        min_length = 1,
        max_length = 64,
        pattern = "^[A-Za-z][A-Za-z0-9_+-]*(/[A-Za-z][A-Za-z0-9_+-]*)*$"
    )]
    pub time_zone: String,
    /// The language of people who chose none (BCP 47). Default: `en`.
    #[garde(length(min = 2, max = 35), custom(language))]
    #[schema(min_length = 2, max_length = 35, pattern = "^[A-Za-z][A-Za-z0-9]{0,7}(-[A-Za-z0-9]{1,8})*$")]
    pub locale: String,
}

impl Default for BrandingSettings {
    fn default() -> Self {
        Self {
            display_name: None,
            logo_url: None,
            color: None,
            time_zone: "UTC".to_owned(),
            locale: "en".to_owned(),
        }
    }
}

/// A colour as CSS writes it in full.
fn colour(value: &str, &(): &()) -> garde::Result {
    let digits = value.strip_prefix('#').unwrap_or_default();
    let good = digits.len() == 6 && digits.chars().all(|c| c.is_ascii_hexdigit());
    good.then_some(()).ok_or_else(|| garde::Error::new("not a colour: write it as `#1a56db`"))
}

/// The form of a name of the time zone database: which zones there are is the reader's to know.
fn zone(value: &str, &(): &()) -> garde::Result {
    let part = |part: &str| {
        part.starts_with(|c: char| c.is_ascii_alphabetic())
            && part.chars().all(|c| c.is_ascii_alphanumeric() || "_+-".contains(c))
    };
    let good = value.split('/').all(part);
    good.then_some(()).ok_or_else(|| garde::Error::new("not a time zone: write it as `Europe/Berlin`"))
}

/// The form of a language tag (RFC 5646 §2.1).
fn language(value: &str, &(): &()) -> garde::Result {
    let part = |part: &str| (1..=8).contains(&part.len()) && part.chars().all(|c| c.is_ascii_alphanumeric());
    let good = value.starts_with(|c: char| c.is_ascii_alphabetic()) && value.split('-').all(part);
    good.then_some(()).ok_or_else(|| garde::Error::new("not a language tag: write it as `pt-BR`"))
}

/// How long data is kept.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, garde::Validate, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub struct RetentionSettings {
    /// For how many days ended sessions are kept, and devices with which nobody has signed in since. Default: 90.
    #[garde(range(min = 1, max = 3_650))]
    #[schema(minimum = 1, maximum = 3_650)]
    pub ended_sessions_days: u32,
    /// For how many days bodies of calls are kept, where they are (`audit_api_bodies`). Default: 30.
    #[garde(range(min = 1, max = 30))]
    #[schema(minimum = 1, maximum = 30)]
    pub audit_bodies_days: u32,
}

impl Default for RetentionSettings {
    fn default() -> Self {
        Self { ended_sessions_days: 90, audit_bodies_days: 30 }
    }
}

/// What people are told by e-mail.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, garde::Validate, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub struct NotificationSettings {
    /// Whether people hear of sign-ins from devices that are new. Default: true.
    #[garde(skip)]
    pub new_device: bool,
    /// Whether people hear of changes to their password, factors and linked identities, and of a lock of their account. Default: true.
    #[garde(skip)]
    pub credential_changes: bool,
    /// Whether people hear that somebody acts in their name. Default: true.
    #[garde(skip)]
    pub impersonation: bool,
    /// Who hears of what concerns the tenant's security: of accounts that are locked, sign-ins that are refused though
    /// their proofs are right, second factors that an admin takes away, and acting in another's name. Default: nobody.
    #[garde(length(max = 20), inner(email, length(max = 254)))]
    #[schema(max_items = 20)]
    pub security_contacts: Vec<String>,
}

impl Default for NotificationSettings {
    fn default() -> Self {
        Self {
            new_device: true,
            credential_changes: true,
            impersonation: true,
            security_contacts: Vec::new(),
        }
    }
}
