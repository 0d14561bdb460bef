//! Domains in batches.

use elder_access::{BatchOf, Event, Made, TenantTx, Unoffered, markers::DomainsWrite};
use elder_http::Problem;

use super::{DomainId, NewDomain, service};

/// The domains of a tenant.
pub(crate) struct DomainBatch;

impl BatchOf for DomainBatch {
    type Right = DomainsWrite;
    type Kind = elder_kernel::Domain;
    type New = NewDomain;
    type Patch = Unoffered;

    async fn create(
        &self,
        tx: &TenantTx<DomainsWrite>,
        new: NewDomain,
    ) -> Result<Made<elder_kernel::Domain>, Problem> {
        let (made, event) = service::create(tx, &new.domain).await?;
        Ok(Made::new(made.id, event))
    }

    async fn update(
        &self,
        _: &TenantTx<DomainsWrite>,
        _: DomainId,
        patch: Unoffered,
    ) -> Result<Option<Event>, Problem> {
        match patch {}
    }

    async fn delete(&self, tx: &TenantTx<DomainsWrite>, id: DomainId) -> Result<Option<Event>, Problem> {
        Ok(Some(service::delete(tx, id).await?))
    }
}
