//! Applications of a tenant, and how people return to them from a sign-in (RFC 6749 §4.1, RFC 7636).

use std::net::IpAddr;

use chrono::{DateTime, Utc};
use elder_kernel::Secret;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::{
    ids::{ApplicationId, UserId},
    name::Name,
};

/// An application to which people return from a sign-in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Application {
    /// Its id, which it sends to `/authorize`.
    pub id: ApplicationId,
    /// What people know it by.
    pub name: String,
    /// Where people return to.
    #[schema(example = json!(["https://app.acme.example/signed-in"]))]
    pub redirect_uris: Vec<String>,
    /// The origins whose pages may call the API, beside those of the tenant's setting `cors_origins`.
    #[schema(example = json!(["https://app.acme.example"]))]
    pub allowed_origins: Vec<String>,
    /// Grows with every change.
    pub version: i64,
    /// When it was registered.
    pub created_at: DateTime<Utc>,
    /// Who registered it; null if that was no person.
    #[schema(required)]
    pub created_by: Option<UserId>,
    /// When it last changed.
    pub updated_at: DateTime<Utc>,
}

/// An application to be registered.
#[derive(Debug, Serialize, Deserialize, garde::Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewApplication {
    /// What people know it by, unique in the tenant.
    #[garde(skip)]
    pub name: Name<100>,
    /// Where people may return to: an `https` URI, an `http` one of this machine, or one of an own scheme such as
    /// `com.acme.app:/signed-in` (RFC 8252 §7). They are compared character by character.
    #[garde(length(min = 1, max = 20), inner(custom(redirect_uri)))]
    #[schema(min_items = 1, max_items = 20, example = json!(["https://app.acme.example/signed-in"]))]
    pub redirect_uris: Vec<String>,
    /// The origins whose pages may call the API. Default: none.
    #[serde(default)]
    #[garde(length(max = 20), inner(custom(crate::settings::origin)))]
    #[schema(max_items = 20, example = json!(["https://app.acme.example"]))]
    pub allowed_origins: Vec<String>,
}

/// A merge patch of an application (RFC 7396).
#[derive(Debug, Default, Serialize, Deserialize, garde::Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ApplicationPatch {
    /// Another name.
    #[garde(skip)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<Name<100>>,
    /// All URIs that people may return to from now on.
    #[garde(length(min = 1, max = 20), inner(inner(custom(redirect_uri))))]
    #[schema(min_items = 1, max_items = 20)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub redirect_uris: Option<Vec<String>>,
    /// All origins whose pages may call the API from now on.
    #[garde(length(max = 20), inner(inner(custom(crate::settings::origin))))]
    #[schema(max_items = 20)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub allowed_origins: Option<Vec<String>>,
}

/// A code that somebody came back with, to be exchanged for the tokens of a session.
#[cfg_attr(feature = "client", derive(serde::Serialize))]
#[derive(Debug, Deserialize, garde::Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CodeExchange {
    /// The code.
    #[garde(skip)]
    #[schema(value_type = String, format = "password", write_only)]
    #[cfg_attr(feature = "client", serde(serialize_with = "crate::secret::exposed"))]
    pub code: Secret<String>,
    /// Whose SHA-256 was sent to `/authorize` as `code_challenge` (RFC 7636 §4.1).
    #[garde(skip)]
    #[schema(value_type = String, format = "password", write_only)]
    #[cfg_attr(feature = "client", serde(serialize_with = "crate::secret::exposed"))]
    pub code_verifier: Secret<String>,
    /// The URI that was sent to `/authorize`.
    #[garde(length(max = 2_000))]
    #[schema(max_length = 2_000, example = "https://app.acme.example/signed-in")]
    pub redirect_uri: String,
}

/// An absolute URI without a fragment (RFC 6749 §3.1.2) at which nobody but the application listens.
fn redirect_uri(uri: &str, &(): &()) -> garde::Result {
    let plain = |c: char| c.is_ascii_graphic() && !"#\\\"<>^`{|}*".contains(c);
    let is_good = uri.len() <= 2_000 && uri.chars().all(plain) && {
        let (scheme, rest) = uri.split_once(':').unwrap_or_default();
        match scheme {
            "https" => host(rest).is_some(),
            "http" => host(rest).is_some_and(is_this_machine),
            _ => is_own_scheme(scheme) && rest.starts_with('/') && !rest.starts_with("//"),
        }
    };
    let words = "not a URI to return to: write `https://host/path`, without a fragment, a name or a `*`";
    is_good.then_some(()).ok_or_else(|| garde::Error::new(words))
}

/// The host of what follows a scheme, in lower case and without a name before it.
fn host(rest: &str) -> Option<&str> {
    let authority = rest.strip_prefix("//")?;
    let authority = authority.split(['/', '?']).next().filter(|authority| !authority.contains('@'))?;
    let (host, port) = match authority.rfind(']') {
        Some(end) => authority.split_at(end + 1),
        None => authority.split_at(authority.find(':').unwrap_or(authority.len())),
    };
    let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || ".-:[]".contains(c);
    let has_port = port.strip_prefix(':').is_some_and(|port| port.parse::<u16>().is_ok_and(|port| port > 0));
    (!host.is_empty() && host.chars().all(plain) && (port.is_empty() || has_port)).then_some(host)
}

fn is_this_machine(host: &str) -> bool {
    let address = host.trim_start_matches('[').trim_end_matches(']').parse::<IpAddr>();
    host == "localhost" || address.is_ok_and(|address| address.is_loopback())
}

/// A scheme that belongs to a program by a name of its domain (RFC 8252 §7.1); `javascript` and the like have no dot.
fn is_own_scheme(scheme: &str) -> bool {
    let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || ".-+".contains(c);
    scheme.contains('.') && scheme.starts_with(|c: char| c.is_ascii_lowercase()) && scheme.chars().all(plain)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn people_return_by_https_to_this_machine_or_to_a_program_with_a_scheme_of_its_own() {
        for good in [
            "https://app.acme.example/signed-in",
            "https://app.acme.example:8443/?from=elder",
            "http://localhost:3000/cb",
            "http://127.0.0.1:9/cb",
            "http://[::1]:9/cb",
            "com.acme.app:/signed-in",
        ] {
            assert!(redirect_uri(good, &()).is_ok(), "{good}");
        }
    }

    #[test]
    fn w_33_a_uri_that_could_lead_elsewhere_cannot_be_registered() {
        for bad in [
            "",
            "/signed-in",
            "//evil.example",
            "http://app.acme.example/",
            "http://localhost.evil.example/",
            "http://127.0.0.1.evil.example/",
            "https://",
            "https:///path",
            "https://acme.example@evil.example/",
            "https://acme.example\\@evil.example/",
            "https://*.acme.example/",
            "https://ACME.example/",
            "https://acme.example:0/",
            "https://acme.example/#fragment",
            "https://acme.example/a b",
            "https://acme.example/\r\nlocation:x",
            "javascript:alert(1)",
            "data:text/html,x",
            "com.acme.app://evil.example",
        ] {
            assert!(redirect_uri(bad, &()).is_err(), "{bad}");
        }
    }
}
