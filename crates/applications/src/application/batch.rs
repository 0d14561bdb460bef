//! Applications in batches.

use elder_access::{BatchOf, Event, Made, TenantTx, markers::ApplicationsWrite};
use elder_http::Problem;

use super::{ApplicationId, ApplicationPatch, NewApplication, service};

/// The applications of a tenant.
pub(crate) struct ApplicationBatch;

impl BatchOf for ApplicationBatch {
    type Right = ApplicationsWrite;
    type Kind = elder_kernel::Application;
    type New = NewApplication;
    type Patch = ApplicationPatch;

    async fn create(
        &self,
        tx: &TenantTx<ApplicationsWrite>,
        new: NewApplication,
    ) -> Result<Made<elder_kernel::Application>, Problem> {
        let (made, event) = service::create(tx, new).await?;
        Ok(Made::new(made.id, event))
    }

    async fn update(
        &self,
        tx: &TenantTx<ApplicationsWrite>,
        id: ApplicationId,
        patch: ApplicationPatch,
    ) -> Result<Option<Event>, Problem> {
        let (_, event) = service::update(tx, id, patch).await?;
        Ok(event)
    }

    async fn delete(
        &self,
        tx: &TenantTx<ApplicationsWrite>,
        id: ApplicationId,
    ) -> Result<Option<Event>, Problem> {
        Ok(Some(service::delete(tx, id).await?))
    }
}
