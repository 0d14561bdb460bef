//! Legal holds: what must not be deleted, because a court or an authority may ask for it.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::ids::{LegalHoldId, OrganizationId, UserId};

/// What a hold covers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum HoldScope {
    /// All of the tenant.
    Tenant,
    /// An organization and those below it.
    Organization,
    /// A user.
    User,
}

impl HoldScope {
    /// Every name.
    pub const NAMES: &'static [&'static str] = &["tenant", "organization", "user"];

    /// The name on the wire and in the database.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Tenant => "tenant",
            Self::Organization => "organization",
            Self::User => "user",
        }
    }
}

/// A hold: while it is in force, nothing that it covers is deleted.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct LegalHold {
    /// Its id.
    pub id: LegalHoldId,
    /// What it covers.
    pub scope: HoldScope,
    /// The organization.
    #[schema(required)]
    pub organization_id: Option<OrganizationId>,
    /// The user.
    #[schema(required)]
    pub user_id: Option<UserId>,
    /// Why it is there: the case, the authority, who asked.
    #[schema(example = "Case 2026-114, letter of 3 November")]
    pub reason: String,
    /// Whether it is in force.
    pub is_in_force: bool,
    /// When it was put.
    pub created_at: DateTime<Utc>,
    /// Who put it; null if that was no person.
    #[schema(required)]
    pub created_by: Option<UserId>,
    /// When somebody asked that it be released; null if nobody does. It stays in force until a second person approves.
    #[schema(required)]
    pub release_asked_at: Option<DateTime<Utc>>,
    /// Who asked.
    #[schema(required)]
    pub release_asked_by: Option<UserId>,
    /// Why it shall be, or was, released.
    #[schema(required)]
    pub release_reason: Option<String>,
    /// When it was released; null while it is in force.
    #[schema(required)]
    pub released_at: Option<DateTime<Utc>>,
    /// Who approved that.
    #[schema(required)]
    pub released_by: Option<UserId>,
}

/// A hold to be put. It names an organization, a user, or neither: then it covers the whole tenant.
#[derive(Debug, Clone, Serialize, Deserialize, garde::Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewLegalHold {
    /// The organization that it covers, with those below it.
    #[garde(custom(alone(self.user_id)))]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub organization_id: Option<OrganizationId>,
    /// The user that it covers.
    #[garde(skip)]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub user_id: Option<UserId>,
    /// Why: the case, the authority, who asked.
    #[garde(length(chars, min = 1, max = 2_000))]
    #[schema(min_length = 1, max_length = 2_000)]
    pub reason: String,
}

/// Why a hold shall be released.
#[derive(Debug, Clone, Serialize, Deserialize, garde::Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct HoldRelease {
    /// Why: the end of the case, who said so.
    #[garde(length(chars, min = 1, max = 2_000))]
    #[schema(min_length = 1, max_length = 2_000)]
    pub reason: String,
}

fn alone(user: Option<UserId>) -> impl FnOnce(&Option<OrganizationId>, &()) -> garde::Result {
    let both = user.is_some();
    move |organization, ()| {
        let good = organization.is_none() || !both;
        good.then_some(()).ok_or_else(|| garde::Error::new("a hold is over an organization or over a user"))
    }
}
