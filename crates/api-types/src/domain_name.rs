//! The name of an e-mail domain, in the one form in which it is compared.

use std::{fmt, net::IpAddr, str::FromStr};

use serde::{Deserialize, Deserializer, Serialize, de};

/// A domain in its ASCII form (RFC 5891): lower case, punycode, no dot at the end.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize)]
#[serde(transparent)]
pub struct DomainName(String);

/// What is no e-mail domain.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a domain: write it as `acme.com`, without a scheme, a path or an address")]
pub struct InvalidDomain;

/// Names that belong to nobody (RFC 6761, RFC 6762, RFC 7686, RFC 9476), and below which nothing can be proved.
const RESERVED: &[&str] =
    &["alt", "arpa", "example", "internal", "invalid", "local", "localhost", "onion", "test"];

/// Whose addresses anyone can have: no tenant owns them.
const PUBLIC_MAIL: &[&str] = &[
    "163.com",
    "aol.com",
    "example.com",
    "example.net",
    "example.org",
    "gmail.com",
    "gmx.de",
    "gmx.net",
    "googlemail.com",
    "hotmail.com",
    "icloud.com",
    "live.com",
    "mail.ru",
    "me.com",
    "msn.com",
    "outlook.com",
    "proton.me",
    "protonmail.com",
    "qq.com",
    "web.de",
    "yahoo.com",
    "yandex.com",
    "yandex.ru",
];

impl DomainName {
    /// The ASCII form.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether a tenant could own it.
    pub fn is_claimable(&self) -> bool {
        let top = self.0.rsplit('.').next().unwrap_or_default();
        !RESERVED.contains(&top) && !PUBLIC_MAIL.contains(&self.0.as_str())
    }
}

impl FromStr for DomainName {
    type Err = InvalidDomain;

    fn from_str(text: &str) -> Result<Self, InvalidDomain> {
        let text = text.trim();
        let text = text.strip_suffix('.').unwrap_or(text);
        let ascii = idna::domain_to_ascii_strict(text).map_err(|_| InvalidDomain)?;
        let top = ascii.rsplit('.').next().unwrap_or_default();
        let is_number = top.chars().all(|c| c.is_ascii_digit());
        if !ascii.contains('.') || is_number || ascii.parse::<IpAddr>().is_ok() {
            return Err(InvalidDomain);
        }
        Ok(Self(ascii))
    }
}

impl fmt::Display for DomainName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl<'de> Deserialize<'de> for DomainName {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = std::borrow::Cow::<'de, str>::deserialize(deserializer)?;
        text.parse().map_err(de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ascii(text: &str) -> Option<String> {
        text.parse::<DomainName>().ok().map(|name| name.0)
    }

    #[test]
    fn twins_have_one_form() {
        for twin in [
            "Bücher.Example.org",
            "xn--bcher-kva.example.org",
            "BÜCHER.EXAMPLE.ORG.",
            " bücher。example.org ",
        ] {
            assert_eq!(ascii(twin).as_deref(), Some("xn--bcher-kva.example.org"), "{twin}");
        }
    }

    #[test]
    fn what_is_no_domain_is_refused() {
        for text in [
            "",
            ".",
            "acme",
            "192.0.2.1",
            "[::1]",
            "::1",
            "1.2.3.4.5",
            "acme..com",
            ".acme.com",
            "https://acme.com",
            "acme.com/x",
            "ac me.com",
            "_dmarc.acme.com",
            "-acme.com",
            "a@acme.com",
            "*.acme.com",
            "acme.com:25",
            "acme\u{0}.com",
        ] {
            assert_eq!(ascii(text), None, "{text:?}");
        }
        assert_eq!(ascii(&format!("{}.com", "x".repeat(64))), None);
        assert_eq!(ascii(&format!("{}com", "abcdefg.".repeat(32))), None);
    }

    #[test]
    fn nobody_can_claim_what_belongs_to_everyone() {
        for text in ["gmail.com", "GMail.com", "corp.local", "a.test", "host.localhost"] {
            assert!(!text.parse::<DomainName>().unwrap().is_claimable(), "{text}");
        }
        assert!("acme.com".parse::<DomainName>().unwrap().is_claimable());
    }
}
