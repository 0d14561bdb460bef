//! Identity providers in batches.

use elder_access::{BatchOf, Event, Made, TenantTx, markers::IdpsWrite};
use elder_http::Problem;
use elder_kernel::IdentityProvider as Kind;

use super::{
    IdentityProviderId, IdentityProviderPatch, NewIdentityProvider,
    description::{Fetch, Prepared},
    service,
};
use crate::Providers;

/// The identity providers of a tenant.
pub(crate) struct IdpBatch(pub(crate) Providers);

impl BatchOf for IdpBatch {
    type Right = IdpsWrite;
    type Kind = Kind;
    type New = NewIdentityProvider;
    type Patch = IdentityProviderPatch;

    async fn create(
        &self,
        tx: &TenantTx<IdpsWrite>,
        new: NewIdentityProvider,
    ) -> Result<Made<Kind>, Problem> {
        let prepared = Box::pin(Prepared::for_new(&self.0, &new, Fetch::Never, tx.seam())).await?;
        let (made, event) = Box::pin(service::create(tx, &self.0, new, prepared)).await?;
        Ok(Made::new(made.id, event))
    }

    async fn update(
        &self,
        tx: &TenantTx<IdpsWrite>,
        id: IdentityProviderId,
        patch: IdentityProviderPatch,
    ) -> Result<Option<Event>, Problem> {
        let prepared = Box::pin(Prepared::for_patch(&self.0, &patch, Fetch::Never, tx.seam())).await?;
        let (_, event) = Box::pin(service::update(tx, &self.0, id, patch, prepared)).await?;
        Ok(event)
    }

    async fn delete(
        &self,
        tx: &TenantTx<IdpsWrite>,
        id: IdentityProviderId,
    ) -> Result<Option<Event>, Problem> {
        Ok(Some(service::delete(tx, id).await?))
    }
}
