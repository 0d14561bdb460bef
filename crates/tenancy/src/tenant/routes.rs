//! The routes of a tenant's own people.

use actix_web::HttpResponse;
use elder_access::{
    Access, Fresh,
    markers::{TenantRead, TenantWrite, UsageRead},
};
use elder_http::{Json, Problem, shown};

use super::{Tenant, TenantPatch, Usage, service};

/// Shows the tenant and its settings.
#[utoipa::path(get, path = "/api/v2/tenant", tag = "Tenant", operation_id = "tenant.get",
    responses((status = 200, description = "The tenant.", body = Tenant)))]
pub(crate) async fn get(access: Access<TenantRead>) -> Result<HttpResponse, Problem> {
    let tenant = service::get(&access.begin().await?).await?;
    Ok(shown(&tenant))
}

/// Changes the tenant's name and settings.
#[utoipa::path(patch, path = "/api/v2/tenant", tag = "Tenant", operation_id = "tenant.update",
    request_body = TenantPatch, responses((status = 200, description = "The tenant.", body = Tenant)))]
pub(crate) async fn update(
    access: Fresh<Access<TenantWrite>>,
    body: Json<TenantPatch>,
) -> Result<HttpResponse, Problem> {
    let tx = access.begin().await?;
    let (tenant, event) = service::update(&tx, body.0, access.is_own_tenant()).await?;
    tx.answer(event, shown(&tenant)).await
}

/// Shows what the tenant uses.
#[utoipa::path(get, path = "/api/v2/tenant/usage", tag = "Tenant", operation_id = "tenant.usage",
    responses((status = 200, description = "What the tenant uses.", body = Usage)))]
pub(crate) async fn usage(access: Access<UsageRead>) -> Result<HttpResponse, Problem> {
    let usage = service::usage(&access.begin().await?).await?;
    Ok(shown(&usage))
}
