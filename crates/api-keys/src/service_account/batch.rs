//! Service accounts in batches.

use elder_access::{BatchOf, Event, Made, OrgGrant, TenantTx, markers::ServiceAccountsWrite};
use elder_http::Problem;

use super::{NewServiceAccount, ServiceAccountId, ServiceAccountPatch, service};

/// The service accounts of a tenant, and what the caller's roles in organizations give.
pub(crate) struct ServiceAccountBatch(pub(super) Vec<OrgGrant>);

impl BatchOf for ServiceAccountBatch {
    type Right = ServiceAccountsWrite;
    type Kind = elder_kernel::ServiceAccount;
    type New = NewServiceAccount;
    type Patch = ServiceAccountPatch;

    async fn create(
        &self,
        tx: &TenantTx<ServiceAccountsWrite>,
        new: NewServiceAccount,
    ) -> Result<Made<elder_kernel::ServiceAccount>, Problem> {
        let (made, event) = service::create(tx, &self.0, new).await?;
        Ok(Made::new(made.id, event))
    }

    async fn update(
        &self,
        tx: &TenantTx<ServiceAccountsWrite>,
        id: ServiceAccountId,
        patch: ServiceAccountPatch,
    ) -> Result<Option<Event>, Problem> {
        let (_, event) = service::update(tx, &self.0, id, patch).await?;
        Ok(event)
    }

    async fn delete(
        &self,
        tx: &TenantTx<ServiceAccountsWrite>,
        id: ServiceAccountId,
    ) -> Result<Option<Event>, Problem> {
        Ok(Some(service::delete(tx, &self.0, id).await?))
    }
}
