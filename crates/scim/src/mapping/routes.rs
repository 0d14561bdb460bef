//! `/api/v2/directories/{dir_id}/role-mappings`.

use actix_web::HttpResponse;
use elder_access::{Access, BatchAnswer, BatchRequest, Fresh, Operations, Unoffered, markers};
use elder_http::{Json, ListQuery, Path, Problem, created, no_content};
use elder_kernel::Page;

use super::{NewRoleMapping, RoleMapping, RoleMappingId, RoleMappings, batch::MappingBatch, service};
use crate::directory::DirectoryId;

/// Lists the roles that a directory gives, and to whom.
#[utoipa::path(get, path = "/api/v2/directories/{dir_id}/role-mappings", tag = "Directories",
    operation_id = "directories.role_mappings.list",
    params(("dir_id" = DirectoryId, Path), ListQuery<RoleMappings>),
    responses((status = 200, description = "A page of role mappings.", body = Page<RoleMapping>)))]
pub(crate) async fn list(
    access: Access<markers::DirectoriesRead>,
    directory: Path<DirectoryId>,
    query: ListQuery<RoleMappings>,
) -> Result<HttpResponse, Problem> {
    let pager = access.pager(&query)?;
    let tx = access.begin().await?;
    pager.answer(service::list(&tx, directory.0, pager.selection()).await?)
}

/// Lets a directory give a role: to the users of a group, or to those of whom it says something. They have it at once,
/// and lose it as soon as the directory does not say so any more.
#[utoipa::path(post, path = "/api/v2/directories/{dir_id}/role-mappings", tag = "Directories",
    operation_id = "directories.role_mappings.create", params(("dir_id" = DirectoryId, Path)),
    request_body = NewRoleMapping,
    responses((status = 201, description = "The role mapping.", body = RoleMapping),
        (status = 403, description = "`grant_exceeds_own`: the role gives what the caller does not hold."),
        (status = 409, description = "`already_exists`: the directory gives this role to these people already.")))]
pub(crate) async fn create(
    access: Fresh<Access<markers::DirectoriesWrite>>,
    directory: Path<DirectoryId>,
    body: Json<NewRoleMapping>,
) -> Result<HttpResponse, Problem> {
    let tx = access.begin().await?;
    let (mapping, event) = service::create(&tx, directory.0, body.0).await?;
    let place = format!("/api/v2/directories/{}/role-mappings/{}", directory.0, mapping.id);
    tx.answer(event, created(&place, &mapping)).await
}

type BatchBody = BatchRequest<RoleMappingId, NewRoleMapping, Unoffered>;

/// Makes and deletes up to 1,000 role mappings of a directory: all or none, or each on its own.
#[utoipa::path(post, path = "/api/v2/directories/{dir_id}/role-mappings/batch", tag = "Directories",
    operation_id = "directories.role_mappings.batch",
    params(("dir_id" = DirectoryId, Path)), request_body = BatchBody,
    responses((status = 200, description = "What became of each operation.", body = BatchAnswer),
        (status = 400, description = "`validation_failed`: the form of some operations is wrong."),
        (status = 413, description = "`payload_too_large`: past 10 MiB."),
        (status = 422, description = "`batch_failed`: an operation of an atomic batch; `index` and `error` say more."),
        (status = 429, description = "`rate_limited`: each operation costs one unit.")))]
pub(crate) async fn batch(
    access: Fresh<Access<markers::DirectoriesWrite>>,
    directory: Path<DirectoryId>,
    operations: Operations<MappingBatch>,
) -> Result<HttpResponse, Problem> {
    access.batch(&MappingBatch(directory.0), operations).await
}

/// Deletes a role mapping. Who had the role by it alone, has it no more.
#[utoipa::path(delete, path = "/api/v2/directories/{dir_id}/role-mappings/{mapping_id}", tag = "Directories",
    operation_id = "directories.role_mappings.delete",
    params(("dir_id" = DirectoryId, Path), ("mapping_id" = RoleMappingId, Path)),
    responses((status = 204, description = "It is gone."),
        (status = 403, description = "`grant_exceeds_own`: the role gives what the caller does not hold.")))]
pub(crate) async fn delete(
    access: Access<markers::DirectoriesWrite>,
    path: Path<(DirectoryId, RoleMappingId)>,
) -> Result<HttpResponse, Problem> {
    let tx = access.begin().await?;
    let event = service::delete(&tx, path.0).await?;
    tx.answer(event, no_content()).await
}
