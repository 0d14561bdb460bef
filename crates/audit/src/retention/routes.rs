//! `/api/v2/audit/retention`.

use actix_web::HttpResponse;
use elder_access::{
    Access,
    markers::{AuditRead, AuditRetentionWrite},
};
use elder_http::{Json, Problem, Query, shown};

use super::{AuditRetention, NewAuditRetention, RetentionPreview, RetentionPreviewQuery, service};

/// Shows for how long the tenant's audit events are kept.
#[utoipa::path(get, path = "/api/v2/audit/retention", tag = "Audit retention", operation_id = "audit.retention.get",
    responses((status = 200, description = "For how long, by category.", body = AuditRetention)))]
pub(crate) async fn get(access: Access<AuditRead>) -> Result<HttpResponse, Problem> {
    Ok(shown(&service::get(&access.begin().await?).await?))
}

/// Says for how long the tenant's audit events are kept. More days hold at once. Fewer, of any category, wait as `pending` until
/// a second person approves them, and are asked for by who has signed in, not by a key: then what is past its time goes within
/// the hour and does not come back. Look at the preview first. What a legal hold covers stays.
#[utoipa::path(put, path = "/api/v2/audit/retention", tag = "Audit retention", operation_id = "audit.retention.set",
    request_body = NewAuditRetention,
    responses((status = 200, description = "For how long, by category.", body = AuditRetention),
        (status = 400, description = "`validation_failed`: more days than the operator allows.")))]
pub(crate) async fn put(
    access: Access<AuditRetentionWrite>,
    body: Json<NewAuditRetention>,
) -> Result<HttpResponse, Problem> {
    let tx = access.begin().await?;
    let (retention, event) = service::put(&tx, body.0).await?;
    tx.answer(event, shown(&retention)).await
}

/// Approves fewer days that somebody else has asked for. Who asked cannot, and no API key; where there is no other admin, who
/// asked can after seven days.
#[utoipa::path(post, path = "/api/v2/audit/retention/approve", tag = "Audit retention",
    operation_id = "audit.retention.approve",
    responses((status = 200, description = "For how long, by category.", body = AuditRetention),
        (status = 409, description = "`conflict`: nothing waits.")))]
pub(crate) async fn approve(access: Access<AuditRetentionWrite>) -> Result<HttpResponse, Problem> {
    let tx = access.begin().await?;
    let (retention, event) = service::approve(&tx).await?;
    tx.answer(event, shown(&retention)).await
}

/// Rejects fewer days that were asked for, or takes them back. What holds stays.
#[utoipa::path(post, path = "/api/v2/audit/retention/reject", tag = "Audit retention",
    operation_id = "audit.retention.reject",
    responses((status = 200, description = "For how long, by category.", body = AuditRetention),
        (status = 409, description = "`conflict`: nothing waits.")))]
pub(crate) async fn reject(access: Access<AuditRetentionWrite>) -> Result<HttpResponse, Problem> {
    let tx = access.begin().await?;
    let (retention, event) = service::reject(&tx).await?;
    tx.answer(event, shown(&retention)).await
}

/// Counts what would go at once if events were kept for so long: with no number at all, by the retention that holds.
#[utoipa::path(get, path = "/api/v2/audit/retention/preview", tag = "Audit retention",
    operation_id = "audit.retention.preview", params(RetentionPreviewQuery),
    responses((status = 200, description = "How many events, by month and category.", body = RetentionPreview)))]
pub(crate) async fn preview(
    access: Access<AuditRead>,
    query: Query<RetentionPreviewQuery>,
) -> Result<HttpResponse, Problem> {
    Ok(shown(&service::preview(&access.begin().await?, &query.0).await?))
}
