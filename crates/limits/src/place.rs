//! Where Redis is: at one address, or wherever its sentinels say that the master is.

use std::time::Duration;

use elder_kernel::Secret;
use redis::{
    Client, ConnectionAddr, IntoConnectionInfo as _, TlsMode,
    sentinel::{Sentinel, SentinelNodeConnectionInfo},
};
use tokio::time::timeout;

use crate::fault::{InvalidUrl, Lost};

/// How long one sentinel may take to say who the master is.
const PATIENCE: Duration = Duration::from_millis(400);
/// The port of a sentinel of which no port is told.
const PORT: u16 = 26379;

/// One server, or several of which sentinels name the master.
pub(crate) enum Place {
    Fixed(Client),
    Watched(Sentinels),
}

/// The sentinels of a service.
pub(crate) struct Sentinels {
    /// A URL each. None is asked together with another: one that hangs shall not keep the others from answering.
    urls: Vec<String>,
    service: String,
    /// How the servers are spoken to.
    servers: SentinelNodeConnectionInfo,
}

impl Place {
    /// Reads a URL, as `redis://host:6379/0` or `redis-sentinel://host:26379,host:26379/service`.
    pub(crate) fn read(url: &Secret<String>) -> Result<Self, InvalidUrl> {
        let url = url.expose().as_str();
        let watched = ["redis", "rediss"]
            .into_iter()
            .find_map(|scheme| Some((scheme, url.strip_prefix(scheme)?.strip_prefix("-sentinel://")?)));
        match watched {
            Some((scheme, rest)) => Sentinels::read(scheme, rest).map(Self::Watched),
            // The library's own words may hold the URL, and with it the password.
            None => Client::open(url).map(Self::Fixed).map_err(|_| InvalidUrl),
        }
    }

    /// The server that keeps the buckets now.
    pub(crate) async fn find(&self) -> Result<Client, Lost> {
        match self {
            Self::Fixed(client) => Ok(client.clone()),
            Self::Watched(sentinels) => sentinels.find().await,
        }
    }

    /// Whether it is known that another server is the master by now. Sentinels that say nothing move nobody.
    pub(crate) async fn has_left(&self, address: &ConnectionAddr) -> bool {
        match self {
            Self::Fixed(_) => false,
            Self::Watched(sentinels) => {
                let named = sentinels.find().await;
                named.is_ok_and(|client| client.get_connection_info().addr() != address)
            }
        }
    }
}

impl Sentinels {
    /// Reads what follows the scheme. Name and password, if there are any, are those of the servers.
    fn read(scheme: &str, rest: &str) -> Result<Self, InvalidUrl> {
        let (authority, service) = rest.split_once('/').ok_or(InvalidUrl)?;
        let (account, hosts) = authority.rsplit_once('@').unwrap_or(("", authority));
        if service.is_empty() || service.contains(['/', '?', '#']) {
            return Err(InvalidUrl);
        }
        let urls: Vec<_> = hosts.split(',').map(|host| format!("{scheme}://{}", with_port(host))).collect();
        for url in &urls {
            Client::open(url.as_str()).map_err(|_| InvalidUrl)?;
        }
        // Whatever the host: it is read for the account.
        let known = format!("redis://{account}@localhost/").into_connection_info().map_err(|_| InvalidUrl)?;
        let servers =
            SentinelNodeConnectionInfo::default().set_redis_connection_info(known.redis_settings().clone());
        let servers = if scheme == "rediss" { servers.set_tls_mode(TlsMode::Secure) } else { servers };
        Ok(Self { urls, service: service.to_owned(), servers })
    }

    /// The master, by the first sentinel that knows one that says so itself.
    async fn find(&self) -> Result<Client, Lost> {
        let mut fault = Lost::Late(PATIENCE);
        for url in &self.urls {
            let mut sentinel = Sentinel::build(vec![url.as_str()])?;
            let asked = sentinel.async_master_for(&self.service, Some(&self.servers));
            match timeout(PATIENCE, asked).await {
                Ok(Ok(client)) => return Ok(client),
                Ok(Err(error)) => fault = Lost::Failed(error),
                Err(_) => {}
            }
        }
        Err(fault)
    }
}

fn with_port(host: &str) -> String {
    let is_bare = host.ends_with(']') || !host.contains(':');
    if is_bare { format!("{host}:{PORT}") } else { host.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(url: &str) -> Result<Place, InvalidUrl> {
        Place::read(&Secret::new(url.to_owned()))
    }

    #[test]
    fn a_url_names_sentinels_and_their_service() {
        let Ok(Place::Watched(sentinels)) = read("redis-sentinel://:pass@a,b:7,[::1],[::1]:8/elder") else {
            panic!("it is not read")
        };
        let urls = ["redis://a:26379", "redis://b:7", "redis://[::1]:26379", "redis://[::1]:8"];
        assert_eq!(
            (sentinels.urls.as_slice(), sentinels.service.as_str()),
            (&urls.map(String::from)[..], "elder")
        );
        let Ok(Place::Watched(sentinels)) = read("rediss-sentinel://a/elder") else {
            panic!("it is not read")
        };
        assert_eq!(sentinels.urls, ["rediss://a:26379"]);
        assert!(matches!(read("redis://a:1/0"), Ok(Place::Fixed(_))));
    }

    #[test]
    fn a_url_of_sentinels_without_a_service_or_a_host_is_none() {
        for url in [
            "redis-sentinel://a:1",
            "redis-sentinel://a:1/",
            "redis-sentinel:///elder",
            "redis-sentinel://a,,b/elder",
            "redis-sentinel://a:x/elder",
            "redis-sentinel://a/elder/0",
            "postgres-sentinel://a/elder",
        ] {
            assert!(read(url).is_err(), "{url}");
        }
    }
}
