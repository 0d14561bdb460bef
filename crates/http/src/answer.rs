//! The answers that are no errors.

use actix_web::{HttpResponse, HttpResponseBuilder, http::header};
use elder_kernel::EntityTag;
use serde::Serialize;

/// 200 with the resource and its tag; the envelope makes 304 of it for who knows this state already.
pub fn shown<T: Serialize>(resource: &T) -> HttpResponse {
    tagged(HttpResponse::Ok(), resource)
}

/// 201 with the resource, its tag, and where it is.
pub fn created<T: Serialize>(location: &str, resource: &T) -> HttpResponse {
    let mut answer = HttpResponse::Created();
    answer.insert_header((header::LOCATION, location));
    tagged(answer, resource)
}

/// 202: whatever comes of it is told by mail, and to nobody else.
pub fn accepted() -> HttpResponse {
    HttpResponse::Accepted().finish()
}

/// 204.
pub fn no_content() -> HttpResponse {
    HttpResponse::NoContent().finish()
}

fn tagged<T: Serialize>(mut answer: HttpResponseBuilder, resource: &T) -> HttpResponse {
    if let Some(tag) = EntityTag::of(resource) {
        answer.insert_header((header::ETAG, tag.quoted()));
    }
    answer.json(resource)
}
