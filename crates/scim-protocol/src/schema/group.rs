//! The core Group schema (RFC 7643 §4.2; `displayName` is required by erratum 5368).

use super::{Attribute, Schema};

/// `urn:ietf:params:scim:schemas:core:2.0:Group`
pub static GROUP: Schema = Schema {
    id: "urn:ietf:params:scim:schemas:core:2.0:Group",
    name: "Group",
    description: "Group",
    attributes: &ATTRIBUTES,
};

static ATTRIBUTES: [Attribute; 2] = [
    Attribute::text("displayName", "The name to show; unique whatever its letter case").required().unique(),
    Attribute::list("members", &MEMBER, "Who is in the group"),
];

static MEMBER: [Attribute; 4] = [
    Attribute::text("value", "The member's id").case_exact().immutable(),
    Attribute::reference("$ref", &["User", "Group"], "The member's URI").immutable(),
    Attribute::text("type", "What the member is").suggesting(&["User", "Group"]).immutable(),
    Attribute::text("display", "The member's name").immutable(),
];
