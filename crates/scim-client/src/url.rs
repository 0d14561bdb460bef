//! Where a server is: an address to which paths are added.

use std::{fmt, net::IpAddr, str::FromStr};

use reqwest::Url;

/// An address without a slash at its end, and without anything that is secret or that paths could not be added to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BaseUrl(Url);

/// Why a text is no base URL.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum InvalidUrl {
    /// Another scheme, or no URL at all.
    #[error("write it as https://host/path")]
    Form,
    /// A user or a password.
    #[error("it may not hold a user or a password: credentials are given apart")]
    Credential,
    /// A query or a fragment.
    #[error("it may not have a query or a fragment: paths are added to it")]
    Query,
}

impl BaseUrl {
    /// The address of what lies under it.
    pub(crate) fn at(&self, path: &str) -> String {
        format!("{self}{path}")
    }

    /// Whether what is said on the way can be read by others: no TLS, and not within this machine.
    pub fn is_open(&self) -> bool {
        self.0.scheme() == "http" && !self.is_here()
    }

    /// Whether it is on this machine.
    pub fn is_here(&self) -> bool {
        let host = self.0.host_str().unwrap_or_default().trim_matches(['[', ']']);
        host == "localhost" || host.parse().is_ok_and(|address: IpAddr| address.is_loopback())
    }
}

impl FromStr for BaseUrl {
    type Err = InvalidUrl;

    fn from_str(text: &str) -> Result<Self, InvalidUrl> {
        let url: Url = text.trim().parse().map_err(|_| InvalidUrl::Form)?;
        if !matches!(url.scheme(), "http" | "https") || !url.has_host() {
            return Err(InvalidUrl::Form);
        }
        if !url.username().is_empty() || url.password().is_some() {
            return Err(InvalidUrl::Credential);
        }
        if url.query().is_some() || url.fragment().is_some() {
            return Err(InvalidUrl::Query);
        }
        Ok(Self(url))
    }
}

impl fmt::Display for BaseUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0.as_str().trim_end_matches('/'))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_added_without_doubled_slashes() {
        for text in ["https://id.example.com/scim/v2", " https://id.example.com/scim/v2/ "] {
            let url: BaseUrl = text.parse().unwrap();
            assert_eq!(url.at("/Users"), "https://id.example.com/scim/v2/Users");
        }
    }

    #[test]
    fn what_cannot_be_a_base_is_refused_with_its_reason() {
        for (text, reason) in [
            ("id.example.com", InvalidUrl::Form),
            ("ftp://id.example.com", InvalidUrl::Form),
            ("https://ada:secret@id.example.com", InvalidUrl::Credential),
            ("https://id.example.com/?aadOptscim062020", InvalidUrl::Query),
            ("https://id.example.com/#top", InvalidUrl::Query),
        ] {
            assert_eq!(text.parse::<BaseUrl>(), Err(reason), "{text}");
        }
    }

    #[test]
    fn only_plain_http_to_another_machine_is_open() {
        let open = |text: &str| text.parse::<BaseUrl>().unwrap().is_open();
        assert!(open("http://id.example.com") && open("http://10.0.0.1"));
        assert!(!open("https://id.example.com") && !open("http://127.0.0.2:8080"));
        assert!(!open("http://localhost") && !open("http://[::1]:8080"));
    }
}
