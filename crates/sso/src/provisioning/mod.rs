//! What becomes of what a provider says of somebody: attributes first, then the roles that follow. No database.

mod condition;
mod place;
pub(crate) mod service;
mod transform;

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, Utc};
use elder_access::Role;
use elder_api_types::{
    IdentityProviderId, RoleId, UserId,
    identity_provider::{IdentityProvider, IdpType},
    invitation::OrganizationRole,
    provisioning::{AttributeMapping, GivenRoles, ProvisioningPreview, RuleMatching},
};
use elder_kernel::{FieldFault, fold};
use elder_portal_users::account::{Email, Locale};
use elder_tenancy::domain::DomainName;
use serde_json::{Map, Value};

use self::{
    condition::Condition,
    place::{Found, Path, There},
    transform::Pipeline,
};
use crate::protocol::preset;

/// The longest name that an account takes.
const LONGEST_NAME: usize = 200;

/// The most organizations, and the most groups, that rules put somebody in: a claim may have any number of values.
const MOST_GIVEN: usize = 200;

/// What is read without being told: attribute and claim, as this provider's product calls it.
fn known(idp: &IdentityProvider) -> [(&'static str, &'static str); 4] {
    if idp.idp_type == IdpType::Saml {
        return [("email", "email"), ("full_name", "name"), ("locale", "locale"), ("groups", "groups")];
    }
    let names = preset(idp.provider).claims();
    [("email", names.email), ("full_name", names.full_name), ("locale", "locale"), ("groups", names.groups)]
}

/// What a provider has said of somebody.
pub(crate) type Claims = Map<String, Value>;

/// Whom a provider means.
pub(crate) struct Meant<'a> {
    pub(crate) idp: IdentityProviderId,
    pub(crate) issuer: &'a str,
    pub(crate) subject: &'a str,
}

/// An account that is to be tied to whom a provider means.
pub(crate) struct NewLink<'a> {
    pub(crate) meant: Meant<'a>,
    pub(crate) user: UserId,
    /// The domain by whose word they come; none if an admin says so.
    pub(crate) domain: Option<&'a DomainName>,
    /// Who says so, if not the provider alone.
    pub(crate) linked_by: Option<UserId>,
    /// When they have signed in by it; none if they have not yet.
    pub(crate) last_login_at: Option<DateTime<Utc>>,
}

/// What is known of somebody by a provider's word: attributes, each with its values.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Attributes(BTreeMap<String, Vec<String>>);

impl Attributes {
    /// Reads claims as a provider's mappings say. A mapping stands for what is known of its attribute; several of one
    /// attribute add up.
    pub(crate) fn of(idp: &IdentityProvider, claims: &Claims) -> Self {
        let is_mapped = |name: &str| idp.attribute_mappings.iter().any(|mapping| mapping.attribute == name);
        let mut all = BTreeMap::<String, Vec<String>>::new();
        for (name, claim) in known(idp).into_iter().filter(|(name, _)| !is_mapped(name)) {
            all.insert(name.to_owned(), texts(claims.get(claim)));
        }
        for mapping in &idp.attribute_mappings {
            // What was saved could be read: see `faults`.
            let Ok(pipeline) = Pipeline::new(&mapping.transforms) else { continue };
            let values = pipeline.run(texts(claims.get(&mapping.claim)));
            all.entry(mapping.attribute.clone()).or_default().extend(values);
        }
        all.retain(|_, values| !values.is_empty());
        Self(all)
    }

    /// The values of an attribute, whatever the letter case of its name.
    pub(crate) fn values(&self, name: &str) -> &[String] {
        self.0.get(&name.to_ascii_lowercase()).map_or(&[], Vec::as_slice)
    }

    fn first(&self, name: &str) -> Option<&str> {
        self.values(name).first().map(String::as_str)
    }

    /// The address, if it is one.
    pub(crate) fn email(&self) -> Option<Email> {
        self.first("email").and_then(|text| text.parse().ok())
    }

    /// The name, as far as an account takes it.
    pub(crate) fn full_name(&self) -> Option<String> {
        let name = self.first("full_name")?;
        let name: String = name.chars().filter(|c| !c.is_control()).take(LONGEST_NAME).collect();
        Some(name.trim().to_owned()).filter(|name| !name.is_empty())
    }

    /// The language, if it is one.
    pub(crate) fn locale(&self) -> Option<Locale> {
        self.first("locale").and_then(|text| text.parse().ok())
    }
}

/// Whether the provider says that it has verified the address that the account would have (O-15, O-16): this very one,
/// whatever claim a mapping has read it from.
pub(crate) fn is_email_verified(idp: &IdentityProvider, claims: &Claims, email: &Email) -> bool {
    // SAML has no word for it. Whoever set the provider up has proven the domain, and no other is let in.
    if idp.idp_type == IdpType::Saml {
        return true;
    }
    let verified = preset(idp.provider).verified_email(claims).map(fold);
    verified.as_deref() == Some(email.folded())
}

/// One role, where it holds.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Given {
    /// A built-in role over the tenant.
    BuiltIn(&'static str),
    /// A custom role over the tenant.
    Custom(uuid::Uuid),
    /// A role in an organization: a built-in or a custom one.
    InOrganization(uuid::Uuid, Option<&'static str>, Option<uuid::Uuid>),
}

/// The rules of a provider that fit somebody, and all that they give.
#[derive(Debug, Default)]
pub(crate) struct Verdict {
    rules: Vec<usize>,
    tenant_roles: Vec<Role>,
    roles: Vec<RoleId>,
    organizations: Vec<There>,
    groups: Vec<String>,
}

impl Verdict {
    /// Asks the rules in their order.
    pub(crate) fn of(idp: &IdentityProvider, attributes: &Attributes) -> Self {
        let fits = |condition: &str| Condition::parse(condition).is_ok_and(|it| it.holds(attributes));
        let fitting = idp.role_rules.iter().enumerate().filter(|(_, rule)| fits(&rule.condition));
        let most = match idp.role_rule_matching {
            RuleMatching::First => 1,
            RuleMatching::All => usize::MAX,
        };
        let mut verdict = Self::default();
        for (place, rule) in fitting.take(most) {
            verdict.rules.push(place);
            verdict.add(&rule.then, attributes);
        }
        if verdict.tenant_roles.is_empty() {
            verdict.tenant_roles.extend(idp.default_role);
        }
        verdict
    }

    fn add(&mut self, then: &GivenRoles, attributes: &Attributes) {
        add_new(&mut self.tenant_roles, then.tenant_role);
        add_new(&mut self.roles, then.roles.iter().copied());
        add_new(
            &mut self.organizations,
            then.organizations.iter().flat_map(|role| There::of(role, attributes)),
        );
        let groups = then.groups.iter().flat_map(|group| place::spelled_out(group, attributes));
        add_new(&mut self.groups, groups.filter(|group| !group.is_empty()));
        self.organizations.truncate(MOST_GIVEN);
        self.groups.truncate(MOST_GIVEN);
    }

    /// The paths that must be looked up.
    pub(crate) fn paths(&self) -> Vec<&Path> {
        self.organizations.iter().filter_map(There::path).collect()
    }

    /// The roles in organizations, and the paths at which there is none. `found` has those that are there.
    fn there(&self, found: &Found) -> (Vec<OrganizationRole>, Vec<String>) {
        let (mut roles, mut missing) = (Vec::new(), Vec::new());
        for there in &self.organizations {
            match there.at(found) {
                Some(role) => add_new(&mut roles, [role]),
                None => missing.extend(there.path().map(ToString::to_string)),
            }
        }
        (roles, missing)
    }

    /// Each role once.
    pub(crate) fn given(&self, found: &Found) -> BTreeSet<Given> {
        let built_in = self.tenant_roles.iter().map(|role| Given::BuiltIn(role.name()));
        let custom = self.roles.iter().map(|role| Given::Custom(role.uuid()));
        let there = self.there(found).0.into_iter().map(|there| {
            let (role, custom) = (there.role.map(Role::name), there.role_id.map(RoleId::uuid));
            Given::InOrganization(there.organization_id.uuid(), role, custom)
        });
        built_in.chain(custom).chain(there).collect()
    }
}

fn add_new<T: PartialEq>(all: &mut Vec<T>, more: impl IntoIterator<Item = T>) {
    for one in more {
        if !all.contains(&one) {
            all.push(one);
        }
    }
}

/// What would become of somebody. `found` has the organizations at the verdict's paths.
fn previewed(attributes: Attributes, verdict: Verdict, found: &Found) -> ProvisioningPreview {
    let (organizations, missing_organizations) = verdict.there(found);
    let Verdict { rules, tenant_roles, roles, groups, .. } = verdict;
    let attributes = attributes.0;
    ProvisioningPreview {
        attributes,
        rules,
        tenant_roles,
        roles,
        organizations,
        missing_organizations,
        groups,
    }
}

/// What of a provider's mappings and rules cannot be read.
pub(crate) fn faults(idp: &IdentityProvider) -> Vec<FieldFault> {
    let mappings = idp.attribute_mappings.iter().enumerate().flat_map(|(place, mapping)| {
        let AttributeMapping { transforms, .. } = mapping;
        transforms.iter().enumerate().filter_map(move |(at, transform)| {
            let fault = Pipeline::new(std::slice::from_ref(transform)).err()?;
            let pointer = format!("/attribute_mappings/{place}/transforms/{at}/regex/pattern");
            Some(FieldFault::new(pointer, "invalid_format", fault.to_string()))
        })
    });
    let rules = idp.role_rules.iter().enumerate().filter_map(|(place, rule)| {
        let fault = Condition::parse(&rule.condition).err()?;
        Some(FieldFault::new(format!("/role_rules/{place}/if"), "invalid_format", fault.to_string()))
    });
    let paths = idp.role_rules.iter().enumerate().flat_map(|(place, rule)| {
        rule.then.organizations.iter().enumerate().filter_map(move |(at, there)| {
            let is_empty = there.path.as_deref().is_some_and(|path| path.split('/').all(str::is_empty));
            let pointer = format!("/role_rules/{place}/then/organizations/{at}/path");
            is_empty.then(|| FieldFault::new(pointer, "invalid_format", "a path has names"))
        })
    });
    mappings.chain(rules).chain(paths).collect()
}

/// The values of a claim as texts. What is no text, number or boolean says nothing here.
fn texts(claim: Option<&Value>) -> Vec<String> {
    match claim {
        Some(Value::Array(values)) => values.iter().filter_map(text).collect(),
        Some(value) => text(value).into_iter().collect(),
        None => Vec::new(),
    }
}

fn text(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Bool(truth) => Some(truth.to_string()),
        Value::Number(number) => Some(number.to_string()),
        Value::Null | Value::Array(_) | Value::Object(_) => None,
    }
}

#[cfg(test)]
mod tests;
