//! The routes of roles and of the catalogue of permissions.

use actix_web::HttpResponse;
use elder_access::{
    Access, BatchAnswer, BatchRequest, Fresh, Operations,
    markers::{self, RolesRead, RolesWrite},
};
use elder_http::{Json, ListQuery, Path, Problem, created, no_content, shown};
use elder_kernel::Page;

use super::{
    NewRole, PermissionCatalogue, PermissionEntry, RoleDefinition, RoleId, RolePatch, Roles,
    batch::RoleBatch, service,
};

/// Lists the built-in roles, then the custom ones.
#[utoipa::path(get, path = "/api/v2/roles", tag = "Roles", operation_id = "roles.list", 
    params(ListQuery<Roles>),
    responses((status = 200, description = "A page of roles.", body = Page<RoleDefinition>)))]
pub(crate) async fn list(
    access: Access<RolesRead>,
    query: ListQuery<Roles>,
) -> Result<HttpResponse, Problem> {
    let pager = access.pager(&query)?;
    pager.answer(service::list(&access.begin().await?, pager.selection()).await?)
}

/// Creates a custom role.
#[utoipa::path(post, path = "/api/v2/roles", tag = "Roles", operation_id = "roles.create", request_body = NewRole,
    responses((status = 201, description = "The role.", body = RoleDefinition),
        (status = 403, description = "`grant_exceeds_own`: it would give what the caller does not hold."),
        (status = 409, description = "`already_exists`: another role has the name.")))]
pub(crate) async fn create(
    access: Fresh<Access<RolesWrite>>,
    body: Json<NewRole>,
) -> Result<HttpResponse, Problem> {
    let tx = access.begin().await?;
    let ((id, role), event) = service::create(&tx, body.0).await?;
    tx.answer(event, created(&format!("/api/v2/roles/{id}"), &role)).await
}

type BatchBody = BatchRequest<RoleId, NewRole, RolePatch>;

/// Creates, changes and deletes up to 1,000 custom roles: all or none, or each on its own.
#[utoipa::path(post, path = "/api/v2/roles/batch", tag = "Roles", operation_id = "roles.batch",
    request_body = BatchBody,
    responses((status = 200, description = "What became of each operation.", body = BatchAnswer),
        (status = 400, description = "`validation_failed`: the form of some operations is wrong."),
        (status = 413, description = "`payload_too_large`: past 10 MiB."),
        (status = 422, description = "`batch_failed`: an operation of an atomic batch; `index` and `error` say more."),
        (status = 429, description = "`rate_limited`: each operation costs one unit.")))]
pub(crate) async fn batch(
    access: Fresh<Access<RolesWrite>>,
    operations: Operations<RoleBatch>,
) -> Result<HttpResponse, Problem> {
    access.batch(&RoleBatch, operations).await
}

/// Shows a custom role.
#[utoipa::path(get, path = "/api/v2/roles/{role_id}", tag = "Roles", operation_id = "roles.get",
    params(("role_id" = RoleId, Path, description = "The role.")),
    responses((status = 200, description = "The role.", body = RoleDefinition)))]
pub(crate) async fn get(access: Access<RolesRead>, id: Path<RoleId>) -> Result<HttpResponse, Problem> {
    let role = service::get(&access.begin().await?, id.0).await?;
    Ok(shown(&role))
}

/// Changes a custom role, for everyone who has it.
#[utoipa::path(patch, path = "/api/v2/roles/{role_id}", tag = "Roles", operation_id = "roles.update",
    params(("role_id" = RoleId, Path, description = "The role.")), request_body = RolePatch,
    responses((status = 200, description = "The role.", body = RoleDefinition),
        (status = 403, description = "`grant_exceeds_own`: it gives or would give what the caller does not hold."),
        (status = 409, description = "`already_exists`: another role has the name.")))]
pub(crate) async fn update(
    access: Fresh<Access<RolesWrite>>,
    id: Path<RoleId>,
    body: Json<RolePatch>,
) -> Result<HttpResponse, Problem> {
    let tx = access.begin().await?;
    let (role, event) = service::update(&tx, id.0, body.0).await?;
    tx.answer(event, shown(&role)).await
}

/// Deletes a custom role that nobody has.
#[utoipa::path(delete, path = "/api/v2/roles/{role_id}", tag = "Roles", operation_id = "roles.delete",
    params(("role_id" = RoleId, Path, description = "The role.")),
    responses((status = 204, description = "It is deleted."),
        (status = 409, description = "`conflict`: somebody has it.")))]
pub(crate) async fn delete(access: Access<RolesWrite>, id: Path<RoleId>) -> Result<HttpResponse, Problem> {
    let tx = access.begin().await?;
    let event = service::delete(&tx, id.0).await?;
    tx.answer(event, no_content()).await
}

/// Lists every permission that there is.
#[utoipa::path(get, path = "/api/v2/permissions", tag = "Roles", operation_id = "permissions.list",
    responses((status = 200, description = "The catalogue.", body = PermissionCatalogue)))]
pub(crate) async fn permissions(_access: Access<RolesRead>) -> Result<HttpResponse, Problem> {
    let entry = |row: &&'static elder_access::PermissionRow| PermissionEntry {
        name: row.name.to_owned(),
        tier: row.tier,
        least_role: row.least,
        feature: row.feature,
        description: row.description.to_owned(),
    };
    Ok(shown(&PermissionCatalogue { data: markers::ALL.iter().map(entry).collect() }))
}
