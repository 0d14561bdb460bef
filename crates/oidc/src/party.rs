//! Who relies on a provider: everything that a step of a sign-in needs, in one value.

use elder_kernel::Seam;
use elder_outbound::http::Outbound;
use oauth2::{
    AuthType, AuthUrl, ClientId, ClientSecret, EndpointNotSet, EndpointSet, RedirectUrl,
    StandardRevocableToken, StandardTokenResponse, TokenUrl,
    basic::{
        BasicErrorResponse, BasicRevocationErrorResponse, BasicTokenIntrospectionResponse, BasicTokenType,
    },
};

use crate::{ClientAuthentication, Connection, Discovered, Keys, Refusal, token::IdTokenField};

/// A client at its provider. Its steps: [`begin`](Self::begin) and [`finish`](Self::finish) sign somebody in,
/// [`refresh`](Self::refresh) and [`user_info`](Self::user_info) work on the tokens,
/// [`logout_url`](Self::logout_url) and [`verify_logout`](Self::verify_logout) sign somebody out.
#[derive(Clone, Copy)]
pub struct RelyingParty<'a> {
    /// The way to the provider.
    pub outbound: &'a Outbound,
    /// How the client is known there.
    pub connection: &'a Connection,
    /// What the provider says of itself.
    pub discovered: &'a Discovered,
    /// The provider's keys as far as they are known.
    pub keys: &'a Keys,
    /// The time, and randomness.
    pub seam: &'a Seam,
}

/// The client of `oauth2` for a provider.
pub(crate) type OAuthClient = oauth2::Client<
    BasicErrorResponse,
    StandardTokenResponse<IdTokenField, BasicTokenType>,
    BasicTokenIntrospectionResponse,
    StandardRevocableToken,
    BasicRevocationErrorResponse,
    EndpointSet,
    EndpointNotSet,
    EndpointNotSet,
    EndpointNotSet,
    EndpointSet,
>;

impl RelyingParty<'_> {
    pub(crate) fn client(&self) -> Result<OAuthClient, Refusal> {
        let Discovered { authorization_endpoint, token_endpoint, .. } = self.discovered;
        let authorization =
            AuthUrl::new(authorization_endpoint.clone()).map_err(|_| Refusal::DiscoveryIncomplete)?;
        let token = TokenUrl::new(token_endpoint.clone()).map_err(|_| Refusal::DiscoveryIncomplete)?;
        let redirect =
            RedirectUrl::new(self.connection.redirect_uri.clone()).map_err(|_| Refusal::ConnectionInvalid)?;
        let client = oauth2::Client::new(ClientId::new(self.connection.client_id.clone()))
            .set_auth_uri(authorization)
            .set_token_uri(token)
            .set_redirect_uri(redirect);
        let secret = |secret: &elder_kernel::Secret<String>| ClientSecret::new(secret.expose().clone());
        Ok(match &self.connection.authentication {
            ClientAuthentication::SecretBasic(own) => {
                client.set_client_secret(secret(own)).set_auth_type(AuthType::BasicAuth)
            }
            ClientAuthentication::SecretPost(own) => {
                client.set_client_secret(secret(own)).set_auth_type(AuthType::RequestBody)
            }
            ClientAuthentication::PrivateKeyJwt { .. } | ClientAuthentication::None => {
                client.set_auth_type(AuthType::RequestBody)
            }
        })
    }
}
