//! The enterprise User extension (RFC 7643 §4.3).

use super::{Attribute, Schema};

/// `urn:ietf:params:scim:schemas:extension:enterprise:2.0:User`
pub static ENTERPRISE_USER: Schema = Schema {
    id: "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User",
    name: "EnterpriseUser",
    description: "Enterprise User",
    attributes: &ATTRIBUTES,
};

static ATTRIBUTES: [Attribute; 6] = [
    Attribute::text("employeeNumber", "The number the organization gave"),
    Attribute::text("costCenter", "The cost center"),
    Attribute::text("organization", "The organization"),
    Attribute::text("division", "The division"),
    Attribute::text("department", "The department"),
    Attribute::complex("manager", &MANAGER, "Whom the user reports to"),
];

static MANAGER: [Attribute; 3] = [
    Attribute::text("value", "The manager's id").case_exact().also_named("managerId"),
    Attribute::reference("$ref", &["User"], "The manager's URI"),
    Attribute::text("displayName", "The manager's name").read_only(),
];
