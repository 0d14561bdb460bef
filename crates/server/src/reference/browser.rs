//! `/docs`: Swagger UI over this server's own document, from assets inside the binary.

use std::sync::Arc;

use actix_web::{
    HttpResponse,
    http::header::{self, ContentEncoding, ContentType},
};
use elder_http::{Path, Problem, Public};
use elder_kernel::ErrorCode;
use utoipa_swagger_ui::Config;

/// Everything comes from this server, and nothing stands in the page itself. `data:` images are let in because Swagger
/// UI's style sheet draws its arrows with them.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; \
    connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

const PAGE: &str = include_str!("docs.html");
const START: &str = include_str!("docs.js");

/// What the page needs of Swagger UI; the rest of it is not served.
const ASSETS: [&str; 3] = ["swagger-ui.css", "swagger-ui-bundle.js", "favicon-32x32.png"];

/// Shows the API for people to read and try.
#[utoipa::path(get, path = "/docs", tag = "Reference", operation_id = "reference.docs",
    responses((status = 200, description = "A page for people.", content_type = "text/html", body = String)))]
pub(crate) async fn page(_: Public) -> HttpResponse {
    HttpResponse::Ok()
        .content_type(ContentType::html())
        .insert_header((header::CONTENT_SECURITY_POLICY, POLICY))
        .body(PAGE)
}

/// Gives a file that the page of the API needs.
#[utoipa::path(get, path = "/docs/{file}", tag = "Reference", operation_id = "reference.docs.file",
    params(("file" = String, Path, description = "Its name.", example = "swagger-ui.css")),
    responses((status = 200, description = "The file.", content_type = "*/*", body = String),
        (status = 404, description = "`not_found`: the page needs no such file.")))]
pub(crate) async fn asset(_: Public, file: Path<String>) -> Result<HttpResponse, Problem> {
    let mut answer = HttpResponse::Ok();
    // A day: the names stay the same from one version of Elder to the next.
    answer.insert_header((header::CACHE_CONTROL, "public, max-age=86400"));
    if file.0 == "start.js" {
        return Ok(answer.content_type("text/javascript").body(START));
    }
    let name = ASSETS.into_iter().find(|name| *name == file.0).ok_or_else(Problem::not_found)?;
    let found = utoipa_swagger_ui::serve(name, Arc::new(Config::from("")));
    let found = found.map_err(|error| Problem::new(ErrorCode::InternalError, error.to_string()))?;
    let found = found.ok_or_else(Problem::not_found)?;
    if found.gzpipped {
        // Compressed when Elder was built. Every browser takes it (RFC 9110 §12.5.3 lets a server choose).
        answer.insert_header(ContentEncoding::Gzip);
    }
    Ok(answer.content_type(found.content_type).body(found.bytes))
}
