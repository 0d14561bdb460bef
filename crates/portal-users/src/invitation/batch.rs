//! Invitations in batches.

use std::sync::Arc;

use elder_access::{BatchOf, Event, Made, TenantTx, Unoffered, markers::InvitationsWrite};
use elder_http::{Problem, PublicUrl};

use super::{InvitationId, NewInvitation, service};

/// The invitations of a tenant, with where their links lead.
pub(crate) struct InvitationBatch(pub(super) Arc<PublicUrl>);

impl BatchOf for InvitationBatch {
    type Right = InvitationsWrite;
    type Kind = elder_kernel::Invitation;
    type New = NewInvitation;
    type Patch = Unoffered;

    async fn create(
        &self,
        tx: &TenantTx<InvitationsWrite>,
        new: NewInvitation,
    ) -> Result<Made<elder_kernel::Invitation>, Problem> {
        let (made, event) = service::create(tx, &self.0, new).await?;
        Ok(Made::new(made.id, event))
    }

    async fn update(
        &self,
        _: &TenantTx<InvitationsWrite>,
        _: InvitationId,
        patch: Unoffered,
    ) -> Result<Option<Event>, Problem> {
        match patch {}
    }

    async fn delete(
        &self,
        tx: &TenantTx<InvitationsWrite>,
        id: InvitationId,
    ) -> Result<Option<Event>, Problem> {
        Ok(Some(service::withdraw(tx, id).await?))
    }
}
