//! Assignments in batches.

use elder_access::{BatchOf, Event, Made, TenantTx, Unoffered, markers::EntitlementsAssign};
use elder_http::Problem;
use elder_kernel::EntitlementAssignment as Kind;

use super::{EntitlementAssignmentId, NewEntitlementAssignment, UserId, service};

/// What a user holds.
pub(crate) struct AssignmentBatch(pub(super) UserId);

impl BatchOf for AssignmentBatch {
    type Right = EntitlementsAssign;
    type Kind = Kind;
    type New = NewEntitlementAssignment;
    type Patch = Unoffered;

    async fn enter(&self, tx: &TenantTx<EntitlementsAssign>) -> Result<(), Problem> {
        Ok(service::hold(tx, self.0).await?)
    }

    async fn create(
        &self,
        tx: &TenantTx<EntitlementsAssign>,
        new: NewEntitlementAssignment,
    ) -> Result<Made<Kind>, Problem> {
        let (assignment, event) = service::create(tx, self.0, &new).await?;
        Ok(Made::new(assignment.id, event))
    }

    async fn update(
        &self,
        _: &TenantTx<EntitlementsAssign>,
        _: EntitlementAssignmentId,
        patch: Unoffered,
    ) -> Result<Option<Event>, Problem> {
        match patch {}
    }

    async fn delete(
        &self,
        tx: &TenantTx<EntitlementsAssign>,
        id: EntitlementAssignmentId,
    ) -> Result<Option<Event>, Problem> {
        Ok(Some(service::delete(tx, (self.0, id)).await?))
    }
}
