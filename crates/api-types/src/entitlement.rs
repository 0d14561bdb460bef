//! Entitlements: what people may be given in the tenant's own applications, and who holds it.

use chrono::{DateTime, Utc};
use elder_kernel::Patch;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::{
    ids::{DirectoryId, EntitlementAssignmentId, EntitlementId, UserId},
    name::{Name, short},
};

/// Of what kind an entitlement is: it says in which attribute of a SCIM user it stands (RFC 7643 §4.1.2).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum EntitlementKind {
    /// A collection of rights, in `roles`.
    Role,
    /// One right or thing, in `entitlements`.
    Entitlement,
}

impl EntitlementKind {
    /// The names of all of them.
    pub const NAMES: &'static [&'static str] = &["role", "entitlement"];

    /// The name in the database and on the wire.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Role => "role",
            Self::Entitlement => "entitlement",
        }
    }

    /// The kind of this name; the schema allows no other.
    pub fn named(name: &str) -> Self {
        if name == "role" { Self::Role } else { Self::Entitlement }
    }
}

/// A role or an entitlement that people may be given. It means something to the tenant's applications, and gives nobody
/// any right in Elder.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Entitlement {
    /// Its id.
    pub id: EntitlementId,
    /// Whether it stands in `roles` or in `entitlements`.
    pub kind: EntitlementKind,
    /// The name by which providers and applications know it. It never changes.
    #[schema(example = "billing")]
    pub value: String,
    /// The name that people see.
    #[schema(example = "Billing")]
    pub display: String,
    /// What sort of role or entitlement it is, in words of the tenant's own: SCIM's `type`.
    #[schema(required, example = "finance")]
    pub category: Option<String>,
    /// What it is for.
    #[schema(required)]
    pub description: Option<String>,
    /// What it allows, in the words of the applications.
    #[schema(example = json!(["invoices:read", "invoices:pay"]))]
    pub permissions: Vec<String>,
    /// Whether it is given to anybody any more: SCIM's `supported`. Who holds it keeps it.
    pub is_supported: bool,
    /// How many people may hold it; null: any number.
    #[schema(required)]
    pub max_holders: Option<i32>,
    /// How many people hold it; null where any number may.
    #[schema(required)]
    pub holders: Option<i64>,
    /// The directory that alone gives it; null: every directory does, and people too.
    #[schema(required)]
    pub directory_id: Option<DirectoryId>,
    /// Grows with every change.
    pub version: i64,
    /// When it was made.
    pub created_at: DateTime<Utc>,
    /// Who made it; null if that was no person.
    #[schema(required)]
    pub created_by: Option<UserId>,
    /// When it last changed.
    pub updated_at: DateTime<Utc>,
}

/// An entitlement to be added to the catalogue.
#[derive(Debug, Clone, Serialize, Deserialize, garde::Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewEntitlement {
    /// Whether it stands in `roles` or in `entitlements`.
    #[garde(skip)]
    pub kind: EntitlementKind,
    /// The name by which providers and applications know it, unique in the tenant among its kind whatever the letter case.
    /// Letters and digits of ASCII, and `._:@+~-`.
    #[garde(custom(plain))]
    #[schema(min_length = 1, max_length = 120, pattern = "^[A-Za-z0-9._:@+~-]+$", example = "billing")]
    pub value: String,
    /// The name that people see. Default: the value.
    #[garde(skip)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub display: Option<Name<120>>,
    /// What sort of role or entitlement it is: SCIM's `type`.
    #[garde(skip)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub category: Option<Name<120>>,
    /// What it is for.
    #[garde(length(chars, max = 2000))]
    #[schema(max_length = 2000)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// What it allows, in the words of the applications. Default: nothing.
    #[garde(length(max = 100))]
    #[schema(max_items = 100)]
    #[serde(default)]
    pub permissions: Vec<Name<120>>,
    /// Whether it is given to anybody. Default: true.
    #[garde(skip)]
    #[serde(default = "supported")]
    pub is_supported: bool,
    /// How many people may hold it. Default: any number.
    #[garde(range(min = 1))]
    #[schema(minimum = 1)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub max_holders: Option<i32>,
    /// The directory that alone gives it. Default: every directory does, and people too.
    #[garde(skip)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub directory_id: Option<DirectoryId>,
}

const fn supported() -> bool {
    true
}

/// A merge patch of an entitlement (RFC 7396).
#[derive(Debug, Clone, Default, Serialize, Deserialize, garde::Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct EntitlementPatch {
    /// Another name that people see.
    #[garde(skip)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub display: Option<Name<120>>,
    /// What sort of role or entitlement it is.
    #[garde(skip)]
    #[serde(default, skip_serializing_if = "Patch::is_keep")]
    #[schema(value_type = Option<Name<120>>)]
    pub category: Patch<Name<120>>,
    /// What it is for.
    #[garde(custom(short))]
    #[serde(default, skip_serializing_if = "Patch::is_keep")]
    #[schema(value_type = Option<String>, max_length = 2000)]
    pub description: Patch<String>,
    /// All that it allows from now on, in the words of the applications.
    #[garde(length(max = 100))]
    #[schema(max_items = 100)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub permissions: Option<Vec<Name<120>>>,
    /// Whether it is given to anybody any more.
    #[garde(skip)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub is_supported: Option<bool>,
    /// How many people may hold it. Who holds it keeps it, however many they are.
    #[garde(custom(holders))]
    #[serde(default, skip_serializing_if = "Patch::is_keep")]
    #[schema(value_type = Option<i32>, minimum = 1)]
    pub max_holders: Patch<i32>,
}

/// An entitlement that somebody holds, and by whom.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct EntitlementAssignment {
    /// Its id.
    pub id: EntitlementAssignmentId,
    /// Who holds it.
    pub user_id: UserId,
    /// What they hold.
    pub entitlement_id: EntitlementId,
    /// Whether that is a role or an entitlement.
    pub kind: EntitlementKind,
    /// Its value.
    pub value: String,
    /// The name that people see.
    pub display: String,
    /// What it allows, in the words of the applications.
    pub permissions: Vec<String>,
    /// The directory that says so; null if it was given here.
    #[schema(required)]
    pub directory_id: Option<DirectoryId>,
    /// Since when.
    pub assigned_at: DateTime<Utc>,
    /// Who gave it; null if that was no person.
    #[schema(required)]
    pub assigned_by: Option<UserId>,
}

/// An entitlement to give to somebody.
#[derive(Debug, Clone, Serialize, Deserialize, garde::Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewEntitlementAssignment {
    /// Which one.
    #[garde(skip)]
    pub entitlement_id: EntitlementId,
}

/// A value is the last part of a path under SCIM as it is, so that it has no sign that would be encoded there.
fn plain(text: &str, (): &()) -> garde::Result {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || "._:@+~-".contains(c);
    let is_good = (1..=120).contains(&text.len()) && text.chars().all(is_plain);
    is_good
        .then_some(())
        .ok_or_else(|| garde::Error::new("a value has 1 to 120 letters and digits of ASCII, and `._:@+~-`"))
}

fn holders(patch: &Patch<i32>, (): &()) -> garde::Result {
    let fits = patch.value().is_none_or(|most| *most > 0);
    fits.then_some(()).ok_or_else(|| garde::Error::new("lower than 1"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_is_the_last_part_of_a_path_as_it_is() {
        for good in ["admin", "urn:acme:role-1", "sales.emea_2", "a@b.c", &"x".repeat(120)] {
            assert!(plain(good, &()).is_ok(), "{good}");
        }
        for bad in ["", "a b", "a/b", "a?b", "a#b", "a%20b", "é", "a\n", ".search/", &"x".repeat(121)] {
            assert!(plain(bad, &()).is_err(), "{bad}");
        }
    }
}
