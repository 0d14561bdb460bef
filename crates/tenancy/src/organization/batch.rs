//! Organizations in batches.

use elder_access::{BatchOf, Event, Made, TenantTx, markers::OrganizationsWrite};
use elder_http::Problem;

use super::{NewOrganization, OrganizationId, OrganizationPatch, service};

/// The organizations of a tenant.
pub(crate) struct OrganizationBatch;

impl BatchOf for OrganizationBatch {
    type Right = OrganizationsWrite;
    type Kind = elder_kernel::Organization;
    type New = NewOrganization;
    type Patch = OrganizationPatch;

    async fn create(
        &self,
        tx: &TenantTx<OrganizationsWrite>,
        new: NewOrganization,
    ) -> Result<Made<elder_kernel::Organization>, Problem> {
        let (made, event) = service::create(tx, new).await?;
        Ok(Made::new(made.id, event))
    }

    async fn update(
        &self,
        tx: &TenantTx<OrganizationsWrite>,
        id: OrganizationId,
        patch: OrganizationPatch,
    ) -> Result<Option<Event>, Problem> {
        let (_, event) = service::update(tx, id, patch).await?;
        Ok(event)
    }

    async fn delete(
        &self,
        tx: &TenantTx<OrganizationsWrite>,
        id: OrganizationId,
    ) -> Result<Option<Event>, Problem> {
        Ok(Some(service::delete(tx, id).await?))
    }
}
