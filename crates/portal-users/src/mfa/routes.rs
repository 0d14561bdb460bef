//! Routes by which admins see and reset the second factors of their users.

use actix_web::HttpResponse;
use elder_access::{Access, Fresh, markers};
use elder_http::{Path, Problem, no_content, shown};
use elder_kernel::{Id, User};

use super::{MfaOverview, service};
use crate::account::UserId;

/// Shows which second factors a user has.
#[utoipa::path(get, path = "/api/v2/users/{user_id}/mfa", tag = "Users", operation_id = "users.mfa.get",
    params(("user_id" = UserId, Path)),
    responses((status = 200, description = "The factors.", body = MfaOverview),
        (status = 404, description = "`not_found`.")))]
pub(crate) async fn get(
    access: Access<markers::MfaRead>,
    path: Path<Id<User>>,
) -> Result<HttpResponse, Problem> {
    let tx = access.begin().await?;
    Ok(shown(&service::get(&tx, path.0).await?))
}

/// Takes a user's second factors and backup codes away, ends their sessions and tells them by mail. They set up others
/// themselves.
#[utoipa::path(post, path = "/api/v2/users/{user_id}/mfa/reset", tag = "Users", operation_id = "users.mfa.reset",
    params(("user_id" = UserId, Path)),
    responses((status = 204, description = "The user has a password alone."),
        (status = 403, description = "`grant_exceeds_own`: the user's roles go beyond the caller's own."),
        (status = 404, description = "`not_found`.")))]
pub(crate) async fn reset(
    access: Fresh<Access<markers::MfaWrite>>,
    path: Path<Id<User>>,
) -> Result<HttpResponse, Problem> {
    let tx = access.begin().await?;
    let event = service::reset(&tx, path.0).await?;
    tx.answer(event, no_content()).await
}
