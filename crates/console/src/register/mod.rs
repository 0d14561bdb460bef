//! Asking for an account.

pub(crate) mod routes;

use actix_web::{HttpRequest, web::Query};
use elder_kernel::Secret;
use serde::Deserialize;

/// The tenant that is meant, if the link that led here names one.
#[derive(Debug, Deserialize, garde::Validate)]
pub(crate) struct Meant {
    #[garde(inner(length(max = 100)))]
    tenant: Option<String>,
}

impl Meant {
    /// The name in the query of a form that was sent.
    fn of(request: &HttpRequest) -> Option<String> {
        let meant = Query::<Self>::from_query(request.query_string());
        meant.ok().and_then(|meant| meant.into_inner().tenant)
    }
}

/// What somebody typed who asks.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Asking {
    email: String,
    full_name: String,
    password: Secret<String>,
}
