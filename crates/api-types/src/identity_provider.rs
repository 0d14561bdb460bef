//! Identity providers: by which a tenant's people sign in without a password of Elder's.

use chrono::{DateTime, Utc};
use elder_kernel::Secret;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::{
    directory::names,
    ids::IdentityProviderId,
    name::Name,
    provisioning::{AttributeMapping, RoleRule, RuleMatching, no_admin},
    role::Role,
};

/// The protocol that a provider speaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum IdpType {
    /// OpenID Connect.
    #[default]
    Oidc,
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
    /// Not at all: a public client, bound by PKCE alone.
    None,
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

names! { IdpType: Oidc = "oidc"; }
names! {
    IdpProvider: Google = "google"; Entra = "entra"; Okta = "okta"; Auth0 = "auth0"; Keycloak = "keycloak";
    Gitlab = "gitlab"; Github = "github"; Generic = "generic";
}
names! {
    ClientAuthMethod: ClientSecretBasic = "client_secret_basic"; ClientSecretPost = "client_secret_post"; None = "none";
}
names! { IdpConflicts: Link = "link"; Refuse = "refuse"; Ask = "ask"; }
names! { IdpSync: Always = "always"; FirstLogin = "first_login"; }

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
    /// The issuer, as the provider writes it in its tokens.
    #[schema(example = "https://acme.okta.com")]
    pub oidc_issuer_url: String,
    /// What the provider calls Elder.
    pub oidc_client_id: String,
    /// Whether there is a secret. It is never shown.
    pub has_client_secret: bool,
    /// What is asked for. Empty: what the provider's product is known to need.
    pub oidc_scopes: Vec<String>,
    /// How Elder shows that it is the client.
    pub oidc_token_endpoint_auth_method: ClientAuthMethod,
    /// Of Entra: the directories (`tid`) whose people may sign in.
    pub oidc_allowed_tenants: Vec<String>,
    /// Whether a second factor that the provider says it has seen (`amr` with `mfa`) counts here.
    pub trusts_mfa: bool,
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

/// An identity provider to set up.
#[cfg_attr(feature = "client", derive(serde::Serialize))]
#[derive(Debug, Deserialize, garde::Validate, ToSchema)]
#[serde(deny_unknown_fields)]
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
    /// The issuer, letter by letter as the provider writes it. Of `entra`:
    /// `https://login.microsoftonline.com/{tenant}/v2.0`.
    #[garde(custom(issuer))]
    #[schema(max_length = 500, example = "https://acme.okta.com")]
    pub oidc_issuer_url: String,
    /// What the provider calls Elder.
    #[garde(length(chars, min = 1, max = 255))]
    #[schema(min_length = 1, max_length = 255)]
    pub oidc_client_id: String,
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
    /// How Elder shows that it is the client.
    #[serde(default)]
    #[garde(skip)]
    pub oidc_token_endpoint_auth_method: ClientAuthMethod,
    /// Of Entra: the directories (`tid`) whose people may sign in. Needed where the issuer is for all of them.
    #[serde(default)]
    #[garde(length(max = 50), inner(length(chars, min = 1, max = 100)))]
    #[schema(max_items = 50)]
    pub oidc_allowed_tenants: Vec<String>,
    /// Whether a second factor that the provider says it has seen counts here.
    #[serde(default)]
    #[garde(skip)]
    pub trusts_mfa: bool,
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
    #[serde(default, skip_serializing_if = "elder_kernel::Patch::is_keep")]
    pub default_role: elder_kernel::Patch<Role>,
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

/// An absolute `http` or `https` URL with a host, and without a name, a query or a fragment (OpenID Connect Discovery
/// §3). Whether it may be called is asked when it is.
fn issuer(url: &str, &(): &()) -> garde::Result {
    let rest = url.strip_prefix("https://").or_else(|| url.strip_prefix("http://")).unwrap_or_default();
    let host = rest.split('/').next().unwrap_or_default();
    let plain = |c: char| c.is_ascii_graphic() && !"?#@\\\"<>^`{|}".contains(c);
    let is_good = url.len() <= 500 && !host.is_empty() && url.chars().all(plain);
    let words = "not an issuer: write `https://host/path` as the provider does, without a query";
    is_good.then_some(()).ok_or_else(|| garde::Error::new(words))
}

/// A scope token (RFC 6749 §3.3).
fn scope(scope: &str, &(): &()) -> garde::Result {
    let plain = |c: char| c.is_ascii_graphic() && c != '"' && c != '\\';
    let is_good = (1..=100).contains(&scope.len()) && scope.chars().all(plain);
    is_good.then_some(()).ok_or_else(|| garde::Error::new("a scope has 1 to 100 signs and no blank"))
}

fn no_admin_by_patch(role: &elder_kernel::Patch<Role>, context: &()) -> garde::Result {
    role.value().map_or(Ok(()), |role| no_admin(role, context))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_issuer_is_an_absolute_url_and_nothing_more() {
        for good in ["https://idp.example", "https://idp.example/a/b/", "http://127.0.0.1:9/x"] {
            assert!(issuer(good, &()).is_ok(), "{good}");
        }
        for bad in [
            "",
            "idp.example",
            "//idp.example",
            "https://",
            "https:///x",
            "ftp://idp.example",
            "https://a@idp.example",
            "https://idp.example?x",
            "https://idp.example/#x",
            "https://idp.example/a b",
        ] {
            assert!(issuer(bad, &()).is_err(), "{bad}");
        }
    }
}
