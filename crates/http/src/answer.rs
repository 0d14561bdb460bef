//! The answers that are no errors.

use actix_web::{HttpResponse, http::header};
use serde::Serialize;

/// 201 with the resource and where it is.
pub fn created<T: Serialize>(location: &str, resource: &T) -> HttpResponse {
    HttpResponse::Created().insert_header((header::LOCATION, location)).json(resource)
}

/// 204.
pub fn no_content() -> HttpResponse {
    HttpResponse::NoContent().finish()
}
