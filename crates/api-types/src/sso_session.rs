//! Sessions that rest on one at an identity provider.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use utoipa::ToSchema;

/// Where the provider's own session is ended.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ProviderSignOut {
    /// Where the browser is to be sent; null if the provider has no such address.
    #[schema(required)]
    pub url: Option<String>,
}

/// What a provider says of somebody.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct UserInfo {
    /// The claims, as the provider writes them.
    pub claims: Map<String, Value>,
}

/// Tokens that a provider has given anew. Elder keeps them, sealed, and shows them to nobody.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct RenewedTokens {
    /// Until when the access token is good; null if the provider does not say so.
    #[schema(required)]
    pub good_until: Option<DateTime<Utc>>,
    /// Whether it can be renewed once more.
    pub can_be_renewed: bool,
}
