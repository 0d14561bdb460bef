//! Providers that speak OpenID Connect.

use std::sync::Arc;

use chrono::{DateTime, Utc};
use elder_api_types::identity_provider::{ClientAuthMethod, IdentityProvider, IdpProvider};
use elder_kernel::{Seam, Secret};
use elder_oidc::{
    Algorithm, Ask, Begun, Callback, ClientAuthentication, Connection, Discovered, Identity, Keys, OidcError,
    Pending, Preset, Prompt, Refreshed, Refusal, RelyingParty, Topic, discover, examine,
};
use serde_json::{Map, Value};

use super::{ALL_ANSWERS, IdpTestStep, Left, OidcLeft, Providers, Said, WithSecret, failed, step};

/// How many seconds ago somebody may have proven who they are, who must prove it anew.
const ANEW: u32 = 300;
/// What a provider calls a second factor that it has seen (RFC 8176 §2).
const MULTI_FACTOR: &str = "mfa";

/// What a provider says of itself.
pub(super) struct Known {
    discovered: Discovered,
    keys: Keys,
}

/// A logout that a provider has told of.
pub(crate) struct ToldLogout {
    /// Who tells it.
    pub(crate) issuer: String,
    /// The token's own id, and until when it could be shown again.
    pub(crate) id: String,
    pub(crate) remembered_until: DateTime<Utc>,
    /// Whose sessions have ended, as identities name them.
    pub(crate) subject: Option<String>,
    /// Which one.
    pub(crate) session: Option<String>,
}

impl Providers {
    /// Whether a configuration could work at all, before anybody is called.
    pub(crate) fn check(&self, idp: &IdentityProvider) -> Result<(), OidcError> {
        self.connection(idp, ClientAuthentication::None).check(&self.outbound)
    }

    /// Begins a sign-in.
    pub(crate) async fn authorize(
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
        let arriving = async {
            let (connection, known) = self.meet(from).await?;
            let identity = self.party(&connection, &known, seam).finish(callback, pending).await?;
            Ok((connection.issuer, identity))
        };
        let arrived = tokio::time::timeout(ALL_ANSWERS, arriving).await;
        let (issuer, identity) = arrived.unwrap_or_else(|_| Err(OidcError::from(Refusal::Slow)))?;
        let Identity { subject, sub, session, claims, tokens } = identity;
        let methods = claims.get("amr").and_then(Value::as_array);
        let is_multi_factor =
            methods.is_some_and(|methods| methods.iter().any(|method| method == MULTI_FACTOR));
        let left = Left::Oidc(OidcLeft::given(sub, &tokens, seam.now()));
        Ok(Said { issuer, subject, claims, is_multi_factor, idp_session: session, left })
    }

    /// What a provider says of somebody now.
    pub(crate) async fn user_info(
        &self,
        of: &WithSecret,
        left: &OidcLeft,
        seam: &Seam,
    ) -> Result<Map<String, Value>, OidcError> {
        let (connection, known) = self.meet(of).await?;
        self.party(&connection, &known, seam).user_info(&left.access_token, &left.sub).await
    }

    /// Gets tokens anew.
    pub(crate) async fn refresh(
        &self,
        at: &WithSecret,
        left: &OidcLeft,
        seam: &Seam,
    ) -> Result<Refreshed, OidcError> {
        let token = left.refresh_token.clone().ok_or(Refusal::GrantRefused)?;
        let (connection, known) = self.meet(at).await?;
        self.party(&connection, &known, seam).refresh(&Secret::new(token), &left.sub).await
    }

    /// Where the provider's own session is ended; none if it has no such address.
    pub(crate) async fn end_session(
        &self,
        at: &WithSecret,
        left: &OidcLeft,
        seam: &Seam,
    ) -> Result<Option<String>, OidcError> {
        let (connection, known) = self.meet(at).await?;
        let back = format!("{}/sign-in", self.public);
        let url =
            self.party(&connection, &known, seam).logout_url(left.id_token().as_ref(), Some(&back), None);
        match url {
            Err(error) if error.refusal() == Some(Refusal::NoLogout) => Ok(None),
            url => url.map(Some),
        }
    }

    /// Reads a logout token. At Entra identities are named otherwise than by `sub`, so there a session is meant, or nobody.
    pub(crate) async fn told_of_logout(
        &self,
        by: &WithSecret,
        token: &str,
        seam: &Seam,
    ) -> Result<ToldLogout, OidcError> {
        let (connection, known) = self.meet(by).await?;
        let logout = self.party(&connection, &known, seam).verify_logout(token).await?;
        let names_by_sub = connection.preset != Preset::Entra;
        if logout.session.is_none() && !names_by_sub {
            return Err(Refusal::LogoutTarget.into());
        }
        Ok(ToldLogout {
            issuer: connection.issuer,
            id: logout.id,
            remembered_until: logout.remembered_until,
            subject: logout.sub.filter(|_| names_by_sub),
            session: logout.session,
        })
    }

    pub(super) async fn examine_oidc(&self, at: &WithSecret, seam: &Seam) -> Vec<IdpTestStep> {
        let connection = match authentication(at) {
            Ok(authentication) => self.connection(&at.idp, authentication),
            Err(error) => return vec![failed("client_authentication", error.to_string())],
        };
        let examined = examine(&self.outbound, &connection, &seam.clock).await;
        examined.findings.into_iter().map(|finding| step(finding, Topic::name)).collect()
    }

    async fn meet(&self, with: &WithSecret) -> Result<(Connection, Arc<Known>), OidcError> {
        let connection = self.connection(&with.idp, authentication(with)?);
        let key = (with.idp.id, with.idp.version);
        if let Some(known) = self.known.get(&key) {
            return Ok((connection, known));
        }
        let discovered = discover(&self.hurried().outbound, &connection).await?;
        let known = Arc::new(Known { discovered, keys: Keys::default() });
        self.known.insert(key, known.clone());
        Ok((connection, known))
    }

    fn party<'a>(&'a self, connection: &'a Connection, known: &'a Known, seam: &'a Seam) -> RelyingParty<'a> {
        let Known { discovered, keys } = known;
        RelyingParty { outbound: &self.outbound, connection, discovered, keys, seam }
    }

    fn connection(&self, idp: &IdentityProvider, authentication: ClientAuthentication) -> Connection {
        let preset = preset(idp.provider);
        let known_scopes = || preset.scopes().iter().map(|scope| (*scope).to_owned()).collect();
        Connection {
            preset,
            issuer: idp.oidc_issuer_url.clone().unwrap_or_default(),
            client_id: idp.oidc_client_id.clone().unwrap_or_default(),
            authentication,
            scopes: if idp.oidc_scopes.is_empty() { known_scopes() } else { idp.oidc_scopes.clone() },
            redirect_uri: format!("{}/sso/oidc/callback", self.public),
            algorithms: Algorithm::ALL.to_vec(),
            directories: idp.oidc_allowed_tenants.clone(),
        }
    }
}

/// How Elder proves that it is the client (OpenID Connect Core §9).
fn authentication(at: &WithSecret) -> Result<ClientAuthentication, Refusal> {
    let secret = || at.secret.clone().unwrap_or_else(|| String::new().into());
    Ok(match at.idp.oidc_token_endpoint_auth_method.unwrap_or_default() {
        ClientAuthMethod::ClientSecretBasic => ClientAuthentication::SecretBasic(secret()),
        ClientAuthMethod::ClientSecretPost => ClientAuthentication::SecretPost(secret()),
        ClientAuthMethod::PrivateKeyJwt => {
            let key = at.keys.current.as_ref().ok_or(Refusal::ClientKeyInvalid)?;
            let public = key.public().map_err(|_| Refusal::ClientKeyInvalid)?;
            ClientAuthentication::PrivateKeyJwt {
                key: key.private.clone(),
                algorithm: Algorithm::RS256,
                kid: Some(public.kid()),
                thumbprint: Some(public.thumbprint()),
            }
        }
        ClientAuthMethod::None => ClientAuthentication::None,
    })
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
