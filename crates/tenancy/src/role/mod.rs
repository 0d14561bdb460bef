//! Roles: the built-in ones, and those that a tenant defines itself.

mod batch;
mod error;
pub(crate) mod routes;
pub(crate) mod service;

use chrono::{DateTime, Utc};
use elder_access::{Feature, Level, PermissionName, PermissionRow, PermissionSet, Role as BuiltIn, Tier};
use elder_kernel::{
    FieldFault, Id, Patch, Role as Kind,
    collection::{Collection, Field},
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

pub use error::Error;

use crate::name::Name;

/// The id of a custom role.
pub type RoleId = Id<Kind>;

/// Where a role can be given.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum RoleTier {
    /// Over the whole tenant.
    Tenant,
    /// In an organization and those below it.
    Organization,
}

impl RoleTier {
    const ALL: [Self; 2] = [Self::Tenant, Self::Organization];
    const ROLES: [BuiltIn; 3] = [BuiltIn::Admin, BuiltIn::Maintainer, BuiltIn::Reader];

    /// The name in the database.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Tenant => "tenant",
            Self::Organization => "organization",
        }
    }

    /// The tier of this name; the schema allows no other.
    fn named(name: &str) -> Self {
        if name == "tenant" { Self::Tenant } else { Self::Organization }
    }

    /// The tiers whose permissions such a role can have: its own and those below.
    pub const fn tiers(self) -> &'static [Tier] {
        match self {
            Self::Tenant => &[Tier::Tenant, Tier::Organization],
            Self::Organization => &[Tier::Organization],
        }
    }

    /// What a built-in role gives.
    pub fn built_in(self, role: BuiltIn) -> PermissionSet {
        PermissionSet::built_in(role.level(), self.tiers())
    }
}

/// A role: built in, or of the tenant's own.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct RoleDefinition {
    /// The id; null for a built-in role.
    #[schema(required)]
    pub id: Option<RoleId>,
    /// Whether it is built in: then it is named, not numbered, and cannot be changed.
    pub built_in: bool,
    /// Where it can be given.
    pub tier: RoleTier,
    /// The name.
    pub name: String,
    /// What it is for.
    #[schema(required)]
    pub description: Option<String>,
    /// The permissions that it gives.
    pub permissions: Vec<String>,
    /// When it was created; null for a built-in role.
    #[schema(required)]
    pub created_at: Option<DateTime<Utc>>,
    /// When it changed last; null for a built-in role.
    #[schema(required)]
    pub updated_at: Option<DateTime<Utc>>,
}

/// The roles of a tenant, as they are listed.
#[derive(Debug)]
pub(crate) enum Roles {}

impl Collection for Roles {
    const NAME: &'static str = "roles";
    const FIELDS: &'static [Field] = &[
        Field::id::<Kind>("id"),
        Field::bool("built_in"),
        Field::word("tier", &["tenant", "organization"]),
        Field::folded("name").sortable(),
        Field::text("description"),
        Field::opaque("permissions"),
        Field::time("created_at"),
        Field::time("updated_at"),
        Field::text("place").sortable().unfiltered().hidden(),
    ];
    const DEFAULT_SORT: &'static str = "place";
    const KEY: &'static str = "place";
}

impl RoleDefinition {
    /// Every built-in role that can be given in a tenant.
    fn all_built_in() -> impl Iterator<Item = Self> {
        let of_tier = |tier: RoleTier| RoleTier::ROLES.into_iter().map(move |role| (tier, role));
        RoleTier::ALL.into_iter().flat_map(of_tier).map(|(tier, role)| Self {
            id: None,
            built_in: true,
            tier,
            name: role.name().to_owned(),
            description: None,
            permissions: names(tier.built_in(role)),
            created_at: None,
            updated_at: None,
        })
    }

    /// What it gives.
    pub fn gives(&self) -> PermissionSet {
        PermissionSet::named(self.permissions.iter().map(String::as_str), self.tier.tiers())
    }
}

/// A custom role to be created.
#[derive(Debug, Deserialize, garde::Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewRole {
    /// The name, unique in the tenant.
    #[garde(skip)]
    pub name: Name<100>,
    /// What it is for.
    #[garde(length(chars, max = 2000))]
    #[schema(max_length = 2000)]
    pub description: Option<String>,
    /// Where it can be given.
    #[garde(skip)]
    pub tier: RoleTier,
    /// The permissions that it gives, of its tier or below.
    #[garde(length(min = 1, max = 64))]
    #[schema(value_type = Vec<PermissionName>, min_items = 1, max_items = 64)]
    pub permissions: Vec<&'static PermissionRow>,
}

/// A merge patch of a custom role (RFC 7396).
#[derive(Debug, Deserialize, garde::Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RolePatch {
    /// The name.
    #[garde(skip)]
    pub name: Option<Name<100>>,
    /// What it is for.
    #[garde(custom(crate::name::short))]
    #[serde(default)]
    #[schema(value_type = Option<String>, max_length = 2000)]
    pub description: Patch<String>,
    /// All the permissions that it shall give.
    #[garde(length(min = 1, max = 64))]
    #[schema(value_type = Option<Vec<PermissionName>>, min_items = 1, max_items = 64)]
    pub permissions: Option<Vec<&'static PermissionRow>>,
}

/// A permission of the catalogue.
#[derive(Debug, Serialize, ToSchema)]
pub struct PermissionEntry {
    /// `resource:action`.
    pub name: &'static str,
    /// Where it holds.
    #[schema(value_type = String, example = "tenant")]
    pub tier: Tier,
    /// The built-in role that has it at least; of the global roles, `reader` is `support`.
    #[schema(value_type = String, example = "reader")]
    pub least_role: Level,
    /// The licence feature that it belongs to.
    #[schema(value_type = Option<String>, required)]
    pub feature: Option<Feature>,
    /// What it allows.
    pub description: &'static str,
}

/// The catalogue of permissions.
#[derive(Debug, Serialize, ToSchema)]
pub struct PermissionCatalogue {
    /// Every permission.
    pub data: Vec<PermissionEntry>,
}

/// The names of a set.
fn names(set: PermissionSet) -> Vec<String> {
    set.rows().map(|row| row.name.to_owned()).collect()
}

/// The set of a role of `tier`; a fault for each permission that such a role cannot have.
fn permitted(tier: RoleTier, rows: &[&'static PermissionRow]) -> Result<PermissionSet, Error> {
    let fault = |(index, row): (usize, &&PermissionRow)| {
        let detail = format!("`{}` cannot be in a role of the tier `{}`", row.name, tier.name());
        (!tier.tiers().contains(&row.tier))
            .then(|| FieldFault::new(format!("/permissions/{index}"), "wrong_tier", detail))
    };
    let faults: Vec<_> = rows.iter().enumerate().filter_map(fault).collect();
    if faults.is_empty() {
        Ok(rows.iter().fold(PermissionSet::default(), |set, row| set.with(row)))
    } else {
        Err(Error::WrongTier(faults))
    }
}
