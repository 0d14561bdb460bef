//! API keys: what a program sends as bearer token.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::{
    ids::{ApiKeyId, OrganizationId, ServiceAccountId, UserId},
    name::Name,
    networks::Networks,
    permission::PermissionName,
};

/// How long a key is good if nothing is said.
const USUAL_DAYS: i64 = 90;

/// How long the secret before a rotation is good if nothing is said: a day.
const USUAL_OVERLAP: i64 = 86_400;

/// A key, without its secret.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ApiKey {
    /// Its id.
    pub id: ApiKeyId,
    /// What it is called.
    pub name: String,
    /// The person in whose name it acts; null for a key of a service account.
    #[schema(required)]
    pub user_id: Option<UserId>,
    /// The service account whose it is; null for a key of a person.
    #[schema(required)]
    pub service_account_id: Option<ServiceAccountId>,
    /// What it carries of what its owner holds; null for all that a key can carry.
    #[schema(required, example = json!(["users:read"]))]
    pub permissions: Option<Vec<String>>,
    /// Where: in these organizations and those below them; null for wherever its owner may act.
    #[schema(required)]
    pub organizations: Option<Vec<OrganizationId>>,
    /// The networks from which it may be used; empty for all.
    #[schema(value_type = Vec<String>, example = json!(["192.0.2.0/24"]))]
    pub ip_allowlist: Networks,
    /// From when on it is refused.
    pub expires_at: DateTime<Utc>,
    /// Since when it is refused.
    #[schema(required)]
    pub revoked_at: Option<DateTime<Utc>>,
    /// When it got its present secret, if that is not its first.
    #[schema(required)]
    pub rotated_at: Option<DateTime<Utc>>,
    /// Until when the secret before that is good.
    #[schema(required)]
    pub previous_expires_at: Option<DateTime<Utc>>,
    /// When it was last used, to the minute.
    #[schema(required)]
    pub last_used_at: Option<DateTime<Utc>>,
    /// When it was made.
    pub created_at: DateTime<Utc>,
    /// Who made it; null if that was no person.
    #[schema(required)]
    pub created_by: Option<UserId>,
}

/// A key to make.
#[derive(Debug, Serialize, Deserialize, garde::Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewApiKey {
    /// What it is called.
    #[garde(skip)]
    pub name: Name<100>,
    /// What it shall carry. Without it: all that its owner holds and a key can carry, and no global permission.
    #[garde(length(min = 1, max = 64))]
    #[schema(value_type = Option<Vec<PermissionName>>, min_items = 1, max_items = 64)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub permissions: Option<Vec<PermissionName>>,
    /// Where: in these organizations and those below them. Without it: wherever its owner may act.
    #[garde(length(min = 1, max = 50))]
    #[schema(min_items = 1, max_items = 50)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub organizations: Option<Vec<OrganizationId>>,
    /// The networks from which it may be used. Without it: all.
    #[garde(custom(few))]
    #[serde(default)]
    #[schema(value_type = Option<Vec<String>>, max_items = 100, example = json!(["192.0.2.0/24"]))]
    pub ip_allowlist: Networks,
    /// How many days it is good.
    #[garde(range(min = 1, max = 366))]
    #[serde(default = "usual_days")]
    #[schema(minimum = 1, maximum = 366, default = 90)]
    pub expires_in_days: i64,
}

impl NewApiKey {
    /// A key of this name with no limits of its own, good for as long as usual.
    pub fn named(name: Name<100>) -> Self {
        Self {
            name,
            permissions: None,
            organizations: None,
            ip_allowlist: Networks::default(),
            expires_in_days: USUAL_DAYS,
        }
    }
}

fn few(networks: &Networks, (): &()) -> garde::Result {
    (networks.len() <= 100).then_some(()).ok_or_else(|| garde::Error::new("a key has at most 100 networks"))
}

const fn usual_days() -> i64 {
    USUAL_DAYS
}

const fn usual_overlap() -> i64 {
    USUAL_OVERLAP
}

/// How to rotate a key.
#[derive(Debug, Clone, Copy, Serialize, Deserialize, garde::Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Rotation {
    /// How long the present secret stays good; with 0 it is refused at once.
    #[garde(range(min = 0, max = 604_800))]
    #[serde(default = "usual_overlap")]
    #[schema(minimum = 0, maximum = 604_800, default = 86400)]
    pub overlap_seconds: i64,
    /// How many days the new one is good.
    #[garde(range(min = 1, max = 366))]
    #[serde(default = "usual_days")]
    #[schema(minimum = 1, maximum = 366, default = 90)]
    pub expires_in_days: i64,
}

/// A key with its text, which is shown this once.
#[derive(Serialize, Deserialize, ToSchema)]
pub struct IssuedKey {
    /// The key.
    #[serde(flatten)]
    pub about: ApiKey,
    /// What the program sends as bearer token.
    #[schema(format = "password", example = "elder_live_01h455vb4pex5vsknk084sn02q7_…")]
    pub key: String,
}
