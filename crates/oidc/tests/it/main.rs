//! Sign-ins at providers that do everything right, and at one that does one thing wrong.

#![cfg(test)]

mod examined;
mod faults;
mod id_tokens;
mod logout;
mod presets;
mod provider;
mod signed_in;

use std::sync::{
    Arc,
    atomic::{AtomicI64, Ordering},
};

use chrono::{DateTime, TimeDelta, Utc};
use elder_kernel::{Clock, Seam, Secret, TimeSource};
use elder_oidc::{
    Algorithm, Ask, Callback, ClientAuthentication, Connection, Discovered, Identity, Keys, OidcError,
    Pending, Preset, RelyingParty, discover,
};
use elder_outbound::http::{AllowedHost, Outbound};
use elder_testkit::{Browser, CLIENT, Fault, FaultyProvider, SECRET};

/// Where providers send browsers back to.
pub(crate) const BACK: &str = "https://elder.example/sso/oidc/callback";

/// A client at a provider on this machine, and all that it needs.
pub(crate) struct Party {
    pub(crate) outbound: Outbound,
    pub(crate) connection: Connection,
    pub(crate) discovered: Discovered,
    pub(crate) keys: Keys,
    pub(crate) seam: Seam,
    ahead: Ahead,
}

/// The system's time, or so many seconds later.
#[derive(Clone, Default)]
struct Ahead(Arc<AtomicI64>);

impl TimeSource for Ahead {
    fn now(&self) -> DateTime<Utc> {
        Clock::system().now() + TimeDelta::seconds(self.0.load(Ordering::Relaxed))
    }
}

/// A client as the faulty provider knows it.
pub(crate) fn connection(issuer: &str) -> Connection {
    Connection {
        preset: Preset::Generic,
        issuer: issuer.to_owned(),
        client_id: CLIENT.to_owned(),
        authentication: ClientAuthentication::SecretBasic(Secret::new(SECRET.to_owned())),
        scopes: vec!["email".to_owned()],
        redirect_uri: BACK.to_owned(),
        algorithms: vec![Algorithm::RS256],
        directories: Vec::new(),
    }
}

/// A client that may call this port of this machine.
pub(crate) fn outbound(port: u16) -> Outbound {
    let host = AllowedHost { host: "127.0.0.1".to_owned(), port: Some(port) };
    Outbound::new(vec![host], None, &Clock::system()).unwrap()
}

impl Party {
    pub(crate) async fn at(port: u16, connection: Connection) -> Result<Self, OidcError> {
        let outbound = outbound(port);
        let discovered = discover(&outbound, &connection).await?;
        let ahead = Ahead::default();
        let seam = Seam { clock: Clock::new(ahead.clone()), ..Seam::system() };
        Ok(Self { outbound, connection, discovered, keys: Keys::default(), seam, ahead })
    }

    pub(crate) async fn of(provider: &FaultyProvider) -> Self {
        Self::at(provider.port(), connection(&provider.issuer())).await.unwrap()
    }

    pub(crate) fn relying(&self) -> RelyingParty<'_> {
        let Self { outbound, connection, discovered, keys, seam, .. } = self;
        RelyingParty { outbound, connection, discovered, keys, seam }
    }

    /// Goes to the provider and back.
    pub(crate) async fn go(&self, ask: Ask<'_>) -> (Callback, Pending) {
        let begun = self.relying().begin(ask).unwrap();
        let (place, _) = Browser::default().go(&begun.url, BACK).await;
        let query = place.strip_prefix(BACK).unwrap().trim_start_matches('?');
        (Callback::parse(query).unwrap(), begun.pending)
    }

    /// A whole sign-in.
    pub(crate) async fn sign_in(&self) -> Result<Identity, OidcError> {
        let (callback, pending) = self.go(Ask::default()).await;
        self.relying().finish(&callback, &pending).await
    }

    /// What a sign-in is refused for.
    pub(crate) async fn refusal(&self) -> &'static str {
        self.sign_in().await.map_or_else(|error| error.reason(), |_| "nothing")
    }

    pub(crate) fn pass(&self, seconds: i64) {
        self.ahead.0.fetch_add(seconds, Ordering::Relaxed);
    }
}

/// Tries sign-ins with one fault each, and a good one before and after. The names are those of the OpenID Foundation's
/// suite, where it has one.
pub(crate) async fn rows(rows: Vec<(&str, Fault, &str)>) {
    let provider = FaultyProvider::start();
    let mut party = Party::of(&provider).await;
    assert_eq!(party.refusal().await, "nothing", "without a fault");
    for (name, fault, expected) in rows {
        // Nobody has asked for keys yet, so that none is too fresh to be asked for again.
        party.keys = Keys::default();
        provider.fault(fault);
        assert_eq!(party.refusal().await, expected, "{name}");
    }
    provider.heal();
    assert_eq!(party.refusal().await, "nothing", "without a fault again");
}

/// The system's time in seconds.
pub(crate) fn now() -> i64 {
    Clock::system().now().timestamp()
}
