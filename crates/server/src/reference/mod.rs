//! What the running server says of itself: its OpenAPI document, pages to browse it, and a page for every error code.

mod browser;
mod problems;

use std::sync::LazyLock;

use actix_web::HttpResponse;
use elder_http::{Public, RouteTable};

/// The document never changes while the process lives.
static DOCUMENT: LazyLock<String> = LazyLock::new(|| crate::openapi().to_json().unwrap_or_default());

/// The document and the pages of the error codes.
pub(crate) fn routes(table: &mut RouteTable) {
    elder_http::routes!(table;
        crate::reference => [document],
        problems => [list, get],
    );
}

/// The pages that browse the document.
pub(crate) fn browser(table: &mut RouteTable) {
    elder_http::routes!(table; browser => [page, asset]);
}

/// The OpenAPI document of every route.
#[utoipa::path(get, path = "/api/v2/openapi.json", tag = "Reference", operation_id = "reference.openapi",
    responses((status = 200, description = "OpenAPI 3.1.", content_type = "application/json")))]
pub(crate) async fn document(_: Public) -> HttpResponse {
    HttpResponse::Ok().content_type("application/json").body(DOCUMENT.as_str())
}
