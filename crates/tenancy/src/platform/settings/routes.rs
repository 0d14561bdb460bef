//! The routes of the platform's settings.

use actix_web::HttpResponse;
use elder_access::{
    Operator,
    markers::{PlatformSettingsRead, PlatformSettingsWrite},
};
use elder_http::{Json, Problem, shown};
use elder_kernel::TenantId;

use super::{PlatformSettings, PlatformSettingsPatch, service};
use crate::settings::TenantSettings;

/// Shows the platform's settings.
#[utoipa::path(get, path = "/api/v2/global/settings", tag = "Platform", operation_id = "global.settings.get",
    responses((status = 200, description = "The settings.", body = PlatformSettings)))]
pub(crate) async fn get(operator: Operator<PlatformSettingsRead>) -> Result<HttpResponse, Problem> {
    let settings = service::get(&operator.begin().await?).await?;
    Ok(shown(&settings))
}

/// Changes the platform's settings, and begins and ends maintenance.
#[utoipa::path(patch, path = "/api/v2/global/settings", tag = "Platform", operation_id = "global.settings.update",
    request_body = PlatformSettingsPatch,
    responses((status = 200, description = "The settings.", body = PlatformSettings)))]
pub(crate) async fn update(
    operator: Operator<PlatformSettingsWrite>,
    body: Json<PlatformSettingsPatch>,
) -> Result<HttpResponse, Problem> {
    let tx = operator.begin().await?;
    let (settings, event) = service::update(&tx, body.0).await?;
    tx.answer(TenantId::SYSTEM, event, shown(&settings)).await
}

/// Shows the settings with which new tenants begin.
#[utoipa::path(get, path = "/api/v2/global/settings/tenant-template", tag = "Platform",
    operation_id = "global.settings.tenant_template.get",
    responses((status = 200, description = "The template.", body = TenantSettings)))]
pub(crate) async fn template(operator: Operator<PlatformSettingsRead>) -> Result<HttpResponse, Problem> {
    let template = service::template(&operator.begin().await?).await?;
    Ok(shown(&template))
}

/// Replaces the settings with which new tenants begin.
#[utoipa::path(put, path = "/api/v2/global/settings/tenant-template", tag = "Platform",
    operation_id = "global.settings.tenant_template.replace", request_body = TenantSettings,
    responses((status = 200, description = "The template.", body = TenantSettings)))]
pub(crate) async fn replace_template(
    operator: Operator<PlatformSettingsWrite>,
    body: Json<TenantSettings>,
) -> Result<HttpResponse, Problem> {
    let tx = operator.begin().await?;
    let (template, event) = service::replace_template(&tx, body.0).await?;
    tx.answer(TenantId::SYSTEM, event, shown(&template)).await
}
