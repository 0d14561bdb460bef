//! Identity providers: by which a tenant's people sign in without a password of Elder's.

mod form;
mod key;
mod new;
mod patch;

use chrono::{DateTime, Utc};
use elder_kernel::TenantId;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::{
    directory::names,
    ids::IdentityProviderId,
    provisioning::{AttributeMapping, RoleRule, RuleMatching},
    role::Role,
    saml::{SamlSettings, ServiceProvider},
};

pub use key::{KeyRenewal, KeySet, KeyStage, OwnCertificate, RenewalStep};
pub use new::NewIdentityProvider;
pub use patch::IdentityProviderPatch;

/// The protocol that a provider speaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum IdpType {
    /// OpenID Connect.
    #[default]
    Oidc,
    /// SAML 2.0.
    Saml,
}

/// Whose product it is: what is known of it needs not be typed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum IdpProvider {
    /// Google Workspace and Google accounts.
    Google,
    /// Microsoft Entra ID. People are known by `tid` and `oid`, never by an address.
    Entra,
    /// Okta.
    Okta,
    /// Auth0.
    Auth0,
    /// Keycloak.
    Keycloak,
    /// GitLab, hosted or one's own.
    Gitlab,
    /// GitHub, which speaks OAuth and has an API of users; its issuer is `https://github.com`.
    Github,
    /// Any other that speaks OpenID Connect with discovery.
    #[default]
    Generic,
}

/// How Elder shows the provider that it is the client (OpenID Connect Core §9).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ClientAuthMethod {
    /// The secret in the header `Authorization`.
    #[default]
    ClientSecretBasic,
    /// The secret in the body.
    ClientSecretPost,
    /// By a token that Elder signs with a key of its own (RFC 7523 §2.2): nothing that is sent can be used twice. The
    /// provider reads the public key at `oidc_jwks_url`, or is given the certificate.
    PrivateKeyJwt,
    /// Not at all: a public client, bound by PKCE alone.
    None,
}

/// What the provider sends back by the browser (OpenID Connect Core §3). There is one that gives no token into its hands
/// (RFC 9700 §2.1.2).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ResponseType {
    /// A code, which is redeemed behind the browser's back.
    #[default]
    Code,
}

/// What is done when somebody comes for the first time with the address of an account, or of an invitation, that is there
/// already.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum IdpConflicts {
    /// The account is linked, unless it is an admin's, and the invitation accepted: for an address that the provider calls
    /// verified, at a domain that the tenant has verified. Who chooses this must hold all that an admin does.
    Link,
    /// The sign-in is refused.
    #[default]
    Refuse,
    /// The owner of the account is asked to sign in to it as usual, and links it then.
    Ask,
}

/// When what the provider says of somebody is taken over.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum IdpSync {
    /// At each sign-in: what a rule gives no more is gone.
    #[default]
    Always,
    /// At the first one alone.
    FirstLogin,
}

names! { IdpType: Oidc = "oidc"; Saml = "saml"; }
names! {
    IdpProvider: Google = "google"; Entra = "entra"; Okta = "okta"; Auth0 = "auth0"; Keycloak = "keycloak";
    Gitlab = "gitlab"; Github = "github"; Generic = "generic";
}
names! {
    ClientAuthMethod: ClientSecretBasic = "client_secret_basic"; ClientSecretPost = "client_secret_post";
    PrivateKeyJwt = "private_key_jwt"; None = "none";
}
names! { IdpConflicts: Link = "link"; Refuse = "refuse"; Ask = "ask"; }
names! { IdpSync: Always = "always"; FirstLogin = "first_login"; }

/// An identity provider of any tenant, as operators see it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct GlobalIdentityProvider {
    /// The tenant; null for one of the platform's own.
    #[schema(required)]
    pub tenant_id: Option<TenantId>,
    /// The tenant's slug.
    pub tenant_slug: String,
    #[expect(missing_docs, reason = "it has no name on the wire, where its fields stand among these")]
    #[serde(flatten)]
    pub idp: IdentityProvider,
}

/// An identity provider, without its secret.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[expect(clippy::struct_excessive_bools, reason = "each is a setting of its own on the wire")]
pub struct IdentityProvider {
    /// Its id.
    pub id: IdentityProviderId,
    /// Whether it is the platform's own, for the operator's staff: those of the System tenant are.
    pub is_global: bool,
    /// The protocol.
    pub idp_type: IdpType,
    /// Whose product it is.
    pub provider: IdpProvider,
    /// What people know it by, on the button of the sign-in page.
    pub name: String,
    /// The issuer, as the provider writes it in its tokens; null with SAML.
    #[schema(required, example = "https://acme.okta.com")]
    pub oidc_issuer_url: Option<String>,
    /// What the provider calls Elder; null with SAML.
    #[schema(required)]
    pub oidc_client_id: Option<String>,
    /// Whether there is a secret. It is never shown.
    pub has_client_secret: bool,
    /// What is asked for. Empty: what the provider's product is known to need.
    pub oidc_scopes: Vec<String>,
    /// What the provider sends back by the browser; null with SAML.
    #[schema(required)]
    pub oidc_response_type: Option<ResponseType>,
    /// How Elder shows that it is the client; null with SAML.
    #[schema(required)]
    pub oidc_token_endpoint_auth_method: Option<ClientAuthMethod>,
    /// Of Entra: the directories (`tid`) whose people may sign in.
    pub oidc_allowed_tenants: Vec<String>,
    /// With SAML: what the provider calls itself.
    #[schema(required)]
    pub entity_id: Option<String>,
    /// With SAML: where its metadata is read anew from, every day and when it signs with another key.
    #[schema(required)]
    pub metadata_url: Option<String>,
    /// With SAML: where people are sent who sign in.
    #[schema(required)]
    pub sso_url: Option<String>,
    /// With SAML: where people are sent who sign out.
    #[schema(required)]
    pub slo_url: Option<String>,
    /// With SAML: the certificates of the keys with which it signs, as PEM.
    pub certificates: Vec<String>,
    /// With SAML: how Elder speaks to it.
    #[schema(required)]
    pub saml: Option<SamlSettings>,
    /// With SAML: what the provider must be told of Elder.
    #[schema(required)]
    pub service_provider: Option<ServiceProvider>,
    /// With `private_key_jwt`: where the provider reads Elder's public keys (RFC 7517).
    #[schema(required)]
    pub oidc_jwks_url: Option<String>,
    /// The certificates of Elder's own keys at this provider: with SAML, and with `private_key_jwt`.
    pub own_certificates: Vec<OwnCertificate>,
    /// Whether a second factor that the provider says it has seen (`amr` with `mfa`) counts here.
    pub trusts_mfa: bool,
    /// Whether who signs out here is signed out there too.
    pub single_logout: bool,
    /// Whether the tenant's people sign in by its providers alone: no password and no passkey opens their accounts, but for
    /// those that the setting `break_glass_users` names.
    pub enforced: bool,
    /// Whether somebody without an account gets one, if the tenant has verified the domain of their address.
    pub jit_provisioning_enabled: bool,
    /// What is done with an account or an invitation that is there already.
    pub conflicts: IdpConflicts,
    /// When what the provider says is taken over.
    pub sync: IdpSync,
    /// What is read of the claims; beside those of `email`, `full_name`, `locale` and `groups`, which are known.
    pub attribute_mappings: Vec<AttributeMapping>,
    /// The role over the tenant of whom no rule gives one.
    #[schema(required)]
    pub default_role: Option<Role>,
    /// What gives people roles.
    pub role_rules: Vec<RoleRule>,
    /// Whether the first rule counts that fits, or all.
    pub role_rule_matching: RuleMatching,
    /// Whether anybody may sign in by it, and what it gives holds.
    pub is_active: bool,
    /// When somebody last signed in by it, to the minute.
    #[schema(required)]
    pub last_login_at: Option<DateTime<Utc>>,
    /// Why the last sign-in that failed did; null once one has worked since.
    #[schema(required)]
    pub last_error: Option<String>,
    /// Grows with every change.
    pub version: i64,
    /// When it was set up.
    pub created_at: DateTime<Utc>,
    /// When its settings last changed.
    pub updated_at: DateTime<Utc>,
}
