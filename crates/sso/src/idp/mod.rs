//! Identity providers: whom a tenant believes who its people are.

mod batch;
pub(crate) mod routes;
pub(crate) mod service;

use elder_access::{Authority, Changes, Role, flows, markers};
use elder_kernel::{
    IdentityProvider as Kind,
    collection::{Collection, Field},
};
use elder_tenancy::offer::Offer;

pub use elder_api_types::{
    IdentityProviderId,
    identity_provider::{
        ClientAuthMethod, IdentityProvider, IdentityProviderPatch, IdpConflicts, IdpProvider, IdpSync,
        IdpType, NewIdentityProvider,
    },
    provisioning::RuleMatching,
};

/// A right by which an identity provider is used with its secret.
pub trait UsesIdps: Authority {}
impl UsesIdps for flows::SingleSignOn {}
impl UsesIdps for markers::IdpsRead {}

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
        Field::opaque("has_client_secret"),
        Field::opaque("oidc_scopes"),
        Field::word("oidc_token_endpoint_auth_method", ClientAuthMethod::NAMES),
        Field::opaque("oidc_allowed_tenants"),
        Field::bool("trusts_mfa"),
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

/// All that a provider may give to anybody, each role by itself. One that is linked to accounts unasked can be anybody but
/// an admin: it gives what any role holds.
fn offers(idp: &IdentityProvider) -> Vec<Offer> {
    let then = || idp.role_rules.iter().map(|rule| &rule.then);
    let built_in = then().filter_map(|then| then.tenant_role).chain(idp.default_role);
    let built_in = built_in.chain((idp.conflicts == IdpConflicts::Link).then_some(Role::Admin));
    let built_in = built_in.map(|role| Offer { tenant_role: Some(role), ..Offer::default() });
    let custom = then().flat_map(|then| &then.roles);
    let custom = custom.map(|role| Offer { roles: vec![*role], ..Offer::default() });
    let there = then().flat_map(|then| &then.organizations);
    let there = there.map(|role| Offer { organizations: vec![role.clone()], ..Offer::default() });
    built_in.chain(custom).chain(there).collect()
}

fn patched(old: IdentityProvider, patch: IdentityProviderPatch) -> IdentityProvider {
    IdentityProvider {
        name: patch.name.map_or(old.name, String::from),
        oidc_issuer_url: patch.oidc_issuer_url.unwrap_or(old.oidc_issuer_url),
        oidc_client_id: patch.oidc_client_id.unwrap_or(old.oidc_client_id),
        oidc_scopes: patch.oidc_scopes.unwrap_or(old.oidc_scopes),
        oidc_token_endpoint_auth_method: patch
            .oidc_token_endpoint_auth_method
            .unwrap_or(old.oidc_token_endpoint_auth_method),
        oidc_allowed_tenants: patch.oidc_allowed_tenants.unwrap_or(old.oidc_allowed_tenants),
        trusts_mfa: patch.trusts_mfa.unwrap_or(old.trusts_mfa),
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

/// What the audit log says of a change; of the secret, only that it is another one.
fn differences(old: &IdentityProvider, new: &IdentityProvider) -> Changes {
    Changes::default()
        .field("name", &old.name, &new.name)
        .field("oidc_issuer_url", &old.oidc_issuer_url, &new.oidc_issuer_url)
        .field("oidc_client_id", &old.oidc_client_id, &new.oidc_client_id)
        .field("oidc_scopes", &old.oidc_scopes, &new.oidc_scopes)
        .field(
            "oidc_token_endpoint_auth_method",
            &old.oidc_token_endpoint_auth_method,
            &new.oidc_token_endpoint_auth_method,
        )
        .field("oidc_allowed_tenants", &old.oidc_allowed_tenants, &new.oidc_allowed_tenants)
        .field("trusts_mfa", &old.trusts_mfa, &new.trusts_mfa)
        .field("jit_provisioning_enabled", &old.jit_provisioning_enabled, &new.jit_provisioning_enabled)
        .field("conflicts", &old.conflicts, &new.conflicts)
        .field("sync", &old.sync, &new.sync)
        .field("attribute_mappings", &old.attribute_mappings, &new.attribute_mappings)
        .field("default_role", &old.default_role, &new.default_role)
        .field("role_rules", &old.role_rules, &new.role_rules)
        .field("role_rule_matching", &old.role_rule_matching, &new.role_rule_matching)
        .field("is_active", &old.is_active, &new.is_active)
}

/// The same for a new one.
fn creation(new: &IdentityProvider) -> Changes {
    Changes::default()
        .new_field("provider", &new.provider)
        .new_field("name", &new.name)
        .new_field("oidc_issuer_url", &new.oidc_issuer_url)
        .new_field("oidc_client_id", &new.oidc_client_id)
        .new_field("oidc_scopes", &new.oidc_scopes)
        .new_field("oidc_token_endpoint_auth_method", &new.oidc_token_endpoint_auth_method)
        .new_field("oidc_allowed_tenants", &new.oidc_allowed_tenants)
        .new_field("trusts_mfa", &new.trusts_mfa)
        .new_field("jit_provisioning_enabled", &new.jit_provisioning_enabled)
        .new_field("conflicts", &new.conflicts)
        .new_field("sync", &new.sync)
        .new_field("attribute_mappings", &new.attribute_mappings)
        .new_field("default_role", &new.default_role)
        .new_field("role_rules", &new.role_rules)
        .new_field("role_rule_matching", &new.role_rule_matching)
        .new_field("is_active", &new.is_active)
}
