//! Role mappings of a directory in batches.

use elder_access::{BatchOf, Event, Made, TenantTx, Unoffered, markers::DirectoriesWrite};
use elder_http::Problem;
use elder_kernel::RoleMapping as Kind;

use super::{NewRoleMapping, RoleMappingId, service};
use crate::directory::{self, DirectoryId};

/// The role mappings of a directory.
pub(crate) struct MappingBatch(pub(super) DirectoryId);

impl BatchOf for MappingBatch {
    type Right = DirectoriesWrite;
    type Kind = Kind;
    type New = NewRoleMapping;
    type Patch = Unoffered;

    async fn enter(&self, tx: &TenantTx<DirectoriesWrite>) -> Result<(), Problem> {
        directory::service::get(tx, self.0).await?;
        Ok(())
    }

    async fn create(
        &self,
        tx: &TenantTx<DirectoriesWrite>,
        new: NewRoleMapping,
    ) -> Result<Made<Kind>, Problem> {
        let (mapping, event) = service::create(tx, self.0, new).await?;
        Ok(Made::new(mapping.id, event))
    }

    async fn update(
        &self,
        _: &TenantTx<DirectoriesWrite>,
        _: RoleMappingId,
        patch: Unoffered,
    ) -> Result<Option<Event>, Problem> {
        match patch {}
    }

    async fn delete(
        &self,
        tx: &TenantTx<DirectoriesWrite>,
        id: RoleMappingId,
    ) -> Result<Option<Event>, Problem> {
        Ok(Some(service::delete(tx, (self.0, id)).await?))
    }
}
