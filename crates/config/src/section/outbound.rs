//! Calls of URLs that tenants have configured.

use std::path::PathBuf;

use crate::setting::section;
use crate::value::AllowedHost;

section! {
    /// Calls of URLs that tenants have configured: identity providers, their keys and metadata. They go to the public
    /// internet by https, and nowhere else but to the hosts that are named here.
    Outbound = "outbound" {
        /// Hosts, as name, name:port, address or [address]:port, that may be in a private network and may speak plain http:
        /// an identity provider of your own beside Elder.
        allow_hosts: Vec<AllowedHost> = [];
        /// Certificates, as PEM, that are trusted beside those that the system trusts: of a company with its own authority.
        ca_file: Option<PathBuf> => "/etc/elder/outbound-ca.pem";
    }
}
