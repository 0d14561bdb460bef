//! Routes by which somebody acts in another's name.

use actix_web::HttpResponse;
use elder_access::{Access, Operator, markers};
use elder_http::{Json, Path, Problem};
use elder_kernel::{Id, User};

use super::{Impersonation, NewImpersonation, service};
use crate::{
    Error,
    account::UserId,
    global::{self, UserOfTenant},
};

/// Acts in a user's name for a while. Nothing that the caller does not hold is lent, nor anything about credentials,
/// factors, keys or rights; it ends with the caller's own session.
#[utoipa::path(post, path = "/api/v2/users/{user_id}/impersonate", tag = "Sessions",
    operation_id = "users.impersonate", params(("user_id" = UserId, Path)), request_body = NewImpersonation,
    responses((status = 200, description = "The token.", body = Impersonation),
        (status = 403, description = "`support_access_off`: for operators, unless the tenant allows it."),
        (status = 404, description = "`not_found`."),
        (status = 409, description = "`conflict`: it is the caller, or the user is not active.")))]
pub(crate) async fn impersonate(
    access: Access<markers::UsersImpersonate>,
    path: Path<Id<User>>,
    body: Json<NewImpersonation>,
) -> Result<HttpResponse, Problem> {
    let by = access.as_impersonator().ok_or(Error::NotFound)?;
    let tx = access.begin().await?;
    let (lent, event) = service::impersonate(&tx, by, path.0, &body.0).await?;
    tx.answer(event, HttpResponse::Ok().json(lent)).await
}

/// Acts in the name of a user of a tenant that allows operators to.
#[utoipa::path(post, path = "/api/v2/global/users/{tenant}/{user_id}/impersonate", tag = "Global users",
    operation_id = "global.users.impersonate",
    params(("tenant" = String, Path, description = "The tenant's slug or number."), ("user_id" = UserId, Path)),
    request_body = NewImpersonation,
    responses((status = 200, description = "The token.", body = Impersonation),
        (status = 403, description = "`support_access_off`: unless the tenant allows it."),
        (status = 404, description = "`not_found`."),
        (status = 409, description = "`conflict`: it is the caller, or the user is not active.")))]
pub(crate) async fn impersonate_in(
    operator: Operator<markers::PlatformUsersImpersonate>,
    path: Path<UserOfTenant>,
    body: Json<NewImpersonation>,
) -> Result<HttpResponse, Problem> {
    let by = operator.as_impersonator().ok_or(Error::NotFound)?;
    let tenant = global::service::tenant_named(&operator.begin().await?, &path.0.tenant).await?;
    let tx = operator.enter(tenant).await?;
    let (lent, event) = service::impersonate(&tx, by, path.0.user_id, &body.0).await?;
    tx.answer(event, HttpResponse::Ok().json(lent)).await
}
