//! `/authorize`.

use actix_web::{HttpRequest, HttpResponse};
use elder_access::{Guest, Visitor, flows};
use elder_applications::code::{Authorization, ask, issue};
use elder_http::{Problem, Query};

use crate::fault::{see_other, see_page};

/// Sends a person back to an application with a code (RFC 6749 §4.1.2), once they are signed in to its tenant.
///
/// It asks nothing: the tenant has registered the application and where its people return to.
#[utoipa::path(get, path = "/authorize")]
pub(crate) async fn show(
    visitor: Visitor,
    guest: Guest<flows::SignIn>,
    query: Query<Authorization>,
    request: HttpRequest,
) -> Result<HttpResponse, Problem> {
    let asking = ask(&guest, query.0).await?;
    match visitor.signed_in() {
        Some(myself) if myself.tenant() == asking.tenant => Ok(see_other(&issue(myself, &asking).await?)),
        _ => Ok(see_page(&request, &format!("/sign-in?{}", request.query_string()))),
    }
}
