//! Whether somebody acts in another's name, and what of that other's rights is lent to them. Asked at every look-up, so
//! that it ends with the session, the account and the rights of who acts.

use std::sync::Arc;

use chrono::{DateTime, Utc};
use elder_api_types::{
    permission::Tier,
    role::{GlobalRole, Role},
};
use elder_kernel::{Id, TenantId};
use serde::Deserialize;
use uuid::Uuid;

use crate::{Row, database::DbError, permissions::PermissionSet, principal::Impersonator};

/// The columns that [`Hands::read`] reads, of the session `s`.
macro_rules! hands {
    () => {
        "s.actor_session_id is not null as is_lent,
           case when s.actor_session_id is not null
               then (select to_jsonb(a) from impersonator(s.id) as a) end as impersonator"
    };
}
pub(super) use hands;

/// In whose hands a session is.
pub(super) enum Hands {
    /// The person's own.
    Own,
    /// Somebody else's, who holds this much themselves.
    Lent(Impersonator, PermissionSet),
    /// Somebody's who may not act any more.
    Nobodys,
}

/// What the function `impersonator` gives.
#[derive(Deserialize)]
struct Found {
    tenant_id: TenantId,
    user_id: Uuid,
    session_id: Uuid,
    is_live: bool,
    ends_at: DateTime<Utc>,
    global_role: Option<GlobalRole>,
    tenant_role: Option<Role>,
    mapped: Vec<Role>,
    custom: Vec<String>,
}

impl Hands {
    /// Reads in whose hands a session of `tenant` is.
    pub(super) fn read(row: &Row, tenant: TenantId, now: DateTime<Utc>) -> Result<Self, DbError> {
        if !row.get::<bool>("is_lent")? {
            return Ok(Self::Own);
        }
        let Some(found) = row.get::<Option<serde_json::Value>>("impersonator")? else {
            return Ok(Self::Nobodys);
        };
        let found: Found = serde_json::from_value(found).map_err(|error| DbError::Driver(Arc::new(error)))?;
        if !found.is_live || found.ends_at <= now {
            return Ok(Self::Nobodys);
        }
        let holds = found.holds_in(tenant);
        let by = Impersonator {
            tenant: found.tenant_id,
            user: Id::from_uuid(found.user_id),
            session: Id::from_uuid(found.session_id),
        };
        Ok(Self::Lent(by, holds))
    }
}

impl Found {
    /// What they hold over the whole of `tenant`, by the roles that they have now.
    fn holds_in(&self, tenant: TenantId) -> PermissionSet {
        const TENANT_WIDE: &[Tier] = &[Tier::Tenant, Tier::Organization];
        let built_in = |level| PermissionSet::built_in(level, TENANT_WIDE);
        let beyond = self.global_role.map(|role| built_in(role.level())).unwrap_or_default();
        if self.tenant_id != tenant {
            return beyond;
        }
        let custom = PermissionSet::named(self.custom.iter().map(String::as_str), TENANT_WIDE);
        let roles = self.mapped.iter().copied().chain(self.tenant_role);
        roles.fold(beyond.union(custom), |set, role| set.union(built_in(role.level())))
    }
}
