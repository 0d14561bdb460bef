//! Separation of duties: entitlements that nobody may hold together.

use std::collections::HashSet;

use chrono::{DateTime, Utc};
use elder_kernel::Patch;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::{
    ids::{EntitlementConflictId, EntitlementId, UserId},
    name::{Name, short},
};

/// A rule that nobody may hold some entitlements together.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct EntitlementConflict {
    /// Its id.
    pub id: EntitlementConflictId,
    /// Its name, unique in the tenant whatever the letter case.
    #[schema(example = "Who orders does not pay")]
    pub name: String,
    /// Why it is there.
    #[schema(required)]
    pub description: Option<String>,
    /// The entitlements, in the order of their ids.
    pub entitlement_ids: Vec<EntitlementId>,
    /// How many of them one person may hold.
    pub most: i32,
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

/// A rule to be made. It holds for whatever is given from then on; who breaks it already is listed at `violations`.
#[derive(Debug, Clone, Serialize, Deserialize, garde::Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewEntitlementConflict {
    /// Its name, unique in the tenant whatever the letter case.
    #[garde(skip)]
    pub name: Name<100>,
    /// Why it is there.
    #[garde(length(chars, max = 2000))]
    #[schema(max_length = 2000)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// The entitlements, 2 to 50.
    #[garde(length(min = 2, max = 50), custom(distinct))]
    #[schema(min_items = 2, max_items = 50)]
    pub entitlement_ids: Vec<EntitlementId>,
    /// How many of them one person may hold. Default: 1.
    #[garde(range(min = 1, max = 49))]
    #[schema(minimum = 1, maximum = 49)]
    #[serde(default = "one")]
    pub most: i32,
}

const fn one() -> i32 {
    1
}

/// A merge patch of a rule (RFC 7396).
#[derive(Debug, Clone, Default, Serialize, Deserialize, garde::Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct EntitlementConflictPatch {
    /// Another name.
    #[garde(skip)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<Name<100>>,
    /// Why it is there.
    #[garde(custom(short))]
    #[serde(default, skip_serializing_if = "Patch::is_keep")]
    #[schema(value_type = Option<String>, max_length = 2000)]
    pub description: Patch<String>,
    /// All entitlements of the rule from now on.
    #[garde(length(min = 2, max = 50), inner(custom(distinct)))]
    #[schema(min_items = 2, max_items = 50)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub entitlement_ids: Option<Vec<EntitlementId>>,
    /// How many of them one person may hold.
    #[garde(range(min = 1, max = 49))]
    #[schema(minimum = 1, maximum = 49)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub most: Option<i32>,
}

/// Somebody who holds more than a rule allows, since before there was the rule.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct EntitlementViolation {
    /// Who.
    pub user_id: UserId,
    /// What they hold of the rule's entitlements.
    pub entitlement_ids: Vec<EntitlementId>,
}

fn distinct(ids: &[EntitlementId], (): &()) -> garde::Result {
    let all: HashSet<_> = ids.iter().collect();
    (all.len() == ids.len()).then_some(()).ok_or_else(|| garde::Error::new("an id stands there twice"))
}
