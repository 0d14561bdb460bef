//! What the running server says of itself: its OpenAPI document, and a page for every error code.

use std::sync::LazyLock;

use actix_web::{HttpResponse, http::header};
use elder_http::{Path, Problem, Public, RouteTable};
use elder_kernel::{ErrorCode, Mender};

/// The document never changes while the process lives.
static DOCUMENT: LazyLock<String> = LazyLock::new(|| crate::openapi().to_json().unwrap_or_default());

/// The routes of this file.
pub(crate) fn routes(table: &mut RouteTable) {
    elder_http::routes!(table; crate::reference => [document, problem]);
}

/// The OpenAPI document of every route.
#[utoipa::path(get, path = "/api/v2/openapi.json", tag = "Reference", operation_id = "reference.openapi",
    responses((status = 200, description = "OpenAPI 3.1.", content_type = "application/json")))]
pub(crate) async fn document(_: Public) -> HttpResponse {
    HttpResponse::Ok().content_type("application/json").body(DOCUMENT.as_str())
}

/// What an error code means, and who can mend it.
#[utoipa::path(get, path = "/problems/{code}", tag = "Reference", operation_id = "reference.problem",
    params(("code" = String, Path, description = "The `code` of a problem document.", example = "not_found")),
    responses((status = 200, description = "A page for people.", content_type = "text/html"),
        (status = 404, description = "`not_found`: there is no such code.")))]
pub(crate) async fn problem(_: Public, code: Path<String>) -> Result<HttpResponse, Problem> {
    let known = ErrorCode::ALL.iter().find(|known| known.slug() == code.0);
    let code = known.copied().ok_or_else(Problem::not_found)?;
    Ok(HttpResponse::Ok().insert_header((header::CONTENT_TYPE, "text/html; charset=utf-8")).body(page(code)))
}

/// Every word of it comes from the table, so nothing needs to be escaped.
fn page(code: ErrorCode) -> String {
    let mender = match code.mender() {
        Mender::Caller => "whoever sent the request",
        Mender::TenantAdmin => "an admin of the tenant",
        Mender::Operator => "who runs this server",
    };
    format!(
        "<!doctype html><html lang=\"en\"><title>{slug}</title><h1>{title}</h1>\
         <p>Code <code>{slug}</code>, status {status}.</p><p>It can be mended by {mender}.</p></html>",
        slug = code.slug(),
        title = code.title(),
        status = code.status(),
    )
}
