//! The routes of feature flags.

use actix_web::HttpResponse;
use elder_access::{
    Access, Operator,
    markers::{FeatureFlagsRead, FeatureFlagsWrite, FeaturesRead},
};
use elder_http::{Json, ListQuery, Path, Problem, created, no_content, shown};
use elder_kernel::{Page, TenantId};

use super::{
    FeatureFlag, FeatureFlagPatch, FeatureFlags, Features, FlagName, NewFeatureFlag, NewTenantFlag,
    TenantFlag, service,
};
use crate::platform::tenant::{self, TenantRef};

/// Shows which feature flags are on for the tenant.
#[utoipa::path(get, path = "/api/v2/tenant/features", tag = "Tenant", operation_id = "tenant.features",
    responses((status = 200, description = "Every flag, and whether it is on.", body = Features)))]
pub(crate) async fn evaluated(access: Access<FeaturesRead>) -> Result<HttpResponse, Problem> {
    let features = service::evaluated(&access.begin().await?).await?;
    Ok(shown(&features))
}

/// Lists the feature flags.
#[utoipa::path(get, path = "/api/v2/global/feature-flags", tag = "Feature flags",
    operation_id = "global.feature_flags.list", params(ListQuery<FeatureFlags>),
    responses((status = 200, description = "A page of flags, by name.", body = Page<FeatureFlag>)))]
pub(crate) async fn list(
    operator: Operator<FeatureFlagsRead>,
    query: ListQuery<FeatureFlags>,
) -> Result<HttpResponse, Problem> {
    let pager = operator.pager(&query)?;
    pager.answer(service::list(&operator.begin().await?, pager.selection()).await?)
}

/// Defines a feature flag.
#[utoipa::path(post, path = "/api/v2/global/feature-flags", tag = "Feature flags",
    operation_id = "global.feature_flags.create", request_body = NewFeatureFlag, responses(
        (status = 201, description = "The flag.", body = FeatureFlag),
        (status = 409, description = "`already_exists`: another flag has the name.")))]
pub(crate) async fn create(
    operator: Operator<FeatureFlagsWrite>,
    body: Json<NewFeatureFlag>,
) -> Result<HttpResponse, Problem> {
    let tx = operator.begin().await?;
    let (flag, event) = service::create(&tx, body.0).await?;
    tx.answer(TenantId::SYSTEM, event, created(&format!("/api/v2/global/feature-flags/{}", flag.name), &flag))
        .await
}

/// Shows a feature flag.
#[utoipa::path(get, path = "/api/v2/global/feature-flags/{name}", tag = "Feature flags",
    operation_id = "global.feature_flags.get", params(("name" = String, Path, description = "The flag.")),
    responses(
        (status = 200, description = "The flag.", body = FeatureFlag),
        (status = 404, description = "`not_found`: there is no such flag.")))]
pub(crate) async fn get(
    operator: Operator<FeatureFlagsRead>,
    name: Path<FlagName>,
) -> Result<HttpResponse, Problem> {
    let flag = service::get(&operator.begin().await?, &name.0).await?;
    Ok(shown(&flag))
}

/// Changes a feature flag.
#[utoipa::path(patch, path = "/api/v2/global/feature-flags/{name}", tag = "Feature flags",
    operation_id = "global.feature_flags.update", params(("name" = String, Path, description = "The flag.")),
    request_body = FeatureFlagPatch, responses(
        (status = 200, description = "The flag.", body = FeatureFlag),
        (status = 404, description = "`not_found`: there is no such flag.")))]
pub(crate) async fn update(
    operator: Operator<FeatureFlagsWrite>,
    name: Path<FlagName>,
    body: Json<FeatureFlagPatch>,
) -> Result<HttpResponse, Problem> {
    let tx = operator.begin().await?;
    let (flag, event) = service::update(&tx, &name.0, body.0).await?;
    tx.answer(TenantId::SYSTEM, event, shown(&flag)).await
}

/// Deletes a feature flag and every tenant's value of it.
#[utoipa::path(delete, path = "/api/v2/global/feature-flags/{name}", tag = "Feature flags",
    operation_id = "global.feature_flags.delete", params(("name" = String, Path, description = "The flag.")),
    responses(
        (status = 204, description = "It is deleted."),
        (status = 404, description = "`not_found`: there is no such flag.")))]
pub(crate) async fn delete(
    operator: Operator<FeatureFlagsWrite>,
    name: Path<FlagName>,
) -> Result<HttpResponse, Problem> {
    let tx = operator.begin().await?;
    let event = service::delete(&tx, &name.0).await?;
    tx.answer(TenantId::SYSTEM, event, no_content()).await
}

/// Sets a feature flag for one tenant, or takes that value back with null.
#[utoipa::path(put, path = "/api/v2/global/feature-flags/{name}/tenants/{tenant}", tag = "Feature flags",
    operation_id = "global.feature_flags.set", params(
        ("name" = String, Path, description = "The flag."),
        ("tenant" = String, Path, description = "The tenant's slug or number.")),
    request_body = NewTenantFlag, responses(
        (status = 200, description = "The flag as it is for the tenant.", body = TenantFlag),
        (status = 404, description = "`not_found`: there is no such flag or tenant.")))]
pub(crate) async fn set(
    operator: Operator<FeatureFlagsWrite>,
    path: Path<(FlagName, TenantRef)>,
    body: Json<NewTenantFlag>,
) -> Result<HttpResponse, Problem> {
    let (name, named) = path.0;
    let tx = operator.begin().await?;
    let tenant = tenant::find(&tx, &named).await?.id;
    let (flag, event) = service::set(&tx, &name, tenant, body.0.value).await?;
    tx.answer(tenant, event, shown(&flag)).await
}
