//! The routes of tenants as operators see them.

use actix_web::HttpResponse;
use elder_access::{
    Operator, PlatformTx,
    markers::{PlatformTenantsCreate, PlatformTenantsRead, PlatformTenantsWrite},
};
use elder_http::{Json, ListQuery, Path, Problem, created, shown};
use elder_kernel::Page;

use super::{
    Error, ManagedTenant, ManagedTenantPatch, NewTenant, ScheduleDeletion, TenantRef, TenantSearch, Tenants,
    service::{self, MaybeChange},
};
use crate::tenant::{self, Usage};

/// Lists and searches the tenants.
#[utoipa::path(get, path = "/api/v2/global/tenants", tag = "Global tenants",
    operation_id = "global.tenants.list", params(ListQuery<Tenants, TenantSearch>),
    responses((status = 200, description = "A page of tenants.", body = Page<ManagedTenant>)))]
pub(crate) async fn list(
    operator: Operator<PlatformTenantsRead>,
    query: ListQuery<Tenants, TenantSearch>,
) -> Result<HttpResponse, Problem> {
    let pager = operator.pager(&query)?;
    let tx = operator.begin().await?;
    pager.answer(service::list(&tx, query.more.search.as_deref(), pager.selection()).await?)
}

/// Creates a tenant with the settings of the template.
#[utoipa::path(post, path = "/api/v2/global/tenants", tag = "Global tenants",
    operation_id = "global.tenants.create", request_body = NewTenant, responses(
        (status = 201, description = "The tenant.", body = ManagedTenant),
        (status = 402, description = "`license_required`: the licence covers System alone."),
        (status = 409, description = "`already_exists`: another tenant has the slug.")))]
pub(crate) async fn create(
    operator: Operator<PlatformTenantsCreate>,
    body: Json<NewTenant>,
) -> Result<HttpResponse, Problem> {
    let tx = operator.begin().await?;
    let (tenant, event) = service::create(&tx, body.0).await?;
    tx.answer(tenant.id, event, created(&format!("/api/v2/global/tenants/{}", tenant.id), &tenant)).await
}

/// Shows a tenant.
#[utoipa::path(get, path = "/api/v2/global/tenants/{tenant}", tag = "Global tenants",
    operation_id = "global.tenants.get",
    params(("tenant" = String, Path, description = "The tenant's slug or number.")), responses(
        (status = 200, description = "The tenant.", body = ManagedTenant),
        (status = 404, description = "`not_found`: there is no such tenant.")))]
pub(crate) async fn get(
    operator: Operator<PlatformTenantsRead>,
    named: Path<TenantRef>,
) -> Result<HttpResponse, Problem> {
    let tenant = service::find(&operator.begin().await?, &named.0).await?;
    Ok(shown(&tenant))
}

/// Changes a tenant.
#[utoipa::path(patch, path = "/api/v2/global/tenants/{tenant}", tag = "Global tenants",
    operation_id = "global.tenants.update", request_body = ManagedTenantPatch,
    params(("tenant" = String, Path, description = "The tenant's slug or number.")), responses(
        (status = 200, description = "The tenant.", body = ManagedTenant),
        (status = 404, description = "`not_found`: there is no such tenant."),
        (status = 409, description = "`already_exists`: another tenant has the slug. \
            `system_tenant`: System keeps its slug.")))]
pub(crate) async fn update(
    operator: Operator<PlatformTenantsWrite>,
    named: Path<TenantRef>,
    body: Json<ManagedTenantPatch>,
) -> Result<HttpResponse, Problem> {
    change(&operator, &named.0, async |tx, tenant| service::update(tx, tenant, body.0).await).await
}

/// Shows what a tenant uses.
#[utoipa::path(get, path = "/api/v2/global/tenants/{tenant}/usage", tag = "Global tenants",
    operation_id = "global.tenants.usage",
    params(("tenant" = String, Path, description = "The tenant's slug or number.")), responses(
        (status = 200, description = "What it uses.", body = Usage),
        (status = 404, description = "`not_found`: there is no such tenant.")))]
pub(crate) async fn usage(
    operator: Operator<PlatformTenantsRead>,
    named: Path<TenantRef>,
) -> Result<HttpResponse, Problem> {
    let id = service::find(&operator.begin().await?, &named.0).await?.id;
    let usage = tenant::usage(&operator.enter(id).await?).await?;
    Ok(shown(&usage))
}

/// Lets a tenant's people and tokens in again.
#[utoipa::path(post, path = "/api/v2/global/tenants/{tenant}/activate", tag = "Global tenants",
    operation_id = "global.tenants.activate",
    params(("tenant" = String, Path, description = "The tenant's slug or number.")), responses(
        (status = 200, description = "The tenant, active.", body = ManagedTenant),
        (status = 404, description = "`not_found`: there is no such tenant.")))]
pub(crate) async fn activate(
    operator: Operator<PlatformTenantsWrite>,
    named: Path<TenantRef>,
) -> Result<HttpResponse, Problem> {
    change(&operator, &named.0, service::activate).await
}

/// Ends a tenant's sessions and refuses its tokens, at once.
#[utoipa::path(post, path = "/api/v2/global/tenants/{tenant}/deactivate", tag = "Global tenants",
    operation_id = "global.tenants.deactivate",
    params(("tenant" = String, Path, description = "The tenant's slug or number.")), responses(
        (status = 200, description = "The tenant, not active.", body = ManagedTenant),
        (status = 404, description = "`not_found`: there is no such tenant."),
        (status = 409, description = "`system_tenant`: System cannot be deactivated.")))]
pub(crate) async fn deactivate(
    operator: Operator<PlatformTenantsWrite>,
    named: Path<TenantRef>,
) -> Result<HttpResponse, Problem> {
    change(&operator, &named.0, service::deactivate).await
}

/// Sets the day on which a tenant and every row of it are removed.
#[utoipa::path(post, path = "/api/v2/global/tenants/{tenant}/schedule-deletion", tag = "Global tenants",
    operation_id = "global.tenants.schedule_deletion", request_body = ScheduleDeletion,
    params(("tenant" = String, Path, description = "The tenant's slug or number.")), responses(
        (status = 200, description = "The tenant, and when it will be removed.", body = ManagedTenant),
        (status = 404, description = "`not_found`: there is no such tenant."),
        (status = 409, description = "`system_tenant`: System stays. `legal_hold`: nothing of it may go.")))]
pub(crate) async fn schedule_deletion(
    operator: Operator<PlatformTenantsWrite>,
    named: Path<TenantRef>,
    body: Json<ScheduleDeletion>,
) -> Result<HttpResponse, Problem> {
    let days = body.0.after_days;
    change(&operator, &named.0, async |tx, tenant| service::schedule_deletion(tx, tenant, days).await).await
}

/// Takes the deletion of a tenant back.
#[utoipa::path(post, path = "/api/v2/global/tenants/{tenant}/cancel-deletion", tag = "Global tenants",
    operation_id = "global.tenants.cancel_deletion",
    params(("tenant" = String, Path, description = "The tenant's slug or number.")), responses(
        (status = 200, description = "The tenant, which stays.", body = ManagedTenant),
        (status = 404, description = "`not_found`: there is no such tenant.")))]
pub(crate) async fn cancel_deletion(
    operator: Operator<PlatformTenantsWrite>,
    named: Path<TenantRef>,
) -> Result<HttpResponse, Problem> {
    change(&operator, &named.0, service::cancel_deletion).await
}

async fn change(
    operator: &Operator<PlatformTenantsWrite>,
    named: &TenantRef,
    change: impl AsyncFnOnce(&PlatformTx<PlatformTenantsWrite>, &TenantRef) -> Result<MaybeChange, Error>,
) -> Result<HttpResponse, Problem> {
    let tx = operator.begin().await?;
    let (tenant, event) = change(&tx, named).await?;
    tx.answer(tenant.id, event, shown(&tenant)).await
}
