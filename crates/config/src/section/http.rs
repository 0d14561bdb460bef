//! The HTTP server.

use std::net::SocketAddr;
use std::num::NonZeroUsize;

use elder_kernel::Secret;

use crate::setting::section;
use crate::value::{Network, PublicUrl};

section! {
    /// The HTTP server.
    Http = "http" {
        /// The address and port on which Elder listens.
        bind: SocketAddr = "127.0.0.1:8080";
        /// Where clients reach Elder, as it stands in links and tokens: https, or plain http on this machine alone.
        /// Without it: http:// and `bind`.
        public_url: Option<PublicUrl> => "https://id.example.com";
        /// The proxies whose X-Forwarded-For header is believed: addresses or networks.
        trusted_proxies: Vec<Network> = [];
        /// The largest body of a request; a larger one is answered with 413.
        body_limit_bytes: NonZeroUsize = 1048576;
        /// Threads that serve requests. Without it: one a core.
        workers: Option<NonZeroUsize> => 2;
        /// How long Elder still serves after SIGTERM while /readyz says 503, so that load balancers find another node first.
        drain_seconds: u64 = 5;
        /// How long requests in flight may take once Elder is told to stop.
        shutdown_timeout_seconds: u64 = 30;
        /// Whether /docs shows the API for people to read and try.
        docs: bool = true;
        /// A second address for /metrics, which then leaves the first.
        admin_bind: Option<SocketAddr> => "127.0.0.1:9091";
        /// Who scrapes /metrics must show this bearer token. Without it: whoever reaches the address.
        metrics_token: Option<Secret<String>> => "32 or more random characters";
    }
}
