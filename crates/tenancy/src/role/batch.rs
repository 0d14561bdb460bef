//! Custom roles in batches.

use elder_access::{BatchOf, Event, Made, TenantTx, markers::RolesWrite};
use elder_http::Problem;

use super::{NewRole, RoleId, RolePatch, service};

/// The custom roles of a tenant.
pub(crate) struct RoleBatch;

impl BatchOf for RoleBatch {
    type Right = RolesWrite;
    type Kind = elder_kernel::Role;
    type New = NewRole;
    type Patch = RolePatch;

    async fn create(
        &self,
        tx: &TenantTx<RolesWrite>,
        new: NewRole,
    ) -> Result<Made<elder_kernel::Role>, Problem> {
        let ((id, _), event) = service::create(tx, new).await?;
        Ok(Made::new(id, event))
    }

    async fn update(
        &self,
        tx: &TenantTx<RolesWrite>,
        id: RoleId,
        patch: RolePatch,
    ) -> Result<Option<Event>, Problem> {
        let (_, event) = service::update(tx, id, patch).await?;
        Ok(event)
    }

    async fn delete(&self, tx: &TenantTx<RolesWrite>, id: RoleId) -> Result<Option<Event>, Problem> {
        Ok(Some(service::delete(tx, id).await?))
    }
}
