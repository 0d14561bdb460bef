//! Looks at a connection step by step, for whoever sets it up: nobody has to sign in for that.

use chrono::{DateTime, Utc};
use elder_kernel::{Clock, Finding, FindingOutcome as Outcome};
use elder_outbound::http::Outbound;
use http::{Method, Request};
use serde_json::Value;

use crate::{
    Connection, Discovered, OidcError, Refusal, discovery,
    error::Step,
    fetch,
    id_token::SKEW,
    json::Object,
    keys::{self, Key},
};

/// What was looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Topic {
    /// The provider's description, and whether it is of this issuer.
    Discovery,
    /// The provider's clock.
    Clock,
    /// Whether the addresses answer.
    Endpoints,
    /// The keys, their kinds and sizes.
    Keys,
    /// Whether tokens are signed as the connection expects.
    Algorithms,
    /// Whether codes are protected by PKCE.
    Pkce,
    /// Whether the client may prove itself in its way.
    ClientAuthentication,
}

impl Topic {
    /// Its name on the wire.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Discovery => "discovery",
            Self::Clock => "clock",
            Self::Endpoints => "endpoints",
            Self::Keys => "keys",
            Self::Algorithms => "algorithms",
            Self::Pkce => "pkce",
            Self::ClientAuthentication => "client_authentication",
        }
    }
}

/// What was found.
#[derive(Debug)]
pub struct Examined {
    /// One for each topic that could be looked at, in their order.
    pub findings: Vec<Finding<Topic>>,
    /// What the provider says of itself, if that can be believed.
    pub discovered: Option<Discovered>,
}

impl Examined {
    /// The worst of the outcomes.
    pub fn outcome(&self) -> Outcome {
        self.findings.iter().map(|finding| finding.outcome).max().unwrap_or(Outcome::Failed)
    }

    fn add(&mut self, topic: Topic, (outcome, words): Verdict) {
        self.findings.push(Finding { topic, outcome, words });
    }
}

type Verdict = (Outcome, String);

fn failed(error: &OidcError) -> Verdict {
    (Outcome::Failed, error.to_string())
}

/// Examines a connection. What fails is a finding.
pub async fn examine(outbound: &Outbound, connection: &Connection, clock: &Clock) -> Examined {
    let mut examined = Examined { findings: Vec::new(), discovered: None };
    let (discovered, date) = match discovery::describe(outbound, connection).await {
        Ok(described) => described,
        Err(error) => {
            examined.add(Topic::Discovery, failed(&error));
            return examined;
        }
    };
    let issuer = format!("The provider describes itself as {}.", connection.issuer);
    examined.add(Topic::Discovery, (Outcome::Passed, issuer));
    if let Some(date) = date {
        examined.add(Topic::Clock, of_clock(date, clock.now()));
    }
    examined.add(Topic::Endpoints, of_endpoints(outbound, &discovered).await);
    if let Some(url) = &discovered.jwks_uri {
        let document = fetch::document(outbound, Step::Keys, url, None).await;
        let verdict = document.and_then(|document| Ok(of_keys(&document.object)?));
        examined.add(Topic::Keys, verdict.unwrap_or_else(|error| failed(&error)));
        examined.add(Topic::Algorithms, of_algorithms(connection, &discovered));
    }
    examined.add(Topic::Pkce, of_pkce(&discovered));
    examined.add(Topic::ClientAuthentication, of_authentication(connection, &discovered));
    examined.discovered = Some(discovered);
    examined
}

fn of_clock(theirs: DateTime<Utc>, ours: DateTime<Utc>) -> Verdict {
    let apart = (theirs - ours).abs();
    let words = format!("The provider's clock and this one are {} s apart.", apart.num_seconds());
    (if apart <= SKEW { Outcome::Passed } else { Outcome::Warning }, words)
}

/// Without a sign-in an address answers with an error of the caller's, which shows that it is there.
async fn of_endpoints(outbound: &Outbound, discovered: &Discovered) -> Verdict {
    let endpoints = [
        Some(&discovered.authorization_endpoint),
        Some(&discovered.token_endpoint),
        discovered.userinfo_endpoint.as_ref(),
    ];
    for url in endpoints.into_iter().flatten() {
        if let Err(words) = reach(outbound, url).await {
            return (Outcome::Failed, words);
        }
    }
    (Outcome::Passed, "All addresses answer.".to_owned())
}

async fn reach(outbound: &Outbound, url: &str) -> Result<(), String> {
    let request = Request::builder().method(Method::HEAD).uri(url).body(Vec::new());
    let request = request.map_err(|_| Refusal::DiscoveryIncomplete.to_string())?;
    match outbound.call(request).await {
        Ok(answer) if answer.status().is_server_error() => {
            Err(format!("An address answers with status {}.", answer.status().as_u16()))
        }
        // Where a redirect leads is the browser's concern.
        Ok(_) | Err(elder_outbound::http::CallError::Redirect(_)) => Ok(()),
        Err(error) => Err(error.to_string()),
    }
}

fn of_keys(document: &Object) -> Result<Verdict, Refusal> {
    let all = keys::read(document)?;
    let usable: Vec<_> = all.iter().filter(|key| Key::read(key).is_some()).map(describe_key).collect();
    Ok(match usable.len() {
        0 => (Outcome::Failed, "The provider publishes no key that can be used to verify tokens.".to_owned()),
        count if count == all.len() => (Outcome::Passed, format!("Keys: {}.", usable.join(", "))),
        count => {
            let words = format!(
                "Keys: {}. {} more are too weak, or for other uses.",
                usable.join(", "),
                all.len() - count
            );
            (Outcome::Passed, words)
        }
    })
}

fn describe_key(key: &Value) -> String {
    let text = |name: &str| key.get(name).and_then(Value::as_str).unwrap_or_default();
    match keys::size(text("n")).filter(|bytes| *bytes > 0) {
        Some(bytes) => format!("RSA of {} bits", bytes * 8),
        None => match text("crv") {
            curve @ ("P-256" | "P-384" | "Ed25519") => curve.to_owned(),
            _ => "another curve".to_owned(),
        },
    }
}

fn of_algorithms(connection: &Connection, discovered: &Discovered) -> Verdict {
    let offered = &discovered.id_token_signing_alg_values_supported;
    let is_offered = |name: &str| offered.iter().any(|offered| offered == name);
    let (common, missing): (Vec<_>, Vec<_>) =
        connection.algorithms.iter().map(|algorithm| algorithm.name()).partition(|name| is_offered(name));
    if common.is_empty() {
        let words = format!("The provider signs by none of the allowed algorithms: {}.", missing.join(", "));
        (Outcome::Failed, words)
    } else {
        (Outcome::Passed, format!("The provider signs by {}, which is allowed.", common.join(", ")))
    }
}

fn of_pkce(discovered: &Discovered) -> Verdict {
    if discovered.code_challenge_methods_supported.iter().any(|method| method == "S256") {
        (Outcome::Passed, "The provider protects codes by PKCE with S256.".to_owned())
    } else {
        let words =
            "The provider does not say that it protects codes by PKCE with S256. It is sent all the same.";
        (Outcome::Warning, words.to_owned())
    }
}

fn of_authentication(connection: &Connection, discovered: &Discovered) -> Verdict {
    let method = connection.authentication.method();
    let is_offered = match &discovered.token_endpoint_auth_methods_supported {
        Some(offered) => offered.iter().any(|offered| offered == method),
        None => method == "client_secret_basic",
    };
    if is_offered {
        (Outcome::Passed, format!("The client proves itself by {method}, which the provider takes."))
    } else {
        (Outcome::Warning, format!("The provider does not say that it takes {method}."))
    }
}
