//! `/api/v2/directories/{dir_id}/tokens`.

use actix_web::HttpResponse;
use elder_access::{Access, BatchAnswer, BatchRequest, Fresh, Operations, Unoffered, markers};
use elder_http::{Json, ListQuery, Path, Problem, created, no_content};
use elder_kernel::Page;

use super::{IssuedToken, NewScimToken, ScimToken, ScimTokenId, ScimTokens, batch::TokenBatch, service};
use crate::directory::DirectoryId;

/// Lists the tokens of a directory, those that are revoked or expired too.
#[utoipa::path(get, path = "/api/v2/directories/{dir_id}/tokens", tag = "Directories",
    operation_id = "directories.tokens.list", params(("dir_id" = DirectoryId, Path), ListQuery<ScimTokens>),
    responses((status = 200, description = "A page of tokens.", body = Page<ScimToken>)))]
pub(crate) async fn list(
    access: Access<markers::DirectoriesRead>,
    directory: Path<DirectoryId>,
    query: ListQuery<ScimTokens>,
) -> Result<HttpResponse, Problem> {
    let pager = access.pager(&query)?;
    let tx = access.begin().await?;
    pager.answer(service::list(&tx, directory.0, pager.selection()).await?)
}

/// Makes a token. Its text is in this answer and nowhere else.
#[utoipa::path(post, path = "/api/v2/directories/{dir_id}/tokens", tag = "Directories",
    operation_id = "directories.tokens.create", params(("dir_id" = DirectoryId, Path)),
    request_body = NewScimToken, responses((status = 201, description = "The token.", body = IssuedToken)))]
pub(crate) async fn create(
    access: Fresh<Access<markers::DirectoriesWrite>>,
    directory: Path<DirectoryId>,
    body: Json<NewScimToken>,
) -> Result<HttpResponse, Problem> {
    let tx = access.begin().await?;
    let (issued, event) = service::create(&tx, directory.0, body.0).await?;
    tx.answer(
        event,
        created(&format!("/api/v2/directories/{}/tokens/{}", directory.0, issued.about.id), &issued),
    )
    .await
}

type BatchBody = BatchRequest<ScimTokenId, NewScimToken, Unoffered>;

/// Makes and revokes up to 1,000 tokens of a directory: all or none, or each on its own.
#[utoipa::path(post, path = "/api/v2/directories/{dir_id}/tokens/batch", tag = "Directories", operation_id = "directories.tokens.batch",
    params(("dir_id" = DirectoryId, Path)), request_body = BatchBody,
    responses((status = 200, description = "What became of each operation.", body = BatchAnswer),
        (status = 400, description = "`validation_failed`: the form of some operations is wrong."),
        (status = 413, description = "`payload_too_large`: past 10 MiB."),
        (status = 422, description = "`batch_failed`: an operation of an atomic batch; `index` and `error` say more."),
        (status = 429, description = "`rate_limited`: each operation costs one unit.")))]
pub(crate) async fn batch(
    access: Fresh<Access<markers::DirectoriesWrite>>,
    directory: Path<DirectoryId>,
    operations: Operations<TokenBatch>,
) -> Result<HttpResponse, Problem> {
    access.batch(&TokenBatch(directory.0), operations).await
}

/// Revokes a token. It stays in the list.
#[utoipa::path(delete, path = "/api/v2/directories/{dir_id}/tokens/{token_id}", tag = "Directories",
    operation_id = "directories.tokens.delete",
    params(("dir_id" = DirectoryId, Path), ("token_id" = ScimTokenId, Path)),
    responses((status = 204, description = "It is refused from now on.")))]
pub(crate) async fn delete(
    access: Access<markers::DirectoriesWrite>,
    path: Path<(DirectoryId, ScimTokenId)>,
) -> Result<HttpResponse, Problem> {
    let (directory, token) = path.0;
    let tx = access.begin().await?;
    let event = service::revoke(&tx, directory, token).await?;
    tx.answer(event, no_content()).await
}
