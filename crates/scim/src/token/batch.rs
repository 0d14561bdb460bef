//! Tokens of a directory in batches.

use elder_access::{BatchOf, Event, Made, TenantTx, Unoffered, markers::DirectoriesWrite};
use elder_http::Problem;
use elder_kernel::ScimToken as Kind;

use super::{NewScimToken, ScimTokenId, service};
use crate::directory::{self, DirectoryId};

/// The tokens of a directory.
pub(crate) struct TokenBatch(pub(super) DirectoryId);

impl BatchOf for TokenBatch {
    type Right = DirectoriesWrite;
    type Kind = Kind;
    type New = NewScimToken;
    type Patch = Unoffered;

    async fn enter(&self, tx: &TenantTx<DirectoriesWrite>) -> Result<(), Problem> {
        directory::service::get(tx, self.0).await?;
        Ok(())
    }

    async fn create(
        &self,
        tx: &TenantTx<DirectoriesWrite>,
        new: NewScimToken,
    ) -> Result<Made<Kind>, Problem> {
        let (issued, event) = service::create(tx, self.0, new).await?;
        Ok(Made::new(issued.about.id, event).with_secret(issued.token))
    }

    async fn update(
        &self,
        _: &TenantTx<DirectoriesWrite>,
        _: ScimTokenId,
        patch: Unoffered,
    ) -> Result<Option<Event>, Problem> {
        match patch {}
    }

    async fn delete(
        &self,
        tx: &TenantTx<DirectoriesWrite>,
        id: ScimTokenId,
    ) -> Result<Option<Event>, Problem> {
        Ok(service::revoke(tx, self.0, id).await?)
    }
}
