//! What may happen to a domain.

mod recheck;
mod repository;

use elder_access::{
    Action, Authority, Change, Changes, Event, Found, TenantTx, Write,
    markers::{DomainsRead, DomainsWrite, PlatformTenantsWrite},
};
use elder_kernel::collection::Selection;

pub use self::recheck::check_domains_again;
use super::{Domain, DomainId, DomainName, Error, VerifiedBy, proof};

/// Who may say that a domain is verified: the tenant after its proof, the operator by hand.
pub trait VerifiesDomains: Authority<Mode = Write> {
    /// How it is verified by this right.
    const BY: VerifiedBy;
}

impl VerifiesDomains for DomainsWrite {
    const BY: VerifiedBy = VerifiedBy::Dns;
}
impl VerifiesDomains for PlatformTenantsWrite {
    const BY: VerifiedBy = VerifiedBy::Operator;
}

pub(super) async fn list(tx: &TenantTx<DomainsRead>, selection: &Selection) -> Result<Found<Domain>, Error> {
    Ok(repository::list(tx, tx.tenant(), selection).await?)
}

pub(super) async fn get<A: Authority>(tx: &TenantTx<A>, id: DomainId) -> Result<Domain, Error> {
    repository::find(tx, tx.tenant(), id).await?.ok_or(Error::NotFound)
}

/// Claims a domain. Whether another tenant has it verified shows only after the proof.
pub(super) async fn create(tx: &TenantTx<DomainsWrite>, name: &DomainName) -> Result<Change<Domain>, Error> {
    let token = tx.seam().uuid().simple().to_string();
    let domain = Domain {
        id: tx.seam().id(),
        domain: name.to_string(),
        proof: proof(name.as_str(), &token),
        verified_at: None,
        verified_by: None,
        missing_since: None,
        created_at: tx.seam().now(),
    };
    repository::insert(tx, tx.tenant(), &domain, &token).await?;
    let changes = Changes::default().new_field("domain", &domain.domain);
    let event = Event::on(Action::DomainClaimed, domain.id).changed(changes);
    Ok((domain, event))
}

/// Marks a domain as verified; no event if it was before.
///
/// # Errors
/// [`Error::Unavailable`] if it is verified for another tenant.
pub(crate) async fn verify<A: VerifiesDomains>(
    tx: &TenantTx<A>,
    id: DomainId,
) -> Result<(Domain, Option<Event>), Error> {
    let Some(domain) = repository::verify(tx, tx.tenant(), id, A::BY, tx.seam().now()).await? else {
        return Ok((get(tx, id).await?, None));
    };
    let event = Event::on(Action::DomainVerified, id).with("domain", &domain.domain).with("by", A::BY);
    Ok((domain, Some(event)))
}

pub(super) async fn delete(tx: &TenantTx<DomainsWrite>, id: DomainId) -> Result<Event, Error> {
    let domain = repository::delete(tx, tx.tenant(), id).await?.ok_or(Error::NotFound)?;
    tx.expect(&domain)?;
    Ok(Event::on(Action::DomainReleased, id).with("domain", domain.domain))
}
