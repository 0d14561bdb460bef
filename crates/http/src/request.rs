//! What is known of a request before anyone looks at its credential.

use std::{net::IpAddr, sync::Arc};

use actix_web::{HttpMessage as _, HttpRequest, dev::ServiceRequest, http::header};
use elder_kernel::{Precondition, Seam};
use ipnet::IpNet;

use crate::Repeatable;

/// Longest request id that is taken over from the caller.
const LONGEST_REQUEST_ID: usize = 128;
/// Longest user agent that is kept.
const LONGEST_USER_AGENT: usize = 512;

/// Request id, client address and user agent.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct RequestMeta {
    /// The caller's `X-Request-Id` if it is 1–128 of `[A-Za-z0-9._-]`, else one of ours.
    pub id: String,
    /// Where the request comes from, seen through trusted proxies.
    pub ip: Option<IpAddr>,
    /// What the client calls itself, cut to 512 characters.
    pub user_agent: Option<String>,
    /// What a change demands of the resource that it finds.
    pub if_match: Precondition,
    /// What the caller calls this request, so that it can be sent again.
    pub repeatable: Option<Arc<Repeatable>>,
}

/// Where the world reaches this installation, without a slash at the end.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PublicUrl(pub String);

/// Networks whose `X-Forwarded-For` is believed.
#[derive(Debug, Clone, Default)]
pub struct TrustedProxies(pub Vec<IpNet>);

impl RequestMeta {
    /// Reads a request's own words about itself.
    pub fn read(request: &ServiceRequest, proxies: &TrustedProxies, seam: &Seam) -> Self {
        let text = |name| request.headers().get(name).and_then(|value| value.to_str().ok());
        let id = text(header::HeaderName::from_static("x-request-id"))
            .filter(|id| acceptable_request_id(id))
            .map_or_else(|| seam.uuid().simple().to_string(), str::to_owned);
        let user_agent =
            text(header::USER_AGENT).map(|agent| agent.chars().take(LONGEST_USER_AGENT).collect());
        // A proxy may add a line of its own instead of adding to the caller's: the last line is the nearest hop's.
        let lines = request.headers().get_all(header::X_FORWARDED_FOR);
        let forwarded: Vec<_> = lines.map(|line| line.to_str().unwrap_or_default()).collect();
        let ip = request.peer_addr().map(|peer| proxies.client(peer.ip(), &forwarded.join(",")));
        // SCIM has preconditions of its own (RFC 7644 §3.14).
        let if_match = if request.path().starts_with("/api/") { text(header::IF_MATCH) } else { None };
        let if_match = if_match.map(Precondition::read).unwrap_or_default();
        Self { id, ip, user_agent, if_match, repeatable: None }
    }

    /// What `envelope` found out about this request.
    pub fn of(request: &HttpRequest) -> Self {
        request.extensions().get::<Self>().cloned().unwrap_or_default()
    }
}

fn acceptable_request_id(id: &str) -> bool {
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '-');
    (1..=LONGEST_REQUEST_ID).contains(&id.len()) && id.chars().all(plain)
}

impl TrustedProxies {
    /// The nearest address that is no trusted proxy, read from the right (the left end can be forged).
    fn client(&self, peer: IpAddr, forwarded: &str) -> IpAddr {
        let trusted = |ip: &IpAddr| self.0.iter().any(|network| network.contains(ip));
        let mut client = peer.to_canonical();
        for hop in forwarded.rsplit(',') {
            let Some(ip) = trusted(&client).then(|| hop.trim().parse::<IpAddr>().ok()).flatten() else {
                break;
            };
            client = ip.to_canonical();
        }
        client
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn client(peer: &str, forwarded: &str) -> String {
        let proxies = TrustedProxies(vec!["10.0.0.0/8".parse().unwrap()]);
        proxies.client(peer.parse().unwrap(), forwarded).to_string()
    }

    #[test]
    fn a_stranger_cannot_claim_another_address() {
        assert_eq!(client("192.0.2.7", "198.51.100.1"), "192.0.2.7");
    }

    #[test]
    fn a_trusted_proxy_is_believed_about_the_hop_before_it_and_no_further() {
        assert_eq!(client("10.0.0.1", "203.0.113.9, 198.51.100.1"), "198.51.100.1");
        assert_eq!(client("10.0.0.1", "198.51.100.1, 10.2.3.4"), "198.51.100.1");
        assert_eq!(client("10.0.0.1", ""), "10.0.0.1");
        assert_eq!(client("10.0.0.1", "unknown"), "10.0.0.1");
        assert_eq!(client("::ffff:10.0.0.1", "198.51.100.1"), "198.51.100.1");
    }

    #[test]
    fn request_ids_with_other_characters_are_not_taken_over() {
        assert!(acceptable_request_id("a-b_c.9"));
        for id in ["", "a b", "a\nb", "ä", &"x".repeat(129)] {
            assert!(!acceptable_request_id(id), "{id:?}");
        }
    }
}
