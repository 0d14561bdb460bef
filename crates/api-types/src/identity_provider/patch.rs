//! How an identity provider is changed.

use elder_kernel::{Patch, Secret};
use serde::Deserialize;
use utoipa::ToSchema;

use super::{
    ClientAuthMethod, IdpConflicts, IdpSync,
    form::{address, address_by_patch, entity, issuer, no_admin_by_patch, scope},
};
use crate::{
    name::Name,
    provisioning::{AttributeMapping, RoleRule, RuleMatching},
    role::Role,
    saml::SamlSettings,
};

/// A merge patch of an identity provider (RFC 7396). Another issuer needs the secret again: else whoever may change the
/// one could have the other sent to a server of theirs.
#[cfg_attr(feature = "client", derive(serde::Serialize))]
#[derive(Debug, Default, Deserialize, garde::Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct IdentityProviderPatch {
    /// Another name.
    #[garde(skip)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<Name<100>>,
    /// Of SAML: what the provider calls itself. People whom the one before has named are not those of the same name there.
    #[garde(inner(custom(entity)))]
    #[schema(min_length = 1, max_length = 1024)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub entity_id: Option<String>,
    /// Of SAML: where its metadata is read from, now and every day; null if it is to be read no more.
    #[garde(custom(address_by_patch))]
    #[schema(value_type = Option<String>, max_length = 2000)]
    #[serde(default, skip_serializing_if = "Patch::is_keep")]
    pub metadata_url: Patch<String>,
    /// Of SAML: other metadata.
    #[garde(length(bytes, min = 1, max = 262_144))]
    #[schema(min_length = 1, max_length = 262_144, write_only)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub metadata_xml: Option<String>,
    /// Of SAML without metadata: where people are sent who sign in.
    #[garde(inner(custom(address)))]
    #[schema(max_length = 2000)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sso_url: Option<String>,
    /// Of SAML without metadata: where people are sent who sign out; null for nowhere.
    #[garde(custom(address_by_patch))]
    #[schema(value_type = Option<String>, max_length = 2000)]
    #[serde(default, skip_serializing_if = "Patch::is_keep")]
    pub slo_url: Patch<String>,
    /// Of SAML without metadata: all certificates from now on.
    #[garde(length(max = 10), inner(inner(length(bytes, min = 1, max = 10_000))))]
    #[schema(max_items = 10)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub certificates: Option<Vec<String>>,
    /// Of SAML: how Elder speaks to it from now on; what is left out has its default.
    #[garde(dive)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub saml: Option<SamlSettings>,
    /// Whether who signs out here is signed out there too.
    #[garde(skip)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub single_logout: Option<bool>,
    /// Whether the tenant's people sign in by its providers alone. Somebody must have signed in by this one before, and it
    /// must be active.
    #[garde(skip)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub enforced: Option<bool>,
    /// Another issuer. People whom the one before has named are not those of the same subject there.
    #[garde(inner(custom(issuer)))]
    #[schema(max_length = 500)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub oidc_issuer_url: Option<String>,
    /// Another client id.
    #[garde(length(chars, min = 1, max = 255))]
    #[schema(min_length = 1, max_length = 255)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub oidc_client_id: Option<String>,
    /// Another secret.
    #[garde(skip)]
    #[schema(value_type = Option<String>, format = "password", write_only)]
    #[cfg_attr(
        feature = "client",
        serde(skip_serializing_if = "Option::is_none", serialize_with = "crate::secret::exposed_if_there")
    )]
    pub oidc_client_secret: Option<Secret<String>>,
    /// All that is asked for from now on.
    #[garde(length(max = 30), inner(inner(custom(scope))))]
    #[schema(max_items = 30)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub oidc_scopes: Option<Vec<String>>,
    /// How Elder shows that it is the client.
    #[garde(skip)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub oidc_token_endpoint_auth_method: Option<ClientAuthMethod>,
    /// Of Entra: all directories whose people may sign in from now on.
    #[garde(length(max = 50), inner(inner(length(chars, min = 1, max = 100))))]
    #[schema(max_items = 50)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub oidc_allowed_tenants: Option<Vec<String>>,
    /// Whether a second factor that the provider says it has seen counts here.
    #[garde(skip)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub trusts_mfa: Option<bool>,
    /// Whether somebody without an account gets one.
    #[garde(skip)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub jit_provisioning_enabled: Option<bool>,
    /// What is done with an account or an invitation that is there already.
    #[garde(skip)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub conflicts: Option<IdpConflicts>,
    /// When what the provider says is taken over.
    #[garde(skip)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sync: Option<IdpSync>,
    /// All that is read of the claims from now on.
    #[garde(length(max = 50), dive)]
    #[schema(max_items = 50)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub attribute_mappings: Option<Vec<AttributeMapping>>,
    /// Another role of whom no rule gives one; null for none.
    #[garde(custom(no_admin_by_patch))]
    #[schema(value_type = Option<Role>)]
    #[serde(default, skip_serializing_if = "Patch::is_keep")]
    pub default_role: Patch<Role>,
    /// All rules from now on.
    #[garde(length(max = 100), dive)]
    #[schema(max_items = 100)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub role_rules: Option<Vec<RoleRule>>,
    /// Whether the first rule counts that fits, or all.
    #[garde(skip)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub role_rule_matching: Option<RuleMatching>,
    /// Whether anybody may sign in by it.
    #[garde(skip)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub is_active: Option<bool>,
}
