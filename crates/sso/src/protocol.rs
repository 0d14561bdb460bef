//! What a configuration means to the protocol, and what is remembered of providers between sign-ins.

use std::{sync::Arc, time::Duration};

use elder_api_types::{
    IdentityProviderId,
    identity_provider::{ClientAuthMethod, IdentityProvider, IdpProvider},
    idp_test::{IdpTest, IdpTestOutcome, IdpTestStep},
};
use elder_http::PublicUrl;
use elder_kernel::{Seam, Secret};
use elder_oidc::{
    Algorithm, Ask, Begun, Callback, ClientAuthentication, Connection, Discovered, Finding, Identity, Keys,
    OidcError, Outcome, Pending, Preset, Prompt, RelyingParty, discover, examine,
};
use elder_outbound::http::Outbound;
use moka::sync::Cache;
use serde_json::{Map, Value};

/// How long a provider's description is believed.
const BELIEVED: Duration = Duration::from_mins(10);
/// Of how many providers a node remembers it.
const MOST_REMEMBERED: u64 = 10_000;
/// How many seconds ago somebody may have proven who they are, who must prove it anew.
const ANEW: u32 = 300;
/// What a provider calls a second factor that it has seen (RFC 8176 §2).
const MULTI_FACTOR: &str = "mfa";

/// An identity provider, and the secret that it shares with Elder.
#[derive(Debug)]
pub(crate) struct WithSecret {
    pub(crate) idp: IdentityProvider,
    pub(crate) secret: Option<Secret<String>>,
}

/// What a provider has said of somebody, and what was found to be true.
#[derive(Debug)]
pub(crate) struct Said {
    /// Who says it.
    pub(crate) issuer: String,
    /// Whom they mean.
    pub(crate) subject: String,
    /// All that they say.
    pub(crate) claims: Map<String, Value>,
    /// Whether they say that they have seen a second factor.
    pub(crate) is_multi_factor: bool,
}

/// The way to identity providers. Cheap to clone.
#[derive(Clone)]
pub struct Providers {
    outbound: Outbound,
    redirect_uri: Arc<str>,
    /// By version: a provider that was changed is asked anew.
    known: Cache<(IdentityProviderId, i64), Arc<Known>>,
}

/// What a provider says of itself.
struct Known {
    discovered: Discovered,
    keys: Keys,
}

impl Providers {
    /// Calls providers by `outbound`, and lets people come back to this installation.
    pub fn new(outbound: Outbound, public: &PublicUrl) -> Self {
        let known = Cache::builder().max_capacity(MOST_REMEMBERED).time_to_live(BELIEVED).build();
        Self { outbound, redirect_uri: format!("{}/sso/oidc/callback", public.0).into(), known }
    }

    /// Whether a configuration could work at all, before anybody is called.
    pub(crate) fn check(&self, idp: &IdentityProvider) -> Result<(), OidcError> {
        self.connection(idp, None).check(&self.outbound)
    }

    /// Begins a sign-in.
    pub(crate) async fn send(
        &self,
        to: &WithSecret,
        login_hint: Option<&str>,
        anew: bool,
        seam: &Seam,
    ) -> Result<Begun, OidcError> {
        let (connection, known) = self.meet(to).await?;
        let prompt = anew.then_some(Prompt::Login);
        let ask = Ask { prompt, login_hint, max_age: anew.then_some(ANEW) };
        self.party(&connection, &known, seam).begin(ask)
    }

    /// Ends a sign-in: from what the browser has brought to what the provider says.
    pub(crate) async fn receive(
        &self,
        from: &WithSecret,
        callback: &Callback,
        pending: &Pending,
        seam: &Seam,
    ) -> Result<Said, OidcError> {
        let (connection, known) = self.meet(from).await?;
        let identity = self.party(&connection, &known, seam).finish(callback, pending).await?;
        let Identity { subject, claims, .. } = identity;
        let methods = claims.get("amr").and_then(Value::as_array);
        let is_multi_factor =
            methods.is_some_and(|methods| methods.iter().any(|method| method == MULTI_FACTOR));
        Ok(Said { issuer: connection.issuer, subject, claims, is_multi_factor })
    }

    /// Looks at all that a sign-in needs, but for the person.
    pub(crate) async fn examine(&self, at: &WithSecret, seam: &Seam) -> IdpTest {
        let connection = self.connection(&at.idp, at.secret.clone());
        let examined = examine(&self.outbound, &connection, &seam.clock).await;
        let is_good = examined.outcome() != Outcome::Failed;
        IdpTest { is_good, steps: examined.findings.into_iter().map(step).collect() }
    }

    async fn meet(&self, with: &WithSecret) -> Result<(Connection, Arc<Known>), OidcError> {
        let connection = self.connection(&with.idp, with.secret.clone());
        let key = (with.idp.id, with.idp.version);
        if let Some(known) = self.known.get(&key) {
            return Ok((connection, known));
        }
        let discovered = discover(&self.outbound, &connection).await?;
        let known = Arc::new(Known { discovered, keys: Keys::default() });
        self.known.insert(key, known.clone());
        Ok((connection, known))
    }

    fn party<'a>(&'a self, connection: &'a Connection, known: &'a Known, seam: &'a Seam) -> RelyingParty<'a> {
        let Known { discovered, keys } = known;
        RelyingParty { outbound: &self.outbound, connection, discovered, keys, seam }
    }

    fn connection(&self, idp: &IdentityProvider, secret: Option<Secret<String>>) -> Connection {
        let (preset, secret) = (preset(idp.provider), secret.unwrap_or_else(|| String::new().into()));
        let known_scopes = || preset.scopes().iter().map(|scope| (*scope).to_owned()).collect();
        Connection {
            preset,
            issuer: idp.oidc_issuer_url.clone(),
            client_id: idp.oidc_client_id.clone(),
            authentication: match idp.oidc_token_endpoint_auth_method {
                ClientAuthMethod::ClientSecretBasic => ClientAuthentication::SecretBasic(secret),
                ClientAuthMethod::ClientSecretPost => ClientAuthentication::SecretPost(secret),
                ClientAuthMethod::None => ClientAuthentication::None,
            },
            scopes: if idp.oidc_scopes.is_empty() { known_scopes() } else { idp.oidc_scopes.clone() },
            redirect_uri: self.redirect_uri.to_string(),
            algorithms: Algorithm::ALL.to_vec(),
            directories: idp.oidc_allowed_tenants.clone(),
        }
    }
}

/// What is known of a provider's product.
pub(crate) const fn preset(provider: IdpProvider) -> Preset {
    match provider {
        IdpProvider::Google => Preset::Google,
        IdpProvider::Entra => Preset::Entra,
        IdpProvider::Okta => Preset::Okta,
        IdpProvider::Auth0 => Preset::Auth0,
        IdpProvider::Keycloak => Preset::Keycloak,
        IdpProvider::Gitlab => Preset::Gitlab,
        IdpProvider::Github => Preset::Github,
        IdpProvider::Generic => Preset::Generic,
    }
}

fn step(finding: Finding) -> IdpTestStep {
    let outcome = match finding.outcome {
        Outcome::Passed => IdpTestOutcome::Passed,
        Outcome::Warning => IdpTestOutcome::Warning,
        Outcome::Failed => IdpTestOutcome::Failed,
    };
    IdpTestStep { name: finding.topic.name().to_owned(), outcome, detail: finding.words }
}
