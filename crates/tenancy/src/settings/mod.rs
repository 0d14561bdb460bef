//! What a tenant decides for itself: every setting with its default and its bounds.

mod policy;
mod presence;
mod stored;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

pub use policy::{
    BeyondLimit, LockoutSettings, MfaRequirement, MfaSettings, PasswordSettings, SecondFactor,
    SessionSettings,
};
pub use presence::{BrandingSettings, NotificationSettings, RetentionSettings};
pub use stored::{InvalidSettings, of};
pub(crate) use stored::{merge, stored_form, tolerant};

use crate::domain_name::DomainName;

/// The settings of a tenant. What is left out has its default.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, garde::Validate, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub struct TenantSettings {
    /// How long people stay signed in.
    #[garde(dive)]
    pub session: SessionSettings,
    /// What a password must be.
    #[garde(dive)]
    pub password: PasswordSettings,
    /// Who needs a second factor, and which are taken.
    #[garde(dive)]
    pub mfa: MfaSettings,
    /// What failed sign-ins lead to.
    #[garde(dive)]
    pub lockout: LockoutSettings,
    /// The domains that e-mail addresses of users may have. None: any. Default: none.
    #[garde(length(max = 200))]
    #[schema(value_type = Vec<String>, example = json!(["acme.com"]))]
    pub allowed_email_domains: Vec<DomainName>,
    /// The origins whose pages may call the API, as `https://app.acme.com`. Default: none.
    #[garde(length(max = 50), inner(custom(origin)))]
    pub cors_origins: Vec<String>,
    /// The networks from which the tenant may be used, as `192.0.2.0/24`. None: all. Default: none.
    #[garde(length(max = 500))]
    #[schema(value_type = Vec<String>, example = json!(["192.0.2.0/24"]))]
    pub ip_allowlist: Vec<ipnet::IpNet>,
    /// How the tenant shows itself.
    #[garde(dive)]
    pub branding: BrandingSettings,
    /// How long data is kept.
    #[garde(dive)]
    pub retention: RetentionSettings,
    /// What people are told by e-mail.
    #[garde(dive)]
    pub notification: NotificationSettings,
}

/// An origin as browsers send it (RFC 6454 §6.1): a scheme, a host in lower case, a port unless it is the usual one.
fn origin(value: &str, &(): &()) -> garde::Result {
    let host = value.strip_prefix("https://").or_else(|| value.strip_prefix("http://"));
    let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || ".-:[]".contains(c);
    let good = host.is_some_and(|host| {
        host.starts_with(|c: char| c.is_ascii_alphanumeric() || c == '[') && host.chars().all(plain)
    });
    let redundant = value.strip_prefix("https://").is_some_and(|host| host.ends_with(":443"))
        || value.strip_prefix("http://").is_some_and(|host| host.ends_with(":80"));
    if good && !redundant && value.len() <= 300 {
        return Ok(());
    }
    Err(garde::Error::new(
        "not an origin: write `https://host` or `https://host:port`, without a path or `*`",
    ))
}

#[cfg(test)]
mod tests;
