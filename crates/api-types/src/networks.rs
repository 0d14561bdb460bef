//! The networks from which a tenant or a key may be used.

use std::net::IpAddr;

use ipnet::IpNet;
use serde::{Deserialize, Serialize};

/// Networks that a tenant lets in. None at all: everybody.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Networks(Vec<IpNet>);

impl Networks {
    /// How many there are.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether everybody is let in.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Whether a client is let in. One whose address is not known is let in only where everybody is.
    pub fn admit(&self, client: Option<IpAddr>) -> bool {
        let listed = |client: IpAddr| self.0.iter().any(|network| network.contains(&client.to_canonical()));
        self.is_empty() || client.is_some_and(listed)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn admits(networks: &str, client: Option<&str>) -> bool {
        let networks: Networks = serde_json::from_str(networks).unwrap();
        networks.admit(client.map(|client| client.parse().unwrap()))
    }

    #[test]
    fn no_network_lets_everybody_in() {
        assert!(admits("[]", Some("203.0.113.9")) && admits("[]", None));
    }

    #[test]
    fn a_list_lets_in_those_who_are_on_it_and_no_stranger() {
        let office = r#"["192.0.2.0/24", "2001:db8::/32"]"#;
        assert!(admits(office, Some("192.0.2.7")) && admits(office, Some("2001:db8::7")));
        assert!(admits(office, Some("::ffff:192.0.2.7")), "an IPv4 address in the form of IPv6");
        assert!(!admits(office, Some("203.0.113.9")) && !admits(office, Some("2001:db9::7")));
        assert!(!admits(office, None));
    }
}
