//! Role mappings: what the groups of a directory, or what it says of its people, gives them.

mod batch;
pub(crate) mod routes;
pub(crate) mod service;

use elder_access::Role;
use elder_kernel::{
    Directory, Organization, Role as CustomRole, RoleMapping as Kind, User,
    collection::{Collection, Field},
};
use elder_tenancy::offer::{Offer, OrganizationRole};

pub use elder_api_types::{
    RoleMappingId,
    role_mapping::{MappingSource, NewRoleMapping, RoleMapping},
};

/// The role mappings of a directory, as they are listed.
#[derive(Debug)]
pub(crate) enum RoleMappings {}

impl Collection for RoleMappings {
    const NAME: &'static str = "role_mappings";
    const FIELDS: &'static [Field] = &[
        Field::id::<Kind>("id").sortable(),
        Field::id::<Directory>("directory_id").unfiltered(),
        Field::word("source", MappingSource::NAMES),
        Field::folded("value").sortable(),
        Field::id::<Organization>("organization_id"),
        Field::word("role", Role::NAMES),
        Field::id::<CustomRole>("role_id"),
        Field::time("created_at").sortable(),
        Field::id::<User>("created_by"),
    ];
}

/// What each of these mappings gives.
fn offers<'a>(mappings: impl IntoIterator<Item = &'a RoleMapping>) -> Vec<Offer> {
    let offer = |mapping: &RoleMapping| match mapping.organization_id {
        Some(organization_id) => {
            let role = OrganizationRole { organization_id, role: mapping.role, role_id: mapping.role_id };
            Offer { organizations: vec![role], ..Offer::default() }
        }
        None => Offer {
            tenant_role: mapping.role,
            roles: mapping.role_id.into_iter().collect(),
            ..Offer::default()
        },
    };
    mappings.into_iter().map(offer).collect()
}
