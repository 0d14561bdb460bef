//! `/scim/v2/Bulk`.

use actix_web::{HttpResponse, web::Data};
use elder_access::{Access, markers};
use elder_crypto::PasswordHasher;
use elder_http::{Json, Problem};
use elder_scim_protocol::bulk::{BulkRequest, BulkResponse};

use super::{
    MAX_OPERATIONS,
    service::{Target, run},
};
use crate::{
    Error,
    resource::routes::within,
    wire::{Call, Document, document::ScimBulk},
};

/// Does many operations, each for itself. `bulkId:` and the name of a POST stand for what it creates, also before it
/// and in circles. Each operation costs what the single request does.
#[utoipa::path(post, path = "/scim/v2/Bulk", tag = "SCIM", operation_id = "scim.bulk",
    request_body(content = ScimBulk, content_type = "application/scim+json"),
    responses((status = 200, description = "What became of each operation.", body = BulkResponse,
        content_type = "application/scim+json"),
        (status = 413, description = "`payload_too_large`: too many operations, or bytes.")))]
pub(crate) async fn bulk(
    access: Access<markers::ScimWrite>,
    call: Call,
    hasher: Data<PasswordHasher>,
    body: Json<Document>,
) -> Result<HttpResponse, Problem> {
    let asked = BulkRequest::parse(&body.0.0, MAX_OPERATIONS).map_err(Error::from)?;
    // The request itself has cost one.
    let more = u32::try_from(asked.entries.len()).unwrap_or(u32::MAX).saturating_sub(1);
    access.charge(call.request(), more).await?;
    let (within, base_url) = (within(&access)?, call.base_url());
    let target = Target { access: &access, hasher: &hasher, within, base_url };
    // Whether the request was answered before under its `Idempotency-Key`, is known before anything is done.
    drop(access.begin().await?);
    let answer = call.answer(HttpResponse::Ok(), &run(&target, asked).await?);
    access.keep(answer).await
}
