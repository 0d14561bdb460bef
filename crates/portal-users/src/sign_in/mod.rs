//! Signing in with a password, staying signed in, signing out.

pub(crate) mod routes;
mod service;

use elder_access::session::IssuedTokens;
use elder_kernel::{Id, Secret, Session, TenantId};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::account::Account;

type SessionId = Id<Session>;

/// Most accounts of one address that a password is tried on.
const MOST_TRIED: i64 = 8;

/// Who wants in.
#[derive(Debug, Deserialize, garde::Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Login {
    /// The address.
    #[garde(skip)]
    #[schema(format = "email", example = "ana@example.com")]
    email: String,
    /// The password.
    #[garde(skip)]
    #[schema(value_type = String, format = "password", write_only)]
    password: Secret<String>,
    /// Another password, to be set before the session starts: for one that has expired.
    #[garde(skip)]
    #[schema(value_type = Option<String>, format = "password", write_only)]
    new_password: Option<Secret<String>>,
    /// The tenant's slug or number. Without it the account is looked for in all tenants.
    #[garde(skip)]
    #[schema(example = "acme")]
    tenant: Option<String>,
}

/// A refresh token to be exchanged.
#[derive(Debug, Deserialize, garde::Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Refresh {
    /// The refresh token.
    #[garde(skip)]
    #[schema(value_type = String, format = "password", write_only)]
    refresh_token: Secret<String>,
}

/// A tenant that knows the person.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct TenantChoice {
    /// Its number.
    pub id: TenantId,
    /// Its slug.
    pub slug: String,
    /// Its name.
    pub name: String,
}

/// The tokens of a session (RFC 6749 §5.1). Both are credentials: shown here and nowhere else.
#[derive(Serialize, ToSchema)]
pub(crate) struct Tokens {
    /// To be sent as `Authorization: Bearer …`: a JWT (RFC 9068).
    access_token: String,
    /// Always `Bearer`.
    #[schema(example = "Bearer")]
    token_type: &'static str,
    /// After how many seconds the access token ends.
    #[schema(example = 600)]
    expires_in: u64,
    /// Gives the next tokens, once.
    refresh_token: String,
    /// The session.
    session_id: SessionId,
}

/// What a sign-in gives.
#[derive(Serialize, ToSchema)]
pub(crate) struct SignedIn {
    #[serde(flatten)]
    tokens: Tokens,
    /// Who signed in.
    user: Account,
}

impl From<IssuedTokens> for Tokens {
    fn from(issued: IssuedTokens) -> Self {
        Self {
            access_token: issued.access.expose().clone(),
            token_type: "Bearer",
            expires_in: issued.expires_in,
            refresh_token: issued.refresh.expose().clone(),
            session_id: issued.session,
        }
    }
}
