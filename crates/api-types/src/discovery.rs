//! Which way somebody signs in, told by their address.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::{
    identity_provider::{IdpProvider, IdpType},
    ids::IdentityProviderId,
};

/// Somebody who is about to sign in.
#[derive(Debug, Serialize, Deserialize, garde::Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct WayIn {
    /// Their address, or what they have typed for one: nothing is said of it but the way.
    #[garde(length(chars, max = 320))]
    #[schema(max_length = 320, example = "ana@acme.com")]
    pub email: String,
}

/// How somebody signs in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(tag = "method", rename_all = "snake_case")]
pub enum SignInMethod {
    /// By an identity provider.
    Redirect {
        /// The provider.
        idp: KnownIdp,
        /// Where the browser is to be sent.
        #[schema(example = "https://id.example.com/sso/oidc/authorize/idp_01h455vb4pex5vsknk084sn02q")]
        url: String,
    },
    /// Here. Whoever is unknown gets this answer too.
    Password {
        /// Whether a passkey will do as well.
        passkey: bool,
    },
}

/// An identity provider, as who is not signed in may know it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct KnownIdp {
    /// Its id.
    pub id: IdentityProviderId,
    /// What people know it by.
    pub name: String,
    /// Whose product it is.
    pub provider: IdpProvider,
    /// The protocol that it speaks.
    pub idp_type: IdpType,
}

impl KnownIdp {
    /// Where people are sent who sign in by it, below Elder's own address.
    pub fn path(&self) -> String {
        match self.idp_type {
            IdpType::Oidc => format!("/sso/oidc/authorize/{}", self.id),
            IdpType::Saml => format!("/sso/saml/{}/login", self.id),
        }
    }
}
