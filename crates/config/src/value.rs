//! Kinds of values that are checked while they are read.

use std::fmt;
use std::net::IpAddr;
use std::num::NonZeroU64;
use std::str::FromStr;
use std::time::Duration;

use ipnet::IpNet;
use serde::{Deserialize, Deserializer, de};

/// A positive number of seconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(transparent)]
pub struct Seconds(NonZeroU64);

impl Seconds {
    /// The same as a duration.
    pub const fn duration(self) -> Duration {
        Duration::from_secs(self.0.get())
    }

    /// The number.
    pub const fn get(self) -> u64 {
        self.0.get()
    }
}

/// An absolute URL of an origin, perhaps with a path; no query, no slash at the end. Tokens and links travel to it, so
/// it is `https`, but for a server that only this machine reaches.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PublicUrl(String);

impl FromStr for PublicUrl {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let plain = text.strip_prefix("http://");
        let origin = text.strip_prefix("https://").or(plain).ok_or("it must begin with https://")?;
        let foreign = |c: char| c.is_whitespace() || c.is_control() || "?#@\\\"<>".contains(c);
        if origin.is_empty() || origin.starts_with(['/', ':']) || origin.contains(foreign) {
            return Err("it must be a host with an optional port and path, without user, query or fragment");
        }
        if plain.is_some_and(|origin| !is_this_machine(origin)) {
            return Err("it must begin with https://; only localhost, 127.0.0.1 and [::1] may have http://");
        }
        Ok(Self(text.trim_end_matches('/').to_owned()))
    }
}

/// Whether the host before a port and path is the loopback interface.
fn is_this_machine(origin: &str) -> bool {
    let authority = origin.split('/').next().unwrap_or_default();
    let has_port = |(_, port): &(&str, &str)| port.parse::<u16>().is_ok();
    let host = authority.rsplit_once(':').filter(has_port).map_or(authority, |(host, _)| host);
    let address = host.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')).unwrap_or(host);
    host == "localhost" || address.parse::<IpAddr>().is_ok_and(|address| address.is_loopback())
}

impl fmt::Display for PublicUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Addresses that share a prefix, as `10.0.0.0/8`; a lone address is a network of one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Network(IpNet);

impl Network {
    /// The network.
    pub const fn get(self) -> IpNet {
        self.0
    }
}

impl FromStr for Network {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let network = text.parse::<IpNet>().ok().or_else(|| text.parse::<IpAddr>().ok().map(IpNet::from));
        network.map(Self).ok_or("it must be an address or a network as 10.0.0.0/8")
    }
}

/// A host, and perhaps the one port of it: `idp.internal`, `idp.internal:8443`, `10.0.0.7`, `[fd00::7]:8443`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AllowedHost {
    host: String,
    port: Option<u16>,
}

impl AllowedHost {
    /// The name, or the address without brackets.
    pub fn host(&self) -> &str {
        &self.host
    }

    /// The port, if it is about one alone.
    pub const fn port(&self) -> Option<u16> {
        self.port
    }
}

impl FromStr for AllowedHost {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        const FORM: &str =
            "it must be a host, as idp.internal, idp.internal:8443, 10.0.0.7 or [fd00::7]:8443";
        let (host, port) = match text.rsplit_once(':') {
            Some((host, port)) if !host.contains(':') || host.ends_with(']') => {
                (host, Some(port.parse().map_err(|_| FORM)?))
            }
            _ => (text, None),
        };
        let bare = host.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')).unwrap_or(host);
        let is_name = |c: char| c.is_ascii_alphanumeric() || "-._".contains(c);
        let is_host = bare.parse::<IpAddr>().is_ok() || (!host.is_empty() && host.chars().all(is_name));
        if is_host { Ok(Self { host: bare.to_owned(), port }) } else { Err(FORM) }
    }
}

macro_rules! deserialize_from_str {
    ($($type:ty),*) => {$(
        impl<'de> Deserialize<'de> for $type {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                String::deserialize(deserializer)?.parse().map_err(de::Error::custom)
            }
        }
    )*};
}
deserialize_from_str!(PublicUrl, Network, AllowedHost);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_public_url_is_an_origin_with_an_optional_path() {
        for (text, read) in [
            ("https://id.example.com", "https://id.example.com"),
            ("http://[::1]:8080/", "http://[::1]:8080"),
            ("http://[::1]", "http://[::1]"),
            ("http://127.0.0.1:8080/elder", "http://127.0.0.1:8080/elder"),
            ("http://localhost", "http://localhost"),
            ("https://example.com/elder/", "https://example.com/elder"),
        ] {
            assert_eq!(text.parse::<PublicUrl>().unwrap().to_string(), read);
        }
        for text in [
            "",
            "id.example.com",
            "ftp://x",
            "https://",
            "https:///x",
            "https://a b",
            "https://a?b",
            "https://u@h",
            "http://id.example.com",
            "http://10.0.0.1:8080",
            "http://127.0.0.1.example.com",
            "http://localhost.example.com:8080/127.0.0.1",
            "http://[2001:db8::1]",
            "http://[::1]example.com",
        ] {
            assert!(text.parse::<PublicUrl>().is_err(), "{text}");
        }
    }

    #[test]
    fn an_allowed_host_is_a_name_or_an_address_with_or_without_a_port() {
        for (text, host, port) in [
            ("idp.internal", "idp.internal", None),
            ("localhost:8080", "localhost", Some(8080)),
            ("10.0.0.7:443", "10.0.0.7", Some(443)),
            ("fd00::7", "fd00::7", None),
            ("[fd00::7]", "fd00::7", None),
            ("[fd00::7]:8443", "fd00::7", Some(8443)),
        ] {
            let read: AllowedHost = text.parse().unwrap();
            assert_eq!((read.host(), read.port()), (host, port), "{text}");
        }
        for text in
            ["", ":80", "https://idp.internal", "idp.internal/", "idp.internal:https", "a b", "*", "[idp]:1"]
        {
            assert!(text.parse::<AllowedHost>().is_err(), "{text}");
        }
    }

    #[test]
    fn a_network_contains_what_shares_its_prefix() {
        let contains = |net: &str, address: &str| {
            net.parse::<Network>().unwrap().get().contains(&address.parse::<IpAddr>().unwrap())
        };
        for (net, address) in [
            ("10.0.0.0/8", "10.255.0.1"),
            ("0.0.0.0/0", "8.8.8.8"),
            ("::/0", "2001:db8::1"),
            ("2001:db8::/32", "2001:db8:1::"),
            ("127.0.0.1", "127.0.0.1"),
        ] {
            assert!(contains(net, address), "{net} {address}");
        }
        for (net, address) in [("10.0.0.0/8", "11.0.0.0"), ("127.0.0.1", "127.0.0.2"), ("::/0", "1.2.3.4")] {
            assert!(!contains(net, address), "{net} {address}");
        }
        for text in ["", "10.0.0.0/33", "::/129", "10.0.0/8", "10.0.0.0/", "10.0.0.0/-1"] {
            assert!(text.parse::<Network>().is_err(), "{text}");
        }
    }
}
