//! The routes of domains.

use actix_web::{HttpResponse, web::Data};
use elder_access::{
    Access, BatchAnswer, BatchRequest, Operations, Operator, Unoffered,
    markers::{DomainsRead, DomainsWrite, PlatformTenantsWrite},
};
use elder_http::{Json, ListQuery, Path, Problem, created, no_content, shown};
use elder_kernel::Page;

use super::{Domain, DomainId, DomainResolver, Domains, NewDomain, batch::DomainBatch, service};
use crate::platform::tenant::{self, TenantRef};

/// Lists the tenant's domains.
#[utoipa::path(get, path = "/api/v2/domains", tag = "Domains", operation_id = "domains.list", 
    params(ListQuery<Domains>),
    responses((status = 200, description = "A page of domains.", body = Page<Domain>)))]
pub(crate) async fn list(
    access: Access<DomainsRead>,
    query: ListQuery<Domains>,
) -> Result<HttpResponse, Problem> {
    let pager = access.pager(&query)?;
    pager.answer(service::list(&access.begin().await?, pager.selection()).await?)
}

/// Claims a domain. The answer says which DNS record proves it.
#[utoipa::path(post, path = "/api/v2/domains", tag = "Domains", operation_id = "domains.create",
    request_body = NewDomain, responses(
        (status = 201, description = "The domain, not verified yet.", body = Domain),
        (status = 409, description = "`already_exists`: the tenant has claimed it already.")))]
pub(crate) async fn create(
    access: Access<DomainsWrite>,
    body: Json<NewDomain>,
) -> Result<HttpResponse, Problem> {
    let tx = access.begin().await?;
    let (domain, event) = service::create(&tx, &body.0.domain).await?;
    tx.answer(event, created(&format!("/api/v2/domains/{}", domain.id), &domain)).await
}

type BatchBody = BatchRequest<DomainId, NewDomain, Unoffered>;

/// Claims and gives up up to 1,000 domains: all or none, or each on its own.
#[utoipa::path(post, path = "/api/v2/domains/batch", tag = "Domains", operation_id = "domains.batch",
    request_body = BatchBody,
    responses((status = 200, description = "What became of each operation.", body = BatchAnswer),
        (status = 400, description = "`validation_failed`: the form of some operations is wrong."),
        (status = 413, description = "`payload_too_large`: past 10 MiB."),
        (status = 422, description = "`batch_failed`: an operation of an atomic batch; `index` and `error` say more."),
        (status = 429, description = "`rate_limited`: each operation costs one unit.")))]
pub(crate) async fn batch(
    access: Access<DomainsWrite>,
    operations: Operations<DomainBatch>,
) -> Result<HttpResponse, Problem> {
    access.batch(&DomainBatch, operations).await
}

/// Shows a domain.
#[utoipa::path(get, path = "/api/v2/domains/{id}", tag = "Domains", operation_id = "domains.get",
    params(("id" = DomainId, Path, description = "The domain.")), responses(
        (status = 200, description = "The domain.", body = Domain),
        (status = 404, description = "`not_found`: there is none that can be reached.")))]
pub(crate) async fn get(access: Access<DomainsRead>, id: Path<DomainId>) -> Result<HttpResponse, Problem> {
    let domain = service::get(&access.begin().await?, id.0).await?;
    Ok(shown(&domain))
}

/// Gives a domain up.
#[utoipa::path(delete, path = "/api/v2/domains/{id}", tag = "Domains", operation_id = "domains.delete",
    params(("id" = DomainId, Path, description = "The domain.")), responses(
        (status = 204, description = "It is given up."),
        (status = 404, description = "`not_found`: there is none that can be reached.")))]
pub(crate) async fn delete(
    access: Access<DomainsWrite>,
    id: Path<DomainId>,
) -> Result<HttpResponse, Problem> {
    let tx = access.begin().await?;
    let event = service::delete(&tx, id.0).await?;
    tx.answer(event, no_content()).await
}

/// Looks for the DNS record and marks the domain as verified.
#[utoipa::path(post, path = "/api/v2/domains/{id}/verify", tag = "Domains", operation_id = "domains.verify",
    params(("id" = DomainId, Path, description = "The domain.")), responses(
        (status = 200, description = "The domain, verified.", body = Domain),
        (status = 404, description = "`not_found`: there is none that can be reached."),
        (status = 409, description = "`domain_proof_missing`: the record is not there (yet). \
            `domain_unavailable`: the domain is verified for another tenant.")))]
pub(crate) async fn verify(
    access: Access<DomainsWrite>,
    resolver: Data<DomainResolver>,
    id: Path<DomainId>,
) -> Result<HttpResponse, Problem> {
    // No connection is held while the DNS is asked.
    let claim = service::get(&access.begin().await?, id.0).await?;
    if claim.verified_at.is_some() {
        return Ok(shown(&claim));
    }
    resolver.find(&claim.proof).await?;
    let tx = access.begin().await?;
    let (domain, event) = service::verify(&tx, id.0).await?;
    tx.answer(event, shown(&domain)).await
}

/// Marks a tenant's domain as verified by hand.
#[utoipa::path(post, path = "/api/v2/global/tenants/{tenant}/domains/{id}/verify", tag = "Global tenants",
    operation_id = "global.tenants.domains.verify", params(
        ("tenant" = String, Path, description = "The tenant's slug or number."),
        ("id" = DomainId, Path, description = "The domain.")),
    responses(
        (status = 200, description = "The domain, verified.", body = Domain),
        (status = 404, description = "`not_found`: there is no such tenant or domain."),
        (status = 409, description = "`domain_unavailable`: the domain is verified for another tenant.")))]
pub(crate) async fn verify_by_hand(
    operator: Operator<PlatformTenantsWrite>,
    path: Path<(TenantRef, DomainId)>,
) -> Result<HttpResponse, Problem> {
    let (named, id) = path.0;
    let tenant = tenant::find(&operator.begin().await?, &named).await?.id;
    let tx = operator.enter(tenant).await?;
    let (domain, event) = service::verify(&tx, id).await?;
    tx.answer(event, shown(&domain)).await
}
