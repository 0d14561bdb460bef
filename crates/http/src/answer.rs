//! The answers that are no errors.

use actix_web::{HttpRequest, HttpResponse, http::header};
use elder_kernel::Page;
use serde::Serialize;

/// 201 with the resource and where it is.
pub fn created<T: Serialize>(location: &str, resource: &T) -> HttpResponse {
    HttpResponse::Created().insert_header((header::LOCATION, location)).json(resource)
}

/// 204.
pub fn no_content() -> HttpResponse {
    HttpResponse::NoContent().finish()
}

/// A page, with a `Link` header (RFC 8288) to the next one.
pub fn listed<T: Serialize>(request: &HttpRequest, page: &Page<T>) -> HttpResponse {
    let mut answer = HttpResponse::Ok();
    if let Some(cursor) = &page.next_cursor {
        let others =
            request.query_string().split('&').filter(|pair| !pair.is_empty() && !pair.starts_with("cursor="));
        let query = others.chain([format!("cursor={cursor}").as_str()]).collect::<Vec<_>>().join("&");
        answer.insert_header((header::LINK, format!("<{}?{query}>; rel=\"next\"", request.path())));
    }
    answer.json(page)
}
