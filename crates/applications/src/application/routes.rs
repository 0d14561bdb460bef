//! `/api/v2/applications`.

use actix_web::HttpResponse;
use elder_access::{
    Access, BatchAnswer, BatchRequest, Operations,
    markers::{ApplicationsRead, ApplicationsWrite},
};
use elder_http::{Json, ListQuery, Path, Problem, created, no_content, shown};
use elder_kernel::Page;

use super::{
    Application, ApplicationId, ApplicationPatch, Applications, NewApplication, batch::ApplicationBatch,
    service,
};

/// Lists applications.
#[utoipa::path(get, path = "/api/v2/applications", tag = "Applications", operation_id = "applications.list",
    params(ListQuery<Applications>),
    responses((status = 200, description = "A page of applications.", body = Page<Application>)))]
pub(crate) async fn list(
    access: Access<ApplicationsRead>,
    query: ListQuery<Applications>,
) -> Result<HttpResponse, Problem> {
    let pager = access.pager(&query)?;
    pager.answer(service::list(&access.begin().await?, pager.selection()).await?)
}

/// Registers an application, to which people may then return from a sign-in.
#[utoipa::path(post, path = "/api/v2/applications", tag = "Applications", operation_id = "applications.create",
    request_body = NewApplication,
    responses((status = 201, description = "The application.", body = Application),
        (status = 409, description = "`already_exists`: another one has this name.")))]
pub(crate) async fn create(
    access: Access<ApplicationsWrite>,
    body: Json<NewApplication>,
) -> Result<HttpResponse, Problem> {
    let tx = access.begin().await?;
    let (application, event) = service::create(&tx, body.0).await?;
    tx.answer(event, created(&format!("/api/v2/applications/{}", application.id), &application)).await
}

type BatchBody = BatchRequest<ApplicationId, NewApplication, ApplicationPatch>;

/// Registers, changes and deletes up to 1,000 applications: all or none, or each on its own.
#[utoipa::path(post, path = "/api/v2/applications/batch", tag = "Applications", operation_id = "applications.batch",
    request_body = BatchBody,
    responses((status = 200, description = "What became of each operation.", body = BatchAnswer),
        (status = 400, description = "`validation_failed`: the form of some operations is wrong."),
        (status = 413, description = "`payload_too_large`: past 10 MiB."),
        (status = 422, description = "`batch_failed`: an operation of an atomic batch; `index` and `error` say more."),
        (status = 429, description = "`rate_limited`: each operation costs one unit.")))]
pub(crate) async fn batch(
    access: Access<ApplicationsWrite>,
    operations: Operations<ApplicationBatch>,
) -> Result<HttpResponse, Problem> {
    access.batch(&ApplicationBatch, operations).await
}

/// Shows an application.
#[utoipa::path(get, path = "/api/v2/applications/{application_id}", tag = "Applications",
    operation_id = "applications.get", params(("application_id" = ApplicationId, Path)),
    responses((status = 200, description = "The application.", body = Application),
        (status = 404, description = "`not_found`.")))]
pub(crate) async fn get(
    access: Access<ApplicationsRead>,
    id: Path<ApplicationId>,
) -> Result<HttpResponse, Problem> {
    let tx = access.begin().await?;
    Ok(shown(&service::get(&tx, id.0).await?))
}

/// Changes an application.
#[utoipa::path(patch, path = "/api/v2/applications/{application_id}", tag = "Applications",
    operation_id = "applications.update", params(("application_id" = ApplicationId, Path)),
    request_body = ApplicationPatch,
    responses((status = 200, description = "The application.", body = Application),
        (status = 404, description = "`not_found`."),
        (status = 409, description = "`already_exists`: another one has this name.")))]
pub(crate) async fn update(
    access: Access<ApplicationsWrite>,
    id: Path<ApplicationId>,
    body: Json<ApplicationPatch>,
) -> Result<HttpResponse, Problem> {
    let tx = access.begin().await?;
    let (application, event) = service::update(&tx, id.0, body.0).await?;
    tx.answer(event, shown(&application)).await
}

/// Deletes an application. Nobody returns to it any more; sessions that it holds go on.
#[utoipa::path(delete, path = "/api/v2/applications/{application_id}", tag = "Applications",
    operation_id = "applications.delete", params(("application_id" = ApplicationId, Path)),
    responses((status = 204, description = "It is gone."), (status = 404, description = "`not_found`.")))]
pub(crate) async fn delete(
    access: Access<ApplicationsWrite>,
    id: Path<ApplicationId>,
) -> Result<HttpResponse, Problem> {
    let tx = access.begin().await?;
    let event = service::delete(&tx, id.0).await?;
    tx.answer(event, no_content()).await
}
