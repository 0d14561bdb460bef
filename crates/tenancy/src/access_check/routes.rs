//! The route of access checks.

use actix_web::HttpResponse;
use elder_access::{Access, PermissionRow, markers::AccessCheck};
use elder_http::{Problem, Query, shown};

use super::{
    CheckQuery, Verdict,
    service::{self, Question},
};

/// Says whether somebody may do something, and by which assignment.
#[utoipa::path(get, path = "/api/v2/access/check", tag = "Access", operation_id = "access.check", params(CheckQuery),
    responses((status = 200, description = "Allowed or not, and why.", body = Verdict),
        (status = 404, description = "`not_found`: no such organization, or no such user.")))]
pub(crate) async fn check(
    access: Access<AccessCheck>,
    query: Query<CheckQuery>,
) -> Result<HttpResponse, Problem> {
    let CheckQuery { permission, organization_id, user_id } = query.0;
    let permission: &PermissionRow = permission.into();
    let is_covered = permission.feature.is_none_or(|feature| access.covers(feature));
    let question = Question { permission, organization: organization_id, user: user_id, is_covered };
    let visiting = access.user().and_then(|user| user.global_role);
    let verdict = service::check(&access.begin().await?, &question, visiting).await?;
    Ok(shown(&verdict))
}
