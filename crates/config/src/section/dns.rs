//! Look-ups that prove domains.

use std::net::SocketAddr;

use crate::setting::section;

section! {
    /// The DNS look-ups that prove that a tenant owns a domain.
    Dns = "dns" {
        /// The servers that are asked, as address and port. None: those of the system.
        resolvers: Vec<SocketAddr> = [];
    }
}
