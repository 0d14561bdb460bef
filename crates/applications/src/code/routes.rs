//! `/api/v2/auth/token`.

use actix_web::HttpResponse;
use elder_access::{Guest, flows};
use elder_http::{Json, Problem};
use elder_portal_users::Tokens;

use super::{CodeExchange, service};

/// Exchanges a code, which is good once and for a minute, for the tokens of a new session. A code that is sent twice
/// ends the session that came of it.
#[utoipa::path(post, path = "/api/v2/auth/token", tag = "Sign-in", operation_id = "auth.token",
    request_body = CodeExchange,
    responses((status = 200, description = "The tokens of a new session.", body = Tokens),
        (status = 401, description = "`invalid_code`: unknown, used, too old, with another verifier or another URI, or \
            nobody is signed in any more by the session that it came of."),
        (status = 403, description = "`network_forbidden`."),
        (status = 409, description = "`session_limit`."),
        (status = 503, description = "`maintenance`.")))]
pub(crate) async fn exchange(
    guest: Guest<flows::CodeExchange>,
    body: Json<CodeExchange>,
) -> Result<HttpResponse, Problem> {
    Ok(HttpResponse::Ok().json(service::exchange(&guest, &body.0).await?))
}
