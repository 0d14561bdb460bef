//! `/api/v2/directories`.

use actix_web::{HttpResponse, web::Data};
use elder_access::{Access, BatchAnswer, BatchRequest, Operations, markers};
use elder_http::{Json, ListQuery, Path, Problem, PublicUrl, created, no_content, shown};
use elder_kernel::Page;

use super::{
    Directories, Directory, DirectoryId, DirectoryPatch, DirectoryTest, NewDirectory, batch::DirectoryBatch,
    service,
};

/// Lists the tenant's directories.
#[utoipa::path(get, path = "/api/v2/directories", tag = "Directories", operation_id = "directories.list",
    params(ListQuery<Directories>),
    responses((status = 200, description = "A page of directories.", body = Page<Directory>)))]
pub(crate) async fn list(
    access: Access<markers::DirectoriesRead>,
    query: ListQuery<Directories>,
) -> Result<HttpResponse, Problem> {
    let pager = access.pager(&query)?;
    pager.answer(service::list(&access.begin().await?, pager.selection()).await?)
}

/// Sets up a directory. It takes pushes at once, by whoever holds one of its tokens.
#[utoipa::path(post, path = "/api/v2/directories", tag = "Directories", operation_id = "directories.create",
    request_body = NewDirectory,
    responses((status = 201, description = "The directory.", body = Directory),
        (status = 409, description = "`already_exists`: another directory has the name.")))]
pub(crate) async fn create(
    access: Access<markers::DirectoriesWrite>,
    body: Json<NewDirectory>,
) -> Result<HttpResponse, Problem> {
    let tx = access.begin().await?;
    let (directory, event) = service::create(&tx, body.0).await?;
    tx.answer(event, created(&format!("/api/v2/directories/{}", directory.id), &directory)).await
}

type BatchBody = BatchRequest<DirectoryId, NewDirectory, DirectoryPatch>;

/// Creates, changes and deletes up to 1,000 directories: all or none, or each on its own.
#[utoipa::path(post, path = "/api/v2/directories/batch", tag = "Directories", operation_id = "directories.batch",
    request_body = BatchBody,
    responses((status = 200, description = "What became of each operation.", body = BatchAnswer),
        (status = 400, description = "`validation_failed`: the form of some operations is wrong."),
        (status = 413, description = "`payload_too_large`: past 10 MiB."),
        (status = 422, description = "`batch_failed`: an operation of an atomic batch; `index` and `error` say more."),
        (status = 429, description = "`rate_limited`: each operation costs one unit.")))]
pub(crate) async fn batch(
    access: Access<markers::DirectoriesWrite>,
    operations: Operations<DirectoryBatch>,
) -> Result<HttpResponse, Problem> {
    access.batch(&DirectoryBatch, operations).await
}

/// Gets a directory.
#[utoipa::path(get, path = "/api/v2/directories/{dir_id}", tag = "Directories", operation_id = "directories.get",
    params(("dir_id" = DirectoryId, Path)),
    responses((status = 200, description = "The directory.", body = Directory)))]
pub(crate) async fn get(
    access: Access<markers::DirectoriesRead>,
    id: Path<DirectoryId>,
) -> Result<HttpResponse, Problem> {
    let tx = access.begin().await?;
    Ok(shown(&service::get(&tx, id.0).await?))
}

/// Says what a provider meets that pushes into a directory now, and what of it is missing.
#[utoipa::path(get, path = "/api/v2/directories/{dir_id}/test", tag = "Directories", operation_id = "directories.test",
    params(("dir_id" = DirectoryId, Path)),
    responses((status = 200, description = "What it meets.", body = DirectoryTest)))]
pub(crate) async fn test(
    access: Access<markers::DirectoriesRead>,
    id: Path<DirectoryId>,
    public: Data<PublicUrl>,
) -> Result<HttpResponse, Problem> {
    let tx = access.begin().await?;
    Ok(shown(&service::test(&tx, id.0, &public.0).await?))
}

/// Changes a directory's settings.
#[utoipa::path(patch, path = "/api/v2/directories/{dir_id}", tag = "Directories",
    operation_id = "directories.update", params(("dir_id" = DirectoryId, Path)), request_body = DirectoryPatch,
    responses((status = 200, description = "The directory.", body = Directory),
        (status = 409, description = "`already_exists`: another directory has the name.")))]
pub(crate) async fn update(
    access: Access<markers::DirectoriesWrite>,
    id: Path<DirectoryId>,
    body: Json<DirectoryPatch>,
) -> Result<HttpResponse, Problem> {
    let tx = access.begin().await?;
    let (directory, event) = service::update(&tx, id.0, body.0).await?;
    tx.answer(event, shown(&directory)).await
}

/// Deletes a directory with its tokens. Its people stay and are managed by nobody.
#[utoipa::path(delete, path = "/api/v2/directories/{dir_id}", tag = "Directories",
    operation_id = "directories.delete", params(("dir_id" = DirectoryId, Path)),
    responses((status = 204, description = "It is gone.")))]
pub(crate) async fn delete(
    access: Access<markers::DirectoriesWrite>,
    id: Path<DirectoryId>,
) -> Result<HttpResponse, Problem> {
    let tx = access.begin().await?;
    let event = service::delete(&tx, id.0).await?;
    tx.answer(event, no_content()).await
}

/// Pauses a directory: until it is resumed, every push is answered with 503 and a time to retry.
#[utoipa::path(post, path = "/api/v2/directories/{dir_id}/pause", tag = "Directories",
    operation_id = "directories.pause", params(("dir_id" = DirectoryId, Path)),
    responses((status = 200, description = "The directory.", body = Directory)))]
pub(crate) async fn pause(
    access: Access<markers::DirectoriesWrite>,
    id: Path<DirectoryId>,
) -> Result<HttpResponse, Problem> {
    set_active(access, id.0, false).await
}

/// Resumes a paused directory.
#[utoipa::path(post, path = "/api/v2/directories/{dir_id}/resume", tag = "Directories",
    operation_id = "directories.resume", params(("dir_id" = DirectoryId, Path)),
    responses((status = 200, description = "The directory.", body = Directory)))]
pub(crate) async fn resume(
    access: Access<markers::DirectoriesWrite>,
    id: Path<DirectoryId>,
) -> Result<HttpResponse, Problem> {
    set_active(access, id.0, true).await
}

async fn set_active(
    access: Access<markers::DirectoriesWrite>,
    id: DirectoryId,
    is_active: bool,
) -> Result<HttpResponse, Problem> {
    let tx = access.begin().await?;
    let (directory, event) = service::set_active(&tx, id, is_active).await?;
    tx.answer(event, shown(&directory)).await
}
