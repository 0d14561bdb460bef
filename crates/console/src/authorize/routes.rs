//! `/authorize`.

use actix_web::{HttpRequest, HttpResponse};
use elder_access::{Guest, Visitor, flows};
use elder_applications::code::{Authorization, ask, issue};
use elder_http::{Problem, Query};

use crate::fault::see_other;

/// Sends a person back to an application with a code (RFC 6749 §4.1.2), once they are signed in to its tenant.
///
/// It asks nothing: the tenant has registered the application and where its people return to.
#[utoipa::path(get, path = "/authorize", tag = "Pages", operation_id = "pages.authorize", params(Authorization),
    responses((status = 303, description = "Back to the application with `code`, `state` and `iss` (RFC 9207), or to the \
            sign-in first."),
        (status = 400, description = "`invalid_parameter`; `validation_failed`: a URI that is not registered."),
        (status = 404, description = "`not_found`: the application.")))]
pub(crate) async fn show(
    visitor: Visitor,
    guest: Guest<flows::SignIn>,
    query: Query<Authorization>,
    request: HttpRequest,
) -> Result<HttpResponse, Problem> {
    let asking = ask(&guest, query.0).await?;
    match visitor.signed_in() {
        Some(myself) if myself.tenant() == asking.tenant => Ok(see_other(&issue(myself, &asking).await?)),
        _ => Ok(see_other(&format!("/sign-in?{}", request.query_string()))),
    }
}
