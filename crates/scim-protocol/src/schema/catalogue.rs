//! The catalogue of what may stand in a user's `roles` and `entitlements`, in two forms: as
//! draft-ietf-scim-roles-entitlements-01 has it, and by the URNs that Okta looks for. Clients read it and change nothing.

use super::{Attribute, Kind, ResourceType, Schema};

/// `/Roles` as the draft has it (§3.2).
pub static ROLE_TYPE: ResourceType = role(&ROLE);
/// `/Entitlements` as the draft has it (§3.3).
pub static ENTITLEMENT_TYPE: ResourceType = entitlement(&ENTITLEMENT);
/// `/Roles` as Okta looks for them.
pub static OKTA_ROLE_TYPE: ResourceType = role(&OKTA_ROLE);
/// `/Entitlements` as Okta looks for them.
pub static OKTA_ENTITLEMENT_TYPE: ResourceType = entitlement(&OKTA_ENTITLEMENT);

static ROLE: Schema = schema("urn:ietf:params:scim:schemas:core:2.0:Role", "Role", &ENTRY);
static ENTITLEMENT: Schema =
    schema("urn:ietf:params:scim:schemas:core:2.0:Entitlement", "Entitlement", &ENTRY);
static OKTA_ROLE: Schema = schema("urn:okta:scim:schemas:core:1.0:Role", "Role", &OKTA_ENTRY);
static OKTA_ENTITLEMENT: Schema =
    schema("urn:okta:scim:schemas:core:1.0:Entitlement", "Entitlement", &OKTA_ENTRY);

const fn schema(id: &'static str, name: &'static str, attributes: &'static [Attribute]) -> Schema {
    Schema { id, name, description: name, attributes }
}

const fn role(schema: &'static Schema) -> ResourceType {
    ResourceType {
        name: "Role",
        endpoint: "/Roles",
        description: "What may stand in `roles` of a user",
        schema,
        extensions: &[],
        apart: None,
    }
}

const fn entitlement(schema: &'static Schema) -> ResourceType {
    ResourceType {
        name: "Entitlement",
        endpoint: "/Entitlements",
        description: "What may stand in `entitlements` of a user",
        schema,
        extensions: &[],
        apart: None,
    }
}

const TYPE: Attribute = Attribute::text("type", "What sort of role or entitlement it is").read_only();
const DESCRIPTION: Attribute = Attribute::text("description", "What it is for").read_only();

static ENTRY: [Attribute; 8] = [
    Attribute::text("value", "The value that a user gets").required().read_only().unique(),
    Attribute::text("display", "The name to show").read_only(),
    TYPE,
    DESCRIPTION,
    Attribute::new("supported", Kind::Boolean, "Whether users may get it").read_only(),
    Attribute::new(
        "limitedAssignmentsPermitted",
        Kind::Boolean,
        "Whether a limited number of users may have it",
    )
    .read_only(),
    Attribute::new("totalAssignmentsPermitted", Kind::Integer, "How many users may have it").read_only(),
    Attribute::new("totalAssignmentsUsed", Kind::Integer, "How many users have it").read_only(),
];

static OKTA_ENTRY: [Attribute; 3] =
    [Attribute::text("displayName", "The name to show").required().read_only(), TYPE, DESCRIPTION];
