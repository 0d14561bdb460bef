//! How a tenant is known at its provider, and what it expects of it.

use std::fmt;

use elder_kernel::Secret;
use elder_outbound::http::Outbound;
use url::Url;

use crate::{Algorithm, OidcError, Preset, Refusal, discovery};

/// How the client proves itself at the token endpoint (OpenID Connect Core §9).
#[derive(Clone)]
pub enum ClientAuthentication {
    /// Its id and secret in a header.
    SecretBasic(Secret<String>),
    /// Its id and secret in the body.
    SecretPost(Secret<String>),
    /// A token that it signs itself (RFC 7523 §2.2): nothing that is sent can be used twice.
    PrivateKeyJwt {
        /// The private key: PKCS#8, as PEM.
        key: Secret<String>,
        /// What it is used with.
        algorithm: Algorithm,
        /// Its name at the provider.
        kid: Option<String>,
        /// The name of its certificate (RFC 7515 §4.1.8).
        thumbprint: Option<String>,
    },
    /// Nothing: a public client, which PKCE alone protects.
    None,
}

impl ClientAuthentication {
    /// Its name in OpenID Connect.
    pub const fn method(&self) -> &'static str {
        match self {
            Self::SecretBasic(_) => "client_secret_basic",
            Self::SecretPost(_) => "client_secret_post",
            Self::PrivateKeyJwt { .. } => "private_key_jwt",
            Self::None => "none",
        }
    }
}

impl fmt::Debug for ClientAuthentication {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.method())
    }
}

/// A client at a provider.
#[derive(Debug, Clone)]
pub struct Connection {
    /// Whose ways the provider has.
    pub preset: Preset,
    /// The issuer, to the letter. Of Entra it may be the one of several directories: `…/common/v2.0`.
    pub issuer: String,
    /// The client's id.
    pub client_id: String,
    /// How the client proves itself.
    pub authentication: ClientAuthentication,
    /// What is asked for; `openid` is added where it is needed.
    pub scopes: Vec<String>,
    /// Where the provider sends browsers back to.
    pub redirect_uri: String,
    /// By which algorithms its tokens may be signed; most providers use RS256.
    pub algorithms: Vec<Algorithm>,
    /// Entra: the directories whose users may sign in. Others: nothing.
    pub directories: Vec<String>,
}

impl Connection {
    /// Whether it can be used at all, before anybody is called.
    ///
    /// # Errors
    /// [`OidcError`] that says what is wrong with it.
    pub fn check(&self, outbound: &Outbound) -> Result<(), OidcError> {
        discovery::check_issuer(&self.issuer, outbound)?;
        let redirect = Url::parse(&self.redirect_uri).map_err(|_| Refusal::ConnectionInvalid)?;
        let is_scope = |scope: &String| !scope.is_empty() && scope.bytes().all(is_scope_byte);
        let is_directory = |id: &String| {
            !id.is_empty() && id.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
        };
        let is_usable = redirect.fragment().is_none()
            && !self.algorithms.is_empty()
            && self.scopes.iter().all(is_scope)
            && self.directories.iter().all(is_directory);
        if !is_usable {
            return Err(Refusal::ConnectionInvalid.into());
        }
        if self.serves_several_directories() && self.directories.is_empty() {
            return Err(Refusal::TenantsMissing.into());
        }
        Ok(())
    }

    /// Whether users of more than one directory of Entra come through it.
    pub(crate) fn serves_several_directories(&self) -> bool {
        self.preset == Preset::Entra && discovery::template(&self.issuer).is_some()
    }
}

/// RFC 6749 §3.3.
const fn is_scope_byte(byte: u8) -> bool {
    matches!(byte, 0x21 | 0x23..=0x5b | 0x5d..=0x7e)
}
