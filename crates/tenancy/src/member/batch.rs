//! Members in batches.

use elder_access::{BatchOf, Event, Made, OrgGrant, TenantTx, Unoffered, markers::MembersWrite};
use elder_http::Problem;
use elder_kernel::User;

use super::{Assignment, Error, Seat, service};
use crate::{
    grant::UserId,
    organization::{self, OrganizationId},
};

/// The members of an organization, and what the caller's roles in organizations give.
pub(crate) struct MemberBatch {
    pub(super) organization: OrganizationId,
    pub(super) own: Vec<OrgGrant>,
}

impl MemberBatch {
    fn seat(&self, user: UserId) -> Seat {
        Seat { organization: self.organization, user }
    }
}

impl BatchOf for MemberBatch {
    type Right = MembersWrite;
    type Kind = User;
    type New = Unoffered;
    type Patch = Assignment;

    async fn enter(&self, tx: &TenantTx<MembersWrite>) -> Result<(), Problem> {
        organization::line(tx, self.organization).await?;
        Ok(())
    }

    async fn create(&self, _: &TenantTx<MembersWrite>, new: Unoffered) -> Result<Made<User>, Problem> {
        match new {}
    }

    /// Gives a role, to whoever has none yet too: the PUT of the single call.
    async fn update(
        &self,
        tx: &TenantTx<MembersWrite>,
        user: UserId,
        role: Assignment,
    ) -> Result<Option<Event>, Problem> {
        let given = super::given(&role).ok_or(Error::OneRole)?;
        let (_, event) = service::assign(tx, &self.own, self.seat(user), given).await?;
        Ok(event)
    }

    async fn delete(&self, tx: &TenantTx<MembersWrite>, user: UserId) -> Result<Option<Event>, Problem> {
        Ok(Some(service::remove(tx, &self.own, self.seat(user)).await?))
    }
}
