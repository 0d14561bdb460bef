//! The forms that settings of identity providers have.

use elder_kernel::Patch;

use crate::{provisioning::no_admin, role::Role};

/// An absolute `http` or `https` URL with a host, and without a name, a query or a fragment (OpenID Connect Discovery
/// §3). Whether it may be called is asked when it is.
pub(super) fn issuer(url: &str, &(): &()) -> garde::Result {
    let rest = url.strip_prefix("https://").or_else(|| url.strip_prefix("http://")).unwrap_or_default();
    let host = rest.split('/').next().unwrap_or_default();
    let plain = |c: char| c.is_ascii_graphic() && !"?#@\\\"<>^`{|}".contains(c);
    let is_good = url.len() <= 500 && !host.is_empty() && url.chars().all(plain);
    let words = "not an issuer: write `https://host/path` as the provider does, without a query";
    is_good.then_some(()).ok_or_else(|| garde::Error::new(words))
}

/// An absolute `http` or `https` URL. Whether it may be called is asked when it is.
pub(super) fn address(url: &str, &(): &()) -> garde::Result {
    let rest = url.strip_prefix("https://").or_else(|| url.strip_prefix("http://")).unwrap_or_default();
    let host = rest.split(['/', '?']).next().unwrap_or_default();
    let plain = |c: char| c.is_ascii_graphic() && !"#@\\\"<>^`{|}".contains(c);
    let is_good = url.len() <= 2000 && !host.is_empty() && url.chars().all(plain);
    is_good.then_some(()).ok_or_else(|| garde::Error::new("not an address: write `https://host/path`"))
}

pub(super) fn address_by_patch(url: &Patch<String>, context: &()) -> garde::Result {
    url.value().map_or(Ok(()), |url| address(url, context))
}

/// A URI of at most 1,024 signs (SAML Core §8.3.6). Not every provider writes one, so the form is not asked for.
pub(super) fn entity(id: &str, &(): &()) -> garde::Result {
    let is_good = (1..=1024).contains(&id.chars().count()) && !id.chars().any(|c| c.is_control() || c == ' ');
    is_good.then_some(()).ok_or_else(|| garde::Error::new("an entity id has 1 to 1,024 signs and no blank"))
}

/// A scope token (RFC 6749 §3.3).
pub(super) fn scope(scope: &str, &(): &()) -> garde::Result {
    let plain = |c: char| c.is_ascii_graphic() && c != '"' && c != '\\';
    let is_good = (1..=100).contains(&scope.len()) && scope.chars().all(plain);
    is_good.then_some(()).ok_or_else(|| garde::Error::new("a scope has 1 to 100 signs and no blank"))
}

pub(super) fn no_admin_by_patch(role: &Patch<Role>, context: &()) -> garde::Result {
    role.value().map_or(Ok(()), |role| no_admin(role, context))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_issuer_is_an_absolute_url_and_nothing_more() {
        for good in ["https://idp.example", "https://idp.example/a/b/", "http://127.0.0.1:9/x"] {
            assert!(issuer(good, &()).is_ok(), "{good}");
        }
        for bad in [
            "",
            "idp.example",
            "//idp.example",
            "https://",
            "https:///x",
            "ftp://idp.example",
            "https://a@idp.example",
            "https://idp.example?x",
            "https://idp.example/#x",
            "https://idp.example/a b",
        ] {
            assert!(issuer(bad, &()).is_err(), "{bad}");
        }
    }
}
