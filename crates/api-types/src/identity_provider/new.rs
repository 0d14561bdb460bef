//! How an identity provider is set up.

use elder_kernel::Secret;
use serde::Deserialize;
use utoipa::ToSchema;

use super::{
    ClientAuthMethod, IdpConflicts, IdpProvider, IdpSync, IdpType, ResponseType,
    form::{address, entity, issuer, scope},
};
use crate::{
    name::Name,
    provisioning::{AttributeMapping, RoleRule, RuleMatching, no_admin},
    role::Role,
    saml::SamlSettings,
};

/// An identity provider to set up.
#[cfg_attr(feature = "client", derive(serde::Serialize))]
#[derive(Debug, Deserialize, garde::Validate, ToSchema)]
#[serde(deny_unknown_fields)]
#[expect(clippy::struct_excessive_bools, reason = "each is a setting of its own on the wire")]
pub struct NewIdentityProvider {
    /// The protocol.
    #[serde(default)]
    #[garde(skip)]
    pub idp_type: IdpType,
    /// Whose product it is.
    #[serde(default)]
    #[garde(skip)]
    pub provider: IdpProvider,
    /// What people know it by, unique in the tenant.
    #[garde(skip)]
    pub name: Name<100>,
    /// The issuer, letter by letter as the provider writes it; needed with OpenID Connect. Of `entra`:
    /// `https://login.microsoftonline.com/{tenant}/v2.0`.
    #[garde(inner(custom(issuer)))]
    #[schema(max_length = 500, example = "https://acme.okta.com")]
    pub oidc_issuer_url: Option<String>,
    /// What the provider calls Elder; needed with OpenID Connect.
    #[garde(length(chars, min = 1, max = 255))]
    #[schema(min_length = 1, max_length = 255)]
    pub oidc_client_id: Option<String>,
    /// The secret that the provider shares with Elder; needed unless the client is public.
    #[garde(skip)]
    #[schema(value_type = Option<String>, format = "password", write_only)]
    #[cfg_attr(feature = "client", serde(serialize_with = "crate::secret::exposed_if_there"))]
    pub oidc_client_secret: Option<Secret<String>>,
    /// What is asked for. Empty: what the provider's product is known to need.
    #[serde(default)]
    #[garde(length(max = 30), inner(custom(scope)))]
    #[schema(max_items = 30)]
    pub oidc_scopes: Vec<String>,
    /// What the provider sends back by the browser. With OpenID Connect a code, and nothing else.
    #[garde(skip)]
    pub oidc_response_type: Option<ResponseType>,
    /// How Elder shows that it is the client. With OpenID Connect `client_secret_basic` unless something else is said.
    #[garde(skip)]
    pub oidc_token_endpoint_auth_method: Option<ClientAuthMethod>,
    /// Of Entra: the directories (`tid`) whose people may sign in. Needed where the issuer is for all of them.
    #[serde(default)]
    #[garde(length(max = 50), inner(length(chars, min = 1, max = 100)))]
    #[schema(max_items = 50)]
    pub oidc_allowed_tenants: Vec<String>,
    /// With SAML: what the provider calls itself. Metadata says it; of a document on several providers it says which.
    #[garde(inner(custom(entity)))]
    #[schema(min_length = 1, max_length = 1024)]
    pub entity_id: Option<String>,
    /// With SAML: where its metadata is read from, now and every day.
    #[garde(inner(custom(address)))]
    #[schema(max_length = 2000)]
    pub metadata_url: Option<String>,
    /// With SAML: its metadata itself.
    #[garde(length(bytes, min = 1, max = 262_144))]
    #[schema(min_length = 1, max_length = 262_144, write_only)]
    pub metadata_xml: Option<String>,
    /// With SAML and without metadata: where people are sent who sign in.
    #[garde(inner(custom(address)))]
    #[schema(max_length = 2000)]
    pub sso_url: Option<String>,
    /// With SAML and without metadata: where people are sent who sign out.
    #[garde(inner(custom(address)))]
    #[schema(max_length = 2000)]
    pub slo_url: Option<String>,
    /// With SAML and without metadata: the certificates of the keys with which it signs, as PEM.
    #[serde(default)]
    #[garde(length(max = 10), inner(length(bytes, min = 1, max = 10_000)))]
    #[schema(max_items = 10)]
    pub certificates: Vec<String>,
    /// With SAML: how Elder speaks to it.
    #[garde(dive)]
    pub saml: Option<SamlSettings>,
    /// Whether a second factor that the provider says it has seen counts here.
    #[serde(default)]
    #[garde(skip)]
    pub trusts_mfa: bool,
    /// Whether who signs out here is signed out there too.
    #[serde(default)]
    #[garde(skip)]
    pub single_logout: bool,
    /// Whether somebody without an account gets one.
    #[serde(default)]
    #[garde(skip)]
    pub jit_provisioning_enabled: bool,
    /// What is done with an account or an invitation that is there already.
    #[serde(default)]
    #[garde(skip)]
    pub conflicts: IdpConflicts,
    /// When what the provider says is taken over.
    #[serde(default)]
    #[garde(skip)]
    pub sync: IdpSync,
    /// What is read of the claims.
    #[serde(default)]
    #[garde(length(max = 50), dive)]
    #[schema(max_items = 50)]
    pub attribute_mappings: Vec<AttributeMapping>,
    /// The role over the tenant of whom no rule gives one. Nobody becomes its `admin` so.
    #[serde(default)]
    #[garde(inner(custom(no_admin)))]
    pub default_role: Option<Role>,
    /// What gives people roles.
    #[serde(default)]
    #[garde(length(max = 100), dive)]
    #[schema(max_items = 100)]
    pub role_rules: Vec<RoleRule>,
    /// Whether the first rule counts that fits, or all.
    #[serde(default)]
    #[garde(skip)]
    pub role_rule_matching: RuleMatching,
    /// Whether anybody may sign in by it.
    #[serde(default = "active")]
    #[garde(skip)]
    pub is_active: bool,
}

const fn active() -> bool {
    true
}
