//! Conflicts of entitlements in batches.

use elder_access::{BatchOf, Event, Made, TenantTx, markers::EntitlementsWrite};
use elder_http::Problem;

use super::{EntitlementConflictId, EntitlementConflictPatch, NewEntitlementConflict, service};

/// The rules of a tenant.
pub(crate) struct ConflictBatch;

impl BatchOf for ConflictBatch {
    type Right = EntitlementsWrite;
    type Kind = elder_kernel::EntitlementConflict;
    type New = NewEntitlementConflict;
    type Patch = EntitlementConflictPatch;

    async fn create(
        &self,
        tx: &TenantTx<EntitlementsWrite>,
        new: NewEntitlementConflict,
    ) -> Result<Made<elder_kernel::EntitlementConflict>, Problem> {
        let (made, event) = service::create(tx, new).await?;
        Ok(Made::new(made.id, event))
    }

    async fn update(
        &self,
        tx: &TenantTx<EntitlementsWrite>,
        id: EntitlementConflictId,
        patch: EntitlementConflictPatch,
    ) -> Result<Option<Event>, Problem> {
        let (_, event) = service::update(tx, id, patch).await?;
        Ok(event)
    }

    async fn delete(
        &self,
        tx: &TenantTx<EntitlementsWrite>,
        id: EntitlementConflictId,
    ) -> Result<Option<Event>, Problem> {
        Ok(Some(service::delete(tx, id).await?))
    }
}
