//! Which URLs may be called, before anything is looked up.

use std::net::IpAddr;

use url::{Host, Url};

use super::{address::is_public, error::CallError};

/// A host that the operator has named: it may be in a private network, and may speak plain http.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AllowedHost {
    /// Its name, or its address without brackets.
    pub host: String,
    /// The one port of it. Without it: all.
    pub port: Option<u16>,
}

/// How far a host is trusted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Reach {
    /// At addresses of the public internet.
    Public,
    /// Wherever it is: the operator has named it.
    Anywhere,
}

/// The hosts that the operator has named.
#[derive(Debug, Default)]
pub(super) struct Policy(Vec<AllowedHost>);

impl Policy {
    pub(super) fn new(hosts: Vec<AllowedHost>) -> Self {
        Self(hosts)
    }

    /// How far the host of this URL is trusted, and its name as errors tell it.
    pub(super) fn judge(&self, url: &Url) -> Result<(Reach, String), CallError> {
        let (host, port) = (url.host().ok_or(CallError::Url)?, url.port_or_known_default());
        let name = host.to_string();
        if !url.username().is_empty() || url.password().is_some() {
            return Err(CallError::Credentials);
        }
        if !matches!(url.scheme(), "http" | "https") {
            return Err(CallError::Insecure(name));
        }
        if self.names(&host, port) {
            return Ok((Reach::Anywhere, name));
        }
        if url.scheme() != "https" {
            return Err(CallError::Insecure(name));
        }
        // Below 1024 other services than web servers listen.
        if port.is_none_or(|port| port != 443 && port < 1024) {
            return Err(CallError::Port(name));
        }
        match literal(&host) {
            Some(address) if !is_public(address) => Err(CallError::Address(name)),
            _ => Ok((Reach::Public, name)),
        }
    }

    fn names(&self, host: &Host<&str>, port: Option<u16>) -> bool {
        self.0.iter().any(|allowed| {
            let is_host = match literal(host) {
                Some(address) => allowed.host.parse() == Ok(address),
                None => bare(&allowed.host).eq_ignore_ascii_case(bare(&host.to_string())),
            };
            is_host && allowed.port.is_none_or(|allowed| Some(allowed) == port)
        })
    }
}

/// A host that is an address, in whatever form it was written: the URL's parser has read it.
fn literal(host: &Host<&str>) -> Option<IpAddr> {
    match host {
        Host::Domain(_) => None,
        Host::Ipv4(address) => Some((*address).into()),
        Host::Ipv6(address) => Some((*address).into()),
    }
}

/// `localhost.` is `localhost`.
fn bare(host: &str) -> &str {
    host.strip_suffix('.').unwrap_or(host)
}
