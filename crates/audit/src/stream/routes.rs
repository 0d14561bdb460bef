//! `/api/v2/audit/streams`.

use actix_web::{HttpResponse, web::Data};
use elder_access::{
    Access, Fresh,
    markers::{AuditStreamsRead, AuditStreamsWrite},
};
use elder_http::{Json, ListQuery, Path, Problem, created, no_content, shown};
use elder_kernel::Page;

use super::{
    AuditStream, AuditStreamId, AuditStreamPatch, AuditStreamTest, AuditStreams, NewAuditStream, Targets,
    service,
};

/// Lists the streams of the tenant's audit log, with their health.
#[utoipa::path(get, path = "/api/v2/audit/streams", tag = "Audit streams", operation_id = "audit.streams.list",
    params(ListQuery<AuditStreams>),
    responses((status = 200, description = "A page of streams.", body = Page<AuditStream>)))]
pub(crate) async fn list(
    access: Access<AuditStreamsRead>,
    query: ListQuery<AuditStreams>,
) -> Result<HttpResponse, Problem> {
    let pager = access.pager(&query)?;
    pager.answer(service::list(&access.begin().await?, pager.selection()).await?)
}

/// Has the audit log carried elsewhere as it is sealed: in its order, each event at least once.
#[utoipa::path(post, path = "/api/v2/audit/streams", tag = "Audit streams", operation_id = "audit.streams.create",
    request_body = NewAuditStream,
    responses((status = 201, description = "The stream.", body = AuditStream),
        (status = 400, description = "`invalid_filter`; `validation_failed`: the target may not be called, or its \
            secret is missing or of no use."),
        (status = 409, description = "`already_exists`: another stream has the name; `conflict`: the tenant has 10.")))]
pub(crate) async fn create(
    access: Fresh<Access<AuditStreamsWrite>>,
    targets: Data<Targets>,
    body: Json<NewAuditStream>,
) -> Result<HttpResponse, Problem> {
    let tx = access.begin().await?;
    let (stream, event) = service::create(&tx, &targets, body.0).await?;
    tx.answer(event, created(&format!("/api/v2/audit/streams/{}", stream.id), &stream)).await
}

/// Shows a stream: how much of the log has arrived, and why it fails.
#[utoipa::path(get, path = "/api/v2/audit/streams/{stream_id}", tag = "Audit streams",
    operation_id = "audit.streams.get", params(("stream_id" = AuditStreamId, Path)),
    responses((status = 200, description = "The stream.", body = AuditStream),
        (status = 404, description = "`not_found`.")))]
pub(crate) async fn get(
    access: Access<AuditStreamsRead>,
    id: Path<AuditStreamId>,
) -> Result<HttpResponse, Problem> {
    let tx = access.begin().await?;
    Ok(shown(&service::get(&tx, id.0).await?))
}

/// Changes a stream. What has failed is tried again at once.
#[utoipa::path(patch, path = "/api/v2/audit/streams/{stream_id}", tag = "Audit streams",
    operation_id = "audit.streams.update", params(("stream_id" = AuditStreamId, Path)),
    request_body = AuditStreamPatch,
    responses((status = 200, description = "The stream.", body = AuditStream),
        (status = 400, description = "`invalid_filter`; `validation_failed`: the target may not be called, or its \
            secret is missing or of no use."),
        (status = 404, description = "`not_found`."),
        (status = 409, description = "`already_exists`: another stream has the name.")))]
pub(crate) async fn update(
    access: Fresh<Access<AuditStreamsWrite>>,
    targets: Data<Targets>,
    id: Path<AuditStreamId>,
    body: Json<AuditStreamPatch>,
) -> Result<HttpResponse, Problem> {
    let tx = access.begin().await?;
    let (stream, event) = service::update(&tx, &targets, id.0, body.0).await?;
    tx.answer(event, shown(&stream)).await
}

/// Ends a stream.
#[utoipa::path(delete, path = "/api/v2/audit/streams/{stream_id}", tag = "Audit streams",
    operation_id = "audit.streams.delete", params(("stream_id" = AuditStreamId, Path)),
    responses((status = 204, description = "It is gone."), (status = 404, description = "`not_found`.")))]
pub(crate) async fn delete(
    access: Access<AuditStreamsWrite>,
    id: Path<AuditStreamId>,
) -> Result<HttpResponse, Problem> {
    let tx = access.begin().await?;
    let event = service::delete(&tx, id.0).await?;
    tx.answer(event, no_content()).await
}

/// Sends a test to where a stream leads, and says whether it has arrived. The stream itself stays as it is.
#[utoipa::path(post, path = "/api/v2/audit/streams/{stream_id}/test", tag = "Audit streams",
    operation_id = "audit.streams.test", params(("stream_id" = AuditStreamId, Path)),
    responses((status = 200, description = "What came of it.", body = AuditStreamTest),
        (status = 404, description = "`not_found`.")))]
pub(crate) async fn test(
    access: Access<AuditStreamsWrite>,
    targets: Data<Targets>,
    id: Path<AuditStreamId>,
) -> Result<HttpResponse, Problem> {
    let tried = {
        let tx = access.begin().await?;
        service::tried(&tx, id.0).await?
    };
    let (test, event) = tried.send(&targets).await;
    let tx = access.begin().await?;
    tx.answer(event, shown(&test)).await
}
