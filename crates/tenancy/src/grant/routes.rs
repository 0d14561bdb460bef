//! The routes of grants.

use actix_web::HttpResponse;
use elder_access::{
    Access, Fresh, Operator,
    markers::{GrantsWrite, PlatformUsersWrite, UsersRead},
};
use elder_http::{Json, Path, Problem, shown};
use elder_kernel::TenantId;

use super::{Error, Grants, NewGlobalRole, NewGrants, UserId, service};

/// The number and the slug of System, where operators belong.
const SYSTEM: [&str; 2] = ["1", "system"];

/// Shows the roles that a user has over the tenant.
#[utoipa::path(get, path = "/api/v2/users/{user_id}/grants", tag = "Grants", operation_id = "grants.get",
    params(("user_id" = UserId, Path, description = "The user.")),
    responses((status = 200, description = "The roles.", body = Grants)))]
pub(crate) async fn get(access: Access<UsersRead>, user: Path<UserId>) -> Result<HttpResponse, Problem> {
    let grants = service::get(&access.begin().await?, user.0).await?;
    Ok(shown(&grants))
}

/// Gives a user these roles over the tenant and no others.
#[utoipa::path(put, path = "/api/v2/users/{user_id}/grants", tag = "Grants", operation_id = "grants.replace",
    params(("user_id" = UserId, Path, description = "The user.")), request_body = NewGrants,
    responses((status = 200, description = "The roles.", body = Grants),
        (status = 403, description = "`grant_exceeds_own`: this gives or takes what the caller does not hold. \
            `permission_denied`: nobody changes their own roles."),
        (status = 409, description = "`last_admin`: the tenant would have no active admin.")))]
pub(crate) async fn replace(
    access: Fresh<Access<GrantsWrite>>,
    user: Path<UserId>,
    body: Json<NewGrants>,
) -> Result<HttpResponse, Problem> {
    let tx = access.begin().await?;
    let (grants, event) = service::replace(&tx, user.0, body.0).await?;
    tx.answer(event, shown(&grants)).await
}

/// Appoints a user of System as an operator of the platform, or dismisses one.
#[utoipa::path(put, path = "/api/v2/global/users/{tenant}/{user_id}/global-role", tag = "Global administration",
    operation_id = "global_users.set_global_role",
    params(("tenant" = String, Path, description = "The slug or number of the tenant: System alone."),
        ("user_id" = UserId, Path, description = "The user.")),
    request_body = NewGlobalRole,
    responses((status = 200, description = "The roles.", body = Grants),
        (status = 403, description = "`permission_denied`: nobody changes their own roles."),
        (status = 409, description = "`last_admin`: the platform would have no active admin. \
            `conflict`: the user is not one of System.")))]
pub(crate) async fn set_global_role(
    operator: Fresh<Operator<PlatformUsersWrite>>,
    path: Path<(String, UserId)>,
    body: Json<NewGlobalRole>,
) -> Result<HttpResponse, Problem> {
    let (tenant, user) = path.0;
    if !SYSTEM.contains(&tenant.as_str()) {
        return Err(Error::NotInSystem.into());
    }
    let tx = operator.enter(TenantId::SYSTEM).await?;
    let (grants, event) = service::set_global_role(&tx, user, body.0.global_role).await?;
    tx.answer(event, shown(&grants)).await
}
