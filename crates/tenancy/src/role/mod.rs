//! Roles: the built-in ones, and those that a tenant defines itself.

mod batch;
mod error;
pub(crate) mod routes;
pub(crate) mod service;

use elder_access::{PermissionRow, PermissionSet, Role as BuiltIn};
use elder_kernel::{
    FieldFault, Role as Kind,
    collection::{Collection, Field},
};

pub use elder_api_types::{
    RoleId,
    permission::{PermissionCatalogue, PermissionEntry},
    role::{NewRole, RoleDefinition, RolePatch, RoleTier},
};
pub use error::Error;

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
        Field::bool("requires_mfa"),
        Field::time("created_at"),
        Field::time("updated_at"),
        Field::text("place").sortable().unfiltered().hidden(),
    ];
    const DEFAULT_SORT: &'static str = "place";
    const KEY: &'static str = "place";
}

/// Every built-in role that can be given in a tenant.
fn all_built_in() -> impl Iterator<Item = RoleDefinition> {
    const ROLES: [BuiltIn; 3] = [BuiltIn::Admin, BuiltIn::Maintainer, BuiltIn::Reader];
    let of_tier = |tier: RoleTier| ROLES.into_iter().map(move |role| (tier, role));
    [RoleTier::Tenant, RoleTier::Organization].into_iter().flat_map(of_tier).map(|(tier, role)| {
        RoleDefinition {
            id: None,
            built_in: true,
            tier,
            name: role.name().to_owned(),
            description: None,
            permissions: names(built_in(tier, role)),
            requires_mfa: false,
            created_at: None,
            updated_at: None,
        }
    })
}

/// What a built-in role gives.
pub(crate) fn built_in(tier: RoleTier, role: BuiltIn) -> PermissionSet {
    PermissionSet::built_in(role.level(), tier.tiers())
}

/// What a role gives.
pub(crate) fn gives(role: &RoleDefinition) -> PermissionSet {
    PermissionSet::named(role.permissions.iter().map(String::as_str), role.tier.tiers())
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
