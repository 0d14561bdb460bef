//! What a tenant decides for itself: every setting with its default and its bounds.

mod calls;
mod patch;
mod policy;
mod presence;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

pub use calls::{AuditedBodies, AuditedCalls};
pub use patch::SettingsPatch;
pub use policy::{
    BeyondLimit, LockoutSettings, MfaRequirement, MfaSettings, PasswordSettings, RiskSettings, SecondFactor,
    SessionSettings,
};
pub use presence::{BrandingSettings, NotificationSettings, RetentionSettings};

use crate::{domain_name::DomainName, ids::UserId, networks::Networks, platform::Registration};

/// The settings of a tenant. What is left out has its default.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, garde::Validate, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub struct TenantSettings {
    /// How long people stay signed in.
    #[garde(dive)]
    pub session: SessionSettings,
    /// What a password must be.
    #[garde(dive, custom(long_where_alone(&self.mfa)))]
    pub password: PasswordSettings,
    /// Who needs a second factor, and which are taken.
    #[garde(dive)]
    pub mfa: MfaSettings,
    /// What failed sign-ins lead to.
    #[garde(dive)]
    pub lockout: LockoutSettings,
    /// What unusual sign-ins lead to.
    #[garde(dive)]
    pub risk: RiskSettings,
    /// Who may get an account without an admin who makes it. Default: `invitation`. The platform's own `registration` is
    /// the most that counts.
    #[garde(skip)]
    pub registration: Registration,
    /// The domains that new e-mail addresses of users may have, not those below them; addresses that are there stay.
    /// None: any. Default: none.
    #[garde(length(max = 200))]
    #[schema(value_type = Vec<String>, max_items = 200, example = json!(["acme.com"]))]
    pub allowed_email_domains: Vec<DomainName>,
    /// The origins whose pages may call the API from a browser, as `https://app.acme.com`: these very ones, none below
    /// them. Default: none.
    #[garde(length(max = 50), inner(custom(origin)))]
    #[schema(max_items = 50)]
    pub cors_origins: Vec<String>,
    /// The networks from which the tenant's people and directories may use it, as `192.0.2.0/24`: at sign-in and with
    /// every request. None: all. Default: none. Whoever sets it must be in one of them. Operators are bound by that of
    /// System alone, and take it back by `elder tenant clear-ip-allowlist`.
    #[garde(custom(at_most_500))]
    #[schema(value_type = Vec<String>, max_items = 500, example = json!(["192.0.2.0/24"]))]
    pub ip_allowlist: Networks,
    /// Which calls of the API leave an event in the audit log, beside those of what they change. Default: `all`.
    #[garde(skip)]
    pub audit_api_calls: AuditedCalls,
    /// Which bodies of these calls are kept for `retention.audit_bodies_days`, sealed and without secrets. Default: `off`.
    #[garde(skip)]
    pub audit_api_bodies: AuditedBodies,
    /// Whether operators of the platform may act in the name of the tenant's people, with a reason and for an hour at the
    /// most. Default: false.
    #[garde(skip)]
    pub support_access: bool,
    /// The accounts that passwords open although an identity provider is enforced: for the day on which it does not answer.
    /// Default: none.
    #[garde(length(max = 10))]
    #[schema(max_items = 10)]
    pub break_glass_users: Vec<UserId>,
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

/// A password that may be the only proof has 15 characters at least (NIST SP 800-63B-4 §3.1.1.2).
fn long_where_alone(mfa: &MfaSettings) -> impl FnOnce(&PasswordSettings, &()) -> garde::Result + '_ {
    move |password, &()| {
        // What is lower than 8 breaks the rule of the field itself.
        if !(8..15).contains(&password.min_length) || mfa.required == MfaRequirement::Everyone {
            return Ok(());
        }
        Err(garde::Error::new("min_length is lower than 15, and mfa.required is not `everyone`"))
    }
}

fn at_most_500(networks: &Networks, &(): &()) -> garde::Result {
    let refused = || garde::Error::new("length is greater than 500");
    (networks.len() <= 500).then_some(()).ok_or_else(refused)
}

/// An origin as browsers send it (RFC 6454 §6.1): a scheme, a host in lower case, a port unless it is the usual one.
pub(crate) fn origin(value: &str, &(): &()) -> garde::Result {
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
mod tests {
    use super::*;

    #[test]
    fn an_origin_has_no_path_no_star_and_no_redundant_port() {
        for good in
            ["https://app.acme.com", "https://acme.com:8443", "http://localhost:3000", "https://[::1]:9"]
        {
            assert!(origin(good, &()).is_ok(), "{good}");
        }
        for bad in [
            "*",
            "null",
            "https://",
            "https://*.acme.com",
            "https://acme.com/",
            "https://Acme.com",
            "https://acme.com:443",
            "ftp://acme.com",
            "https://user@acme.com",
        ] {
            assert!(origin(bad, &()).is_err(), "{bad}");
        }
    }
}
