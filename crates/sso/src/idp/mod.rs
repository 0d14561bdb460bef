//! Identity providers: whom a tenant believes who its people are.

mod batch;
pub(crate) mod description;
pub(crate) mod routes;
pub(crate) mod service;

use elder_access::{Authority, Changes, OwnRead, OwnWrite, Role, Write, flows, markers, work};
use elder_kernel::{
    IdentityProvider as Kind,
    collection::{Collection, Field},
};
use elder_tenancy::offer::{Offer, OrganizationRole, RoleId};
use serde_json::{Map, Value};

pub use elder_api_types::{
    IdentityProviderId,
    identity_provider::{
        ClientAuthMethod, GlobalIdentityProvider, IdentityProvider, IdentityProviderPatch, IdpConflicts,
        IdpProvider, IdpSync, IdpType, KeyRenewal, KeyStage, NewIdentityProvider, OwnCertificate,
        RenewalStep, ResponseType,
    },
    provisioning::{RoleByRule, RuleMatching},
    saml::SamlSettings,
};

/// A right by which an identity provider is used with its secret.
pub trait UsesIdps: Authority {}
impl UsesIdps for flows::SingleSignOn {}
impl UsesIdps for markers::IdpsRead {}
impl UsesIdps for markers::IdpsWrite {}
impl UsesIdps for OwnRead {}
impl UsesIdps for OwnWrite {}
impl UsesIdps for work::Housekeeping {}

/// A right by which identity providers are set up: of the own tenant, or of any.
pub(crate) trait SetsUpIdps: Authority<Mode = Write> {}
impl SetsUpIdps for markers::IdpsWrite {}
impl SetsUpIdps for markers::PlatformIdpsWrite {}

/// The identity providers of a tenant, as they are listed.
#[derive(Debug)]
pub(crate) enum IdentityProviders {}

impl Collection for IdentityProviders {
    const NAME: &'static str = "identity_providers";
    const FIELDS: &'static [Field] = &[
        Field::id::<Kind>("id").sortable(),
        Field::bool("is_global"),
        Field::word("idp_type", IdpType::NAMES),
        Field::word("provider", IdpProvider::NAMES),
        Field::folded("name").sortable(),
        Field::text("oidc_issuer_url"),
        Field::text("oidc_client_id"),
        Field::text("entity_id"),
        Field::text("metadata_url"),
        Field::opaque("sso_url"),
        Field::opaque("slo_url"),
        Field::opaque("certificates"),
        Field::opaque("saml"),
        Field::opaque("service_provider"),
        Field::opaque("oidc_jwks_url"),
        Field::opaque("own_certificates"),
        Field::opaque("has_client_secret"),
        Field::opaque("oidc_scopes"),
        Field::opaque("oidc_response_type"),
        Field::word("oidc_token_endpoint_auth_method", ClientAuthMethod::NAMES),
        Field::opaque("oidc_allowed_tenants"),
        Field::bool("trusts_mfa"),
        Field::bool("single_logout"),
        Field::bool("enforced"),
        Field::bool("jit_provisioning_enabled"),
        Field::word("conflicts", IdpConflicts::NAMES),
        Field::word("sync", IdpSync::NAMES),
        Field::opaque("attribute_mappings"),
        Field::word("default_role", Role::NAMES),
        Field::opaque("role_rules"),
        Field::word("role_rule_matching", RuleMatching::NAMES),
        Field::bool("is_active"),
        Field::optional_time("last_login_at"),
        Field::text("last_error"),
        Field::integer("version").unfiltered(),
        Field::time("created_at").sortable(),
        Field::time("updated_at").sortable(),
    ];
}

/// The identity providers of all tenants, as they are listed.
#[derive(Debug)]
pub(crate) enum GlobalIdentityProviders {}

impl Collection for GlobalIdentityProviders {
    const NAME: &'static str = "global_identity_providers";
    const FIELDS: &'static [Field] = &[
        Field::integer("tenant_id"),
        Field::text("tenant_slug"),
        Field::id::<Kind>("id").sortable(),
        Field::bool("is_global"),
        Field::word("idp_type", IdpType::NAMES),
        Field::word("provider", IdpProvider::NAMES),
        Field::folded("name"),
        Field::text("oidc_issuer_url"),
        Field::text("entity_id"),
        Field::bool("enforced"),
        Field::bool("is_active"),
        Field::optional_time("last_login_at"),
        Field::text("last_error"),
        Field::time("created_at"),
        Field::time("updated_at"),
    ];
}

/// All that a provider may give to anybody, each role by itself. One that is linked to accounts unasked can be anybody but
/// an admin: it gives what any role holds.
fn offers(idp: &IdentityProvider) -> Vec<Offer> {
    let then = || idp.role_rules.iter().map(|rule| &rule.then);
    let built_in = then().filter_map(|then| then.tenant_role).chain(idp.default_role);
    let built_in = built_in.chain((idp.conflicts == IdpConflicts::Link).then_some(Role::Admin));
    let built_in = built_in.map(|role| Offer { tenant_role: Some(role), ..Offer::default() });
    let custom = then().flat_map(|then| &then.roles);
    let custom = custom.map(|role| Offer { roles: vec![*role], ..Offer::default() });
    let there = then().flat_map(|then| &then.organizations).filter_map(|there| {
        let RoleByRule { organization_id, role, role_id, .. } = there.clone();
        Some(OrganizationRole { organization_id: organization_id?, role, role_id })
    });
    let there = there.map(|role| Offer { organizations: vec![role], ..Offer::default() });
    built_in.chain(custom).chain(there).collect()
}

/// The roles that a provider may give in organizations that it finds by their paths.
fn offers_by_path(idp: &IdentityProvider) -> impl Iterator<Item = (Option<Role>, Option<RoleId>)> {
    let there = idp.role_rules.iter().flat_map(|rule| &rule.then.organizations);
    there.filter(|there| there.path.is_some()).map(|there| (there.role, there.role_id))
}

fn patched(old: IdentityProvider, patch: IdentityProviderPatch) -> IdentityProvider {
    IdentityProvider {
        name: patch.name.map_or(old.name, String::from),
        oidc_issuer_url: patch.oidc_issuer_url.or(old.oidc_issuer_url),
        oidc_client_id: patch.oidc_client_id.or(old.oidc_client_id),
        oidc_scopes: patch.oidc_scopes.unwrap_or(old.oidc_scopes),
        oidc_token_endpoint_auth_method: patch
            .oidc_token_endpoint_auth_method
            .or(old.oidc_token_endpoint_auth_method),
        oidc_allowed_tenants: patch.oidc_allowed_tenants.unwrap_or(old.oidc_allowed_tenants),
        entity_id: patch.entity_id.or(old.entity_id),
        metadata_url: patch.metadata_url.apply(old.metadata_url),
        sso_url: patch.sso_url.or(old.sso_url),
        slo_url: patch.slo_url.apply(old.slo_url),
        certificates: patch.certificates.unwrap_or(old.certificates),
        saml: patch.saml.or(old.saml),
        trusts_mfa: patch.trusts_mfa.unwrap_or(old.trusts_mfa),
        single_logout: patch.single_logout.unwrap_or(old.single_logout),
        enforced: patch.enforced.unwrap_or(old.enforced),
        jit_provisioning_enabled: patch.jit_provisioning_enabled.unwrap_or(old.jit_provisioning_enabled),
        conflicts: patch.conflicts.unwrap_or(old.conflicts),
        sync: patch.sync.unwrap_or(old.sync),
        attribute_mappings: patch.attribute_mappings.unwrap_or(old.attribute_mappings),
        default_role: patch.default_role.apply(old.default_role),
        role_rules: patch.role_rules.unwrap_or(old.role_rules),
        role_rule_matching: patch.role_rule_matching.unwrap_or(old.role_rule_matching),
        is_active: patch.is_active.unwrap_or(old.is_active),
        ..old
    }
}

/// The settings of which the audit log says how they changed. No secret is among the fields of an [`IdentityProvider`].
const SETTINGS: [&str; 26] = [
    "provider",
    "name",
    "oidc_issuer_url",
    "oidc_client_id",
    "oidc_scopes",
    "oidc_token_endpoint_auth_method",
    "oidc_allowed_tenants",
    "entity_id",
    "metadata_url",
    "sso_url",
    "slo_url",
    "certificates",
    "saml",
    "trusts_mfa",
    "single_logout",
    "enforced",
    "jit_provisioning_enabled",
    "conflicts",
    "sync",
    "attribute_mappings",
    "default_role",
    "role_rules",
    "role_rule_matching",
    "is_active",
    "idp_type",
    "has_client_secret",
];

/// What the audit log says of a change.
fn differences(old: &IdentityProvider, new: &IdentityProvider) -> Changes {
    let (old, new) = (told(old), told(new));
    SETTINGS.iter().fold(Changes::default(), |changes, name| {
        changes.field(name, old.get(*name).unwrap_or(&Value::Null), new.get(*name).unwrap_or(&Value::Null))
    })
}

/// The same for a new one: what is not empty.
fn creation(new: &IdentityProvider) -> Changes {
    let new = told(new);
    let told =
        SETTINGS.iter().filter_map(|name| Some((name, new.get(*name).filter(|value| !is_empty(value))?)));
    told.fold(Changes::default(), |changes, (name, value)| changes.new_field(name, value))
}

fn told(idp: &IdentityProvider) -> Map<String, Value> {
    match serde_json::to_value(idp) {
        Ok(Value::Object(fields)) => fields,
        _ => Map::new(),
    }
}

fn is_empty(value: &Value) -> bool {
    value.is_null() || value.as_array().is_some_and(Vec::is_empty)
}
