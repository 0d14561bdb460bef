//! What a configuration means to its protocol, and what is remembered of providers between sign-ins.

mod left;
mod oidc;
mod onward;
mod own_key;
mod saml;

use std::{sync::Arc, time::Duration};

use elder_api_types::{
    IdentityProviderId,
    identity_provider::{ClientAuthMethod, IdentityProvider, IdpType},
    idp_test::{IdpTest, IdpTestStep},
    saml::ServiceProvider,
};
use elder_http::PublicUrl;
use elder_kernel::{Finding, FindingOutcome, Seam, Secret};
use elder_outbound::http::Outbound;
use moka::sync::Cache;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

pub use self::onward::Onward;
pub(crate) use self::{
    left::{Left, OidcLeft, SamlLeft},
    oidc::preset,
    own_key::{OwnKey, OwnKeys, public},
    saml::{Arrival, Asked, described, relay},
};

/// How long a provider's description is believed.
const BELIEVED: Duration = Duration::from_mins(10);
/// How long a provider may take for one answer while somebody waits at a browser, and for all of a sign-in.
const ONE_ANSWER: Duration = Duration::from_secs(4);
const ALL_ANSWERS: Duration = Duration::from_secs(9);
/// Of how many providers a node remembers it.
const MOST_REMEMBERED: u64 = 10_000;

/// An identity provider, and what it shares with Elder alone.
#[derive(Debug)]
pub(crate) struct WithSecret {
    pub(crate) idp: IdentityProvider,
    /// Of OpenID Connect: the client's secret.
    pub(crate) secret: Option<Secret<String>>,
    /// Elder's own keys.
    pub(crate) keys: OwnKeys,
    /// Of SAML: the metadata, if the provider is described by it.
    pub(crate) metadata: Option<String>,
}

/// What a provider has said of somebody, and what was found to be true.
#[derive(Serialize, Deserialize)]
pub(crate) struct Said {
    /// Who says it.
    pub(crate) issuer: String,
    /// Whom they mean.
    pub(crate) subject: String,
    /// All that they say.
    pub(crate) claims: Map<String, Value>,
    /// Whether they say that they have seen a second factor.
    pub(crate) is_multi_factor: bool,
    /// What they call their own session.
    pub(crate) idp_session: Option<String>,
    /// What is needed when that session ends.
    pub(crate) left: Left,
}

/// The way to identity providers. Cheap to clone.
#[derive(Clone)]
pub struct Providers {
    outbound: Outbound,
    /// Where the world reaches Elder.
    public: Arc<str>,
    /// By version: a provider that was changed is asked anew.
    known: Cache<(IdentityProviderId, i64), Arc<oidc::Known>>,
    described: Cache<(IdentityProviderId, i64), Arc<elder_saml::Idp>>,
}

impl Providers {
    /// Calls providers by `outbound`, and lets people come back to this installation.
    pub fn new(outbound: Outbound, public: &PublicUrl) -> Self {
        let known = Cache::builder().max_capacity(MOST_REMEMBERED).time_to_live(BELIEVED).build();
        let described = Cache::builder().max_capacity(MOST_REMEMBERED).time_to_live(BELIEVED).build();
        Self { outbound, public: public.0.as_str().into(), known, described }
    }

    /// The same way for somebody who waits at a browser.
    pub(crate) fn hurried(&self) -> Self {
        Self { outbound: self.outbound.within(ONE_ANSWER), ..self.clone() }
    }

    /// What a provider that speaks SAML is told of Elder.
    pub(crate) fn service_provider(&self, id: IdentityProviderId) -> ServiceProvider {
        let below = |name: &str| format!("{}/sso/saml/{id}/{name}", self.public);
        ServiceProvider { entity_id: below("metadata"), acs_url: below("acs"), slo_url: below("slo") }
    }

    /// Where a browser begins a trial.
    pub(crate) fn trial_url(&self, token: &Secret<String>) -> String {
        format!("{}/sso/test?token={}", self.public, token.expose())
    }

    /// The provider with what it must be told of Elder.
    pub(crate) fn introduced(&self, idp: IdentityProvider) -> IdentityProvider {
        let told = (idp.idp_type == IdpType::Saml).then(|| self.service_provider(idp.id));
        let signs = idp.oidc_token_endpoint_auth_method == Some(ClientAuthMethod::PrivateKeyJwt);
        let oidc_jwks_url = signs.then(|| format!("{}/sso/oidc/jwks/{}", self.public, idp.id));
        IdentityProvider { service_provider: told, oidc_jwks_url, ..idp }
    }

    /// Looks at all that a sign-in needs, but for the person.
    pub(crate) async fn examine(&self, at: &WithSecret, seam: &Seam) -> IdpTest {
        let steps = match at.idp.idp_type {
            IdpType::Oidc => self.examine_oidc(at, seam).await,
            IdpType::Saml => self.examine_saml(at, seam).await,
        };
        IdpTest { is_good: steps.iter().all(|step| step.outcome != FindingOutcome::Failed), steps }
    }
}

/// What a look at a provider has shown, as a step of its test.
fn step<T>(finding: Finding<T>, name: impl FnOnce(T) -> &'static str) -> IdpTestStep {
    IdpTestStep { name: name(finding.topic).to_owned(), outcome: finding.outcome, detail: finding.words }
}

/// A step that has failed.
fn failed(name: &str, detail: String) -> IdpTestStep {
    IdpTestStep { name: name.to_owned(), outcome: FindingOutcome::Failed, detail }
}
