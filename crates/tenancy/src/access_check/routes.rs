//! The route of access checks.

use actix_web::HttpResponse;
use elder_access::{Access, PermissionRow, markers::AccessCheck};
use elder_http::{Problem, Query, shown};

use super::{
    CheckQuery, Error, OwnKey, Verdict,
    service::{self, Asked, Question},
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
    let caller = || caller(&access);
    let other = user_id.filter(|user| access.user().is_none_or(|me| me.user != *user));
    let of = other.map(Asked::User).or_else(caller).ok_or(Error::NotFound)?;
    let question = Question { permission, organization: organization_id, of, is_covered };
    let verdict = service::check(&access.begin().await?, &question).await?;
    Ok(shown(&verdict))
}

/// The caller. A key asks for itself, and not for its owner, who may hold more.
fn caller(access: &Access<AccessCheck>) -> Option<Asked<'_>> {
    let person = access.user().map(|user| Asked::Caller(user.user, user.global_role));
    let key = |id| OwnKey { id, holds: access.holds(), grants: access.grants() };
    person.or_else(|| access.key().map(|id| Asked::Key(key(id))))
}
