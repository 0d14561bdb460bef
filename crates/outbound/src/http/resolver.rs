//! Names become addresses once for each connection, and only those that were checked are connected to.

use std::{
    future::Future,
    io,
    net::{IpAddr, SocketAddr},
    pin::Pin,
    sync::Arc,
};

use reqwest::dns::{Addrs, Name, Resolve, Resolving};

use super::{
    address::is_public,
    error::{Closed, Unresolved},
    policy::Reach,
};

/// The addresses of a name, when they are there.
pub(super) type Lookup = Pin<Box<dyn Future<Output = io::Result<Vec<IpAddr>>> + Send>>;

/// Who knows the addresses of names.
pub(super) trait Resolver: Send + Sync {
    /// All addresses of a name.
    fn addresses(&self, name: &str) -> Lookup;
}

/// The system's resolver.
pub(super) struct System;

impl Resolver for System {
    fn addresses(&self, name: &str) -> Lookup {
        let name = name.to_owned();
        Box::pin(async move {
            let found = tokio::net::lookup_host((name, 0)).await?;
            Ok(found.map(|address| address.ip()).collect())
        })
    }
}

/// Stands between a client and its resolver: what it lets through is what the client connects to, so there is no second
/// look-up whose answer could differ (DNS rebinding).
pub(super) struct Guarded {
    pub(super) resolver: Arc<dyn Resolver>,
    pub(super) reach: Reach,
}

impl Resolve for Guarded {
    fn resolve(&self, name: Name) -> Resolving {
        let (lookup, reach) = (self.resolver.addresses(name.as_str()), self.reach);
        Box::pin(async move {
            let found = lookup
                .await
                .map_err(|error| Unresolved { kind: error.kind(), message: error.to_string() })?;
            let open = open(found, reach)?;
            Ok(Box::new(open.into_iter().map(|address| SocketAddr::new(address, 0))) as Addrs)
        })
    }
}

/// Those addresses that may be called; an error if there are none.
pub(super) fn open(found: Vec<IpAddr>, reach: Reach) -> Result<Vec<IpAddr>, Closed> {
    let open: Vec<_> =
        found.into_iter().filter(|address| reach == Reach::Anywhere || is_public(*address)).collect();
    if open.is_empty() { Err(Closed) } else { Ok(open) }
}
