//! Looks proofs up in the DNS.

use std::{net::SocketAddr, time::Duration};

use hickory_resolver::{
    TokioResolver,
    config::{ConnectionConfig, NameServerConfig, ResolverConfig},
    net::{NetError, runtime::TokioRuntimeProvider},
    proto::rr::RData,
};

use super::{DnsProof, Error};

/// How long one server has for its answer.
const TIMEOUT: Duration = Duration::from_secs(3);

/// Asks the DNS for proofs. Cheap to clone.
#[derive(Clone)]
pub struct DomainResolver(TokioResolver);

/// The resolver cannot be set up.
#[derive(Debug, thiserror::Error)]
#[error("the DNS resolver cannot be set up: name its servers in `dns.resolvers`")]
pub struct ResolverUnusable(#[source] NetError);

impl DomainResolver {
    /// Asks the servers that the system is configured with.
    ///
    /// # Errors
    /// [`ResolverUnusable`] if the system's configuration cannot be read.
    pub fn system() -> Result<Self, ResolverUnusable> {
        Self::built(TokioResolver::builder_tokio().map_err(ResolverUnusable)?)
    }

    /// Asks these servers.
    ///
    /// # Errors
    /// [`ResolverUnusable`].
    pub fn at(servers: Vec<SocketAddr>) -> Result<Self, ResolverUnusable> {
        let servers = servers.into_iter().map(server).collect();
        let config = ResolverConfig::from_parts(None, Vec::new(), servers);
        Self::built(TokioResolver::builder_with_config(config, TokioRuntimeProvider::default()))
    }

    fn built(
        mut builder: hickory_resolver::ResolverBuilder<TokioRuntimeProvider>,
    ) -> Result<Self, ResolverUnusable> {
        let options = builder.options_mut();
        options.timeout = TIMEOUT;
        options.attempts = 2;
        // Who has just published the record tries again at once: an answer of before must not stand in the way.
        options.cache_size = 0;
        builder.build().map(Self).map_err(ResolverUnusable)
    }

    /// Looks for the record.
    ///
    /// # Errors
    /// [`Error::ProofMissing`] if it is not there, [`Error::LookUp`] if nobody can tell.
    pub(super) async fn find(&self, proof: &DnsProof) -> Result<(), Error> {
        let missing = || Error::ProofMissing { name: proof.name.clone(), value: proof.value.clone() };
        // The dot at the end keeps the system's search domains out.
        let found = self.0.txt_lookup(format!("{}.", proof.name)).await.map_err(|source| {
            if source.is_no_records_found() {
                return missing();
            }
            Error::LookUp { name: proof.name.clone(), source }
        })?;
        let proves = |data: &RData| match data {
            // A long value travels as several strings that belong together (RFC 7208 §3.3).
            RData::TXT(text) => text.txt_data.concat().trim_ascii() == proof.value.as_bytes(),
            _ => false,
        };
        found.answers().iter().any(|record| proves(&record.data)).then_some(()).ok_or_else(missing)
    }
}

fn server(address: SocketAddr) -> NameServerConfig {
    let [udp, tcp] = [ConnectionConfig::udp(), ConnectionConfig::tcp()].map(|mut connection| {
        connection.port = address.port();
        connection
    });
    NameServerConfig::new(address.ip(), true, vec![udp, tcp])
}
