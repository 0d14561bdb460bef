//! `/api/v2/global/identity-providers`.

use actix_web::{HttpResponse, web::Data};
use elder_access::{
    Fresh, Operator,
    markers::{PlatformIdpsRead, PlatformIdpsWrite},
};
use elder_http::{Json, ListQuery, Path, Problem, created, no_content, shown};
use elder_kernel::{Page, TenantId};

use crate::{
    Providers,
    idp::{
        GlobalIdentityProvider, GlobalIdentityProviders, IdentityProvider, IdentityProviderId,
        IdentityProviderPatch, NewIdentityProvider,
        description::{Fetch, Prepared},
        service,
    },
};

/// Lists the identity providers of all tenants, and the platform's own.
#[utoipa::path(get, path = "/api/v2/global/identity-providers", tag = "Global identity providers",
    operation_id = "global.idps.list", params(ListQuery<GlobalIdentityProviders>),
    responses((status = 200, description = "A page of identity providers.", body = Page<GlobalIdentityProvider>)))]
pub(crate) async fn list(
    operator: Operator<PlatformIdpsRead>,
    query: ListQuery<GlobalIdentityProviders>,
    providers: Data<Providers>,
) -> Result<HttpResponse, Problem> {
    let pager = operator.pager(&query)?;
    pager.answer(service::list_all(&operator.begin().await?, &providers, pager.selection()).await?)
}

/// Sets up an identity provider of the platform's own, by which the operator's staff signs in. No account of another tenant is
/// opened by it.
#[utoipa::path(post, path = "/api/v2/global/identity-providers", tag = "Global identity providers",
    operation_id = "global.idps.create", request_body = NewIdentityProvider,
    responses((status = 201, description = "The identity provider.", body = IdentityProvider),
        (status = 403, description = "`grant_exceeds_own`: it would give what the caller does not hold."),
        (status = 404, description = "`not_found`: a role or an organization of a rule is not there."),
        (status = 409, description = "`already_exists`: another one has the name."),
        (status = 502, description = "`provider_failed`: the metadata cannot be had from its address.")))]
pub(crate) async fn create(
    operator: Fresh<Operator<PlatformIdpsWrite>>,
    providers: Data<Providers>,
    body: Json<NewIdentityProvider>,
) -> Result<HttpResponse, Problem> {
    let prepared = Prepared::for_new(&providers, &body.0, Fetch::Now, operator.seam()).await?;
    let tx = operator.enter(TenantId::SYSTEM).await?;
    let (idp, event) = service::create(&tx, &providers, body.0, prepared).await?;
    tx.answer(event, created(&format!("/api/v2/global/identity-providers/{}", idp.id), &idp)).await
}

/// Shows an identity provider of any tenant.
#[utoipa::path(get, path = "/api/v2/global/identity-providers/{idp_id}", tag = "Global identity providers",
    operation_id = "global.idps.get", params(("idp_id" = IdentityProviderId, Path)),
    responses((status = 200, description = "The identity provider.", body = IdentityProvider),
        (status = 404, description = "`not_found`.")))]
pub(crate) async fn get(
    operator: Operator<PlatformIdpsRead>,
    id: Path<IdentityProviderId>,
    providers: Data<Providers>,
) -> Result<HttpResponse, Problem> {
    let tenant = service::tenant_of(&operator.begin().await?, id.0).await?;
    Ok(shown(&service::get(&operator.enter(tenant).await?, &providers, id.0).await?))
}

/// Changes an identity provider of any tenant. Another issuer needs the secret again.
#[utoipa::path(patch, path = "/api/v2/global/identity-providers/{idp_id}", tag = "Global identity providers",
    operation_id = "global.idps.update", params(("idp_id" = IdentityProviderId, Path)),
    request_body = IdentityProviderPatch,
    responses((status = 200, description = "The identity provider.", body = IdentityProvider),
        (status = 403, description = "`grant_exceeds_own`: it gives or gave what the caller does not hold."),
        (status = 404, description = "`not_found`: also a role or an organization of a rule."),
        (status = 409, description = "`already_exists`: another one has the name."),
        (status = 502, description = "`provider_failed`: the metadata cannot be had from its address.")))]
pub(crate) async fn update(
    operator: Fresh<Operator<PlatformIdpsWrite>>,
    providers: Data<Providers>,
    id: Path<IdentityProviderId>,
    body: Json<IdentityProviderPatch>,
) -> Result<HttpResponse, Problem> {
    let tenant = service::tenant_of(&operator.begin().await?, id.0).await?;
    let prepared = Prepared::for_patch(&providers, &body.0, Fetch::Now, operator.seam()).await?;
    let tx = operator.enter(tenant).await?;
    let (idp, event) = service::update(&tx, &providers, id.0, body.0, prepared).await?;
    tx.answer(event, shown(&idp)).await
}

/// Deletes an identity provider of any tenant. Accounts stay, what it gave them goes, their sessions by it end,
/// and nobody is known by it any more.
#[utoipa::path(delete, path = "/api/v2/global/identity-providers/{idp_id}", tag = "Global identity providers",
    operation_id = "global.idps.delete", params(("idp_id" = IdentityProviderId, Path)),
    responses((status = 204, description = "It is gone."),
        (status = 403, description = "`grant_exceeds_own`: it gave what the caller does not hold."),
        (status = 404, description = "`not_found`.")))]
pub(crate) async fn delete(
    operator: Fresh<Operator<PlatformIdpsWrite>>,
    id: Path<IdentityProviderId>,
) -> Result<HttpResponse, Problem> {
    let tenant = service::tenant_of(&operator.begin().await?, id.0).await?;
    let tx = operator.enter(tenant).await?;
    let event = service::delete(&tx, id.0).await?;
    tx.answer(event, no_content()).await
}
