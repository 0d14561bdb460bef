//! Invitations: whom a tenant waits for, and the roles that they shall have.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::{
    email::Email,
    ids::{InvitationId, OrganizationId, RoleId, UserId},
    role::Role,
};

/// For how many days an invitation is good if nobody says otherwise.
const USUAL_DAYS: i32 = 7;

/// An invitation.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Invitation {
    /// Its id.
    pub id: InvitationId,
    /// Who is invited.
    #[schema(value_type = String, format = "email", example = "ana@example.com")]
    pub email: Email,
    /// The built-in role over the tenant that the account will have.
    #[schema(required)]
    pub tenant_role: Option<Role>,
    /// The custom roles over the tenant that it will have.
    pub roles: Vec<RoleId>,
    /// The roles in organizations that it will have.
    pub organizations: Vec<OrganizationRole>,
    /// For how many days each of its links is good.
    pub days: i32,
    /// The user of the tenant who invites; null if that was none of them.
    #[schema(required)]
    pub invited_by: Option<UserId>,
    /// Until when it can be accepted.
    pub expires_at: DateTime<Utc>,
    /// When it was accepted; null while it waits.
    #[schema(required)]
    pub accepted_at: Option<DateTime<Utc>>,
    /// The user who came of it.
    #[schema(required)]
    pub accepted_by: Option<UserId>,
    /// When it was made.
    pub created_at: DateTime<Utc>,
    /// When it last changed.
    pub updated_at: DateTime<Utc>,
}

/// A role in an organization: a built-in or a custom one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, garde::Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct OrganizationRole {
    /// The organization.
    #[garde(skip)]
    pub organization_id: OrganizationId,
    /// A built-in role.
    #[garde(custom(one_of_two(self.role_id)))]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub role: Option<Role>,
    /// A custom role of the organization tier.
    #[garde(skip)]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub role_id: Option<RoleId>,
}

fn one_of_two(custom: Option<RoleId>) -> impl FnOnce(&Option<Role>, &()) -> garde::Result {
    move |built_in, &()| {
        let refused = || garde::Error::new("give either `role` or `role_id`");
        (built_in.is_some() != custom.is_some()).then_some(()).ok_or_else(refused)
    }
}

/// Who is to be invited, with roles no higher than the caller's own.
#[derive(Debug, Serialize, Deserialize, garde::Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewInvitation {
    /// Who is invited. One invitation waits for an address at a time.
    #[garde(skip)]
    #[schema(value_type = String, format = "email", example = "ana@example.com")]
    pub email: Email,
    /// A built-in role over the tenant.
    #[garde(skip)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tenant_role: Option<Role>,
    /// Custom roles over the tenant.
    #[serde(default)]
    #[garde(length(max = 50))]
    #[schema(max_items = 50)]
    pub roles: Vec<RoleId>,
    /// Roles in organizations, one in each.
    #[serde(default)]
    #[garde(length(max = 50), dive, custom(each_once))]
    #[schema(max_items = 50)]
    pub organizations: Vec<OrganizationRole>,
    /// For how many days the link is good. Default: 7.
    #[serde(default = "usual_days")]
    #[garde(range(min = 1, max = 30))]
    #[schema(minimum = 1, maximum = 30)]
    pub days: i32,
}

impl NewInvitation {
    /// An invitation without roles, good for the usual time.
    pub const fn of(email: Email) -> Self {
        Self { email, tenant_role: None, roles: Vec::new(), organizations: Vec::new(), days: USUAL_DAYS }
    }
}

const fn usual_days() -> i32 {
    USUAL_DAYS
}

fn each_once(roles: &[OrganizationRole], &(): &()) -> garde::Result {
    let mut ids: Vec<_> = roles.iter().map(|role| role.organization_id).collect();
    ids.sort_unstable();
    let is_repeated = ids.windows(2).any(|pair| matches!(pair, [one, other] if one == other));
    let refused = || garde::Error::new("name each organization once");
    (!is_repeated).then_some(()).ok_or_else(refused)
}
