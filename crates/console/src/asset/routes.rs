//! `/assets`.

use actix_web::{HttpResponse, http::header};
use elder_http::{Path, Problem, Public};
use elder_kernel::ErrorCode;

use super::asset;

/// Gives what a page loads.
#[utoipa::path(get, path = "/assets/{file}")]
pub(crate) async fn show(_: Public, file: Path<String>) -> Result<HttpResponse, Problem> {
    let (kind, content) = asset(&file.0)
        .ok_or_else(|| Problem::new(ErrorCode::RouteNotFound, "No page loads a file of this name."))?;
    Ok(HttpResponse::Ok()
        .content_type(kind)
        .insert_header((header::CACHE_CONTROL, "public, max-age=31536000, immutable"))
        .body(content.into_owned()))
}
