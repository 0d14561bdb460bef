//! Entitlements in batches.

use elder_access::{BatchOf, Event, Made, TenantTx, markers::EntitlementsWrite};
use elder_http::Problem;

use super::{EntitlementId, EntitlementPatch, NewEntitlement, service};

/// The catalogue of a tenant.
pub(crate) struct EntitlementBatch;

impl BatchOf for EntitlementBatch {
    type Right = EntitlementsWrite;
    type Kind = elder_kernel::Entitlement;
    type New = NewEntitlement;
    type Patch = EntitlementPatch;

    async fn create(
        &self,
        tx: &TenantTx<EntitlementsWrite>,
        new: NewEntitlement,
    ) -> Result<Made<elder_kernel::Entitlement>, Problem> {
        let (made, event) = service::create(tx, new).await?;
        Ok(Made::new(made.id, event))
    }

    async fn update(
        &self,
        tx: &TenantTx<EntitlementsWrite>,
        id: EntitlementId,
        patch: EntitlementPatch,
    ) -> Result<Option<Event>, Problem> {
        let (_, event) = service::update(tx, id, patch).await?;
        Ok(event)
    }

    async fn delete(
        &self,
        tx: &TenantTx<EntitlementsWrite>,
        id: EntitlementId,
    ) -> Result<Option<Event>, Problem> {
        Ok(Some(service::delete(tx, id).await?))
    }
}
