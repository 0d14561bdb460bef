//! Attribute definitions (RFC 7643 §2 and §7): one source for validation, filters, PATCH and `/Schemas`.

mod attribute;
mod base;
mod catalogue;
mod enterprise;
mod group;
mod resolve;
mod user;

pub use attribute::{Attribute, Kind, Mutability, Returned, Uniqueness};
pub use resolve::{Resolved, ResourceType, Schema};

pub use catalogue::{ENTITLEMENT_TYPE, OKTA_ENTITLEMENT_TYPE, OKTA_ROLE_TYPE, ROLE_TYPE};
pub use enterprise::ENTERPRISE_USER;
pub use group::GROUP;
pub use user::USER;

/// The `User` resource type (RFC 7643 §4.1) with the enterprise extension.
pub static USER_TYPE: ResourceType = ResourceType {
    name: "User",
    endpoint: "/Users",
    description: "A person who may sign in",
    schema: &USER,
    extensions: &[&ENTERPRISE_USER],
    apart: None,
};

/// The `Group` resource type (RFC 7643 §4.2).
pub static GROUP_TYPE: ResourceType = ResourceType {
    name: "Group",
    endpoint: "/Groups",
    description: "A set of users and groups",
    schema: &GROUP,
    extensions: &[],
    apart: Some("members"),
};

/// Every resource type that the engine knows, whether a server offers it or not.
static KNOWN_TYPES: [&ResourceType; 6] =
    [&USER_TYPE, &GROUP_TYPE, &ROLE_TYPE, &ENTITLEMENT_TYPE, &OKTA_ROLE_TYPE, &OKTA_ENTITLEMENT_TYPE];

/// Whether a URN is the core schema of a resource type other than `kind`.
pub(crate) fn is_other_type(urn: &str, kind: &ResourceType) -> bool {
    KNOWN_TYPES.iter().any(|known| known.name != kind.name && known.schema.id.eq_ignore_ascii_case(urn))
}
