//! Linked identities: whom an identity provider means by a subject.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::ids::{IdentityId, IdentityProviderId, UserId};

/// An account's link to whom an identity provider means: who comes as `subject` is signed in to the account.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Identity {
    /// Its id.
    pub id: IdentityId,
    /// Whose account it is.
    pub user_id: UserId,
    /// The identity provider.
    pub identity_provider_id: IdentityProviderId,
    /// The issuer or entity id that the provider had then. By another one nobody is known again.
    pub issuer: String,
    /// What the provider calls the person: the subject of OpenID Connect, the name ID of SAML.
    pub subject: String,
    /// The domain of the tenant's by whose word the person came: with it the link ends, and it counts only while the domain is
    /// proven. Null for a link that an admin has made.
    #[schema(required)]
    pub domain: Option<String>,
    /// The groups in which the provider's rules have put the person.
    pub groups: Vec<String>,
    /// Since when.
    pub linked_at: DateTime<Utc>,
    /// Who made the link: an admin, or the person, who was asked; null if the provider's word was enough.
    #[schema(required)]
    pub linked_by: Option<UserId>,
    /// When the person last signed in by it; null if never.
    #[schema(required)]
    pub last_login_at: Option<DateTime<Utc>>,
}

/// An account to link to whom an identity provider means.
#[derive(Debug, Clone, Serialize, Deserialize, garde::Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewIdentity {
    /// The identity provider.
    #[garde(skip)]
    pub identity_provider_id: IdentityProviderId,
    /// What the provider calls the person, to the byte: the subject of OpenID Connect (of Entra `tid/oid`, of GitHub the
    /// number), the name ID of SAML.
    #[garde(length(bytes, min = 1, max = 255))]
    #[schema(min_length = 1, max_length = 255)]
    pub subject: String,
}
