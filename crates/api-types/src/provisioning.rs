//! What becomes of what an identity provider says of somebody: their attributes, and the roles that follow.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use utoipa::ToSchema;

use crate::{
    directory::names,
    ids::{OrganizationId, RoleId},
    invitation::OrganizationRole,
    role::Role,
};

/// Where an attribute of somebody comes from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, garde::Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AttributeMapping {
    /// The attribute: `email`, `full_name` and `locale` go into the account; all, such as `groups`, can be asked by rules.
    #[garde(custom(attribute_name))]
    #[schema(pattern = "^[a-z][a-z0-9_]{0,62}$", example = "department")]
    pub attribute: String,
    /// The claim that it is read from.
    #[garde(length(chars, min = 1, max = 200))]
    #[schema(min_length = 1, max_length = 200, example = "https://acme.com/claims/department")]
    pub claim: String,
    /// What is done to it, one after the other.
    #[serde(default)]
    #[garde(length(max = 8), dive)]
    #[schema(max_items = 8)]
    pub transforms: Vec<Transform>,
}

/// A change of a value. Where a claim has several values, each is changed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, garde::Validate, ToSchema)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Transform {
    /// In lower case.
    Lower,
    /// Without blanks at either end.
    Trim,
    /// The first of several values.
    First,
    /// What a group of a regular expression has matched; values that it does not match are left out.
    Regex {
        /// The expression, without look-around and back references.
        #[garde(length(chars, min = 1, max = 500))]
        pattern: String,
        /// The group; 0 is the whole match.
        #[serde(default)]
        #[garde(range(max = 20))]
        group: u8,
    },
    /// Several values as one text.
    Join {
        /// What stands between them.
        #[garde(length(chars, max = 20))]
        separator: String,
    },
    /// A text that is always the same.
    Constant {
        /// The text.
        #[garde(length(chars, max = 200))]
        value: String,
    },
}

/// A rule by which people get roles.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, garde::Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RoleRule {
    /// Whom it is about: a filter over their attributes, in the grammar of lists. Of several values one must fit.
    #[serde(rename = "if")]
    #[garde(length(chars, min = 1, max = 2000))]
    #[schema(min_length = 1, max_length = 2000, example = "groups eq \"engineers\"")]
    pub condition: String,
    /// What it gives.
    #[garde(dive)]
    pub then: GivenRoles,
}

/// Roles that a rule gives.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, garde::Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct GivenRoles {
    /// A built-in role over the tenant, but not `admin`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[garde(inner(custom(no_admin)))]
    pub tenant_role: Option<Role>,
    /// Custom roles over the tenant.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[garde(length(max = 50))]
    #[schema(max_items = 50)]
    pub roles: Vec<RoleId>,
    /// Roles in organizations.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[garde(length(max = 50), dive)]
    #[schema(max_items = 50)]
    pub organizations: Vec<RoleByRule>,
    /// Groups that the person is in by the provider's word. `{teams}` stands for each value of the attribute `teams`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[garde(length(max = 50), inner(length(chars, min = 1, max = 200)))]
    #[schema(max_items = 50, example = json!(["staff", "{teams}"]))]
    pub groups: Vec<String>,
}

/// A role in organizations that a rule gives: a built-in or a custom one, in one that is named by its id or by its path.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, garde::Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RoleByRule {
    /// The organization.
    #[garde(custom(either("organization_id", "path", self.path.is_some())))]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub organization_id: Option<OrganizationId>,
    /// The names from the root down, parted by `/`, in any letter case. `{department}` stands for each value of the
    /// attribute `department`, which may be a path itself. Where nothing is at the path, nothing is given.
    #[garde(length(chars, min = 1, max = 1000))]
    #[schema(min_length = 1, max_length = 1000, example = "Acme/{department}")]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub path: Option<String>,
    /// A built-in role.
    #[garde(custom(either("role", "role_id", self.role_id.is_some())))]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub role: Option<Role>,
    /// A custom role of the organization tier.
    #[garde(skip)]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub role_id: Option<RoleId>,
}

fn either<T>(one: &str, other: &str, has_other: bool) -> impl FnOnce(&Option<T>, &()) -> garde::Result {
    let refused = garde::Error::new(format!("give either `{one}` or `{other}`"));
    move |value, &()| if value.is_some() == has_other { Err(refused) } else { Ok(()) }
}

/// Which of the rules count that fit somebody.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum RuleMatching {
    /// All.
    #[default]
    All,
    /// The first one.
    First,
}

names! { RuleMatching: All = "all"; First = "first"; }

/// Claims to be tried.
#[derive(Debug, Serialize, Deserialize, garde::Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SampleClaims {
    /// What an ID token or the userinfo endpoint could say of somebody.
    #[garde(custom(few))]
    #[schema(value_type = Object, example = json!({"sub": "1", "email": "ana@acme.com", "groups": ["engineers"]}))]
    pub claims: Map<String, Value>,
}

/// What would become of somebody.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ProvisioningPreview {
    /// Their attributes.
    pub attributes: BTreeMap<String, Vec<String>>,
    /// The rules that fit, by their place in the list.
    pub rules: Vec<usize>,
    /// The built-in roles over the tenant.
    pub tenant_roles: Vec<Role>,
    /// The custom roles over the tenant.
    pub roles: Vec<RoleId>,
    /// The roles in organizations.
    pub organizations: Vec<OrganizationRole>,
    /// Paths at which there is no organization: nothing is given there.
    pub missing_organizations: Vec<String>,
    /// The groups.
    pub groups: Vec<String>,
}

/// The longest list of claims that is tried.
const MOST_CLAIMS: usize = 200;

fn few(claims: &Map<String, Value>, &(): &()) -> garde::Result {
    let refused = || garde::Error::new(format!("at most {MOST_CLAIMS} claims"));
    (claims.len() <= MOST_CLAIMS).then_some(()).ok_or_else(refused)
}

fn attribute_name(name: &str, &(): &()) -> garde::Result {
    let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_';
    let is_good = (1..=63).contains(&name.len())
        && name.starts_with(|c: char| c.is_ascii_lowercase())
        && name.chars().all(plain);
    let words = "an attribute has 1 to 63 of a-z, 0-9 and _, and begins with a letter";
    is_good.then_some(()).ok_or_else(|| garde::Error::new(words))
}

/// Nobody becomes admin of a tenant by what a provider says: a person appoints them.
pub(crate) fn no_admin(role: &Role, &(): &()) -> garde::Result {
    let words = "nobody becomes admin of the tenant by a provider: a person appoints them";
    (*role != Role::Admin).then_some(()).ok_or_else(|| garde::Error::new(words))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn d_05_no_provider_makes_an_admin_of_the_tenant() {
        assert!(no_admin(&Role::Admin, &()).is_err());
        assert!(no_admin(&Role::Maintainer, &()).is_ok());
    }
}
