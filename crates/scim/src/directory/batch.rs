//! Directories in batches.

use elder_access::{BatchOf, Event, Made, TenantTx, markers::DirectoriesWrite};
use elder_http::Problem;

use super::{DirectoryId, DirectoryPatch, NewDirectory, service};

/// The directories of a tenant.
pub(crate) struct DirectoryBatch;

impl BatchOf for DirectoryBatch {
    type Right = DirectoriesWrite;
    type Kind = elder_kernel::Directory;
    type New = NewDirectory;
    type Patch = DirectoryPatch;

    async fn create(
        &self,
        tx: &TenantTx<DirectoriesWrite>,
        new: NewDirectory,
    ) -> Result<Made<elder_kernel::Directory>, Problem> {
        let (made, event) = service::create(tx, new).await?;
        Ok(Made::new(made.id, event))
    }

    async fn update(
        &self,
        tx: &TenantTx<DirectoriesWrite>,
        id: DirectoryId,
        patch: DirectoryPatch,
    ) -> Result<Option<Event>, Problem> {
        let (_, event) = service::update(tx, id, patch).await?;
        Ok(event)
    }

    async fn delete(
        &self,
        tx: &TenantTx<DirectoriesWrite>,
        id: DirectoryId,
    ) -> Result<Option<Event>, Problem> {
        Ok(Some(service::delete(tx, id).await?))
    }
}
