//! `/api/v2/api-keys`, and the keys of a service account.

use actix_web::HttpResponse;
use elder_access::{
    Access, BatchAnswer, BatchRequest, Fresh, Operations, Unoffered,
    markers::{ApiKeysRead, ApiKeysWrite},
};
use elder_http::{Json, ListQuery, Path, Problem, created, no_content, shown};
use elder_kernel::Page;

use super::{
    ApiKey, ApiKeyId, ApiKeys, IssuedKey, NewApiKey, Rotation,
    batch::{AccountKeyBatch, KeyBatch},
    service::{self, Whose},
};
use crate::service_account::ServiceAccountId;

/// Lists every key of the tenant, those of people and those that have ended too.
#[utoipa::path(get, path = "/api/v2/api-keys", tag = "API keys", operation_id = "api_keys.list", 
    params(ListQuery<ApiKeys>),
    responses((status = 200, description = "A page of keys.", body = Page<ApiKey>)))]
pub(crate) async fn list(
    access: Access<ApiKeysRead>,
    query: ListQuery<ApiKeys>,
) -> Result<HttpResponse, Problem> {
    let pager = access.pager(&query)?;
    pager.answer(service::list(&access.begin().await?, Whose::Anybody, pager.selection()).await?)
}

type RemovalBody = BatchRequest<ApiKeyId, Unoffered, Unoffered>;

/// Revokes up to 1,000 keys of the tenant: all or none, or each on its own.
#[utoipa::path(post, path = "/api/v2/api-keys/batch", tag = "API keys", operation_id = "api_keys.batch",
    request_body = RemovalBody,
    responses((status = 200, description = "What became of each operation.", body = BatchAnswer),
        (status = 400, description = "`validation_failed`: the form of some operations is wrong."),
        (status = 413, description = "`payload_too_large`: past 10 MiB."),
        (status = 422, description = "`batch_failed`: an operation of an atomic batch; `index` and `error` say more."),
        (status = 429, description = "`rate_limited`: each operation costs one unit.")))]
pub(crate) async fn batch(
    access: Access<ApiKeysWrite>,
    operations: Operations<KeyBatch>,
) -> Result<HttpResponse, Problem> {
    access.batch(&KeyBatch, operations).await
}

/// Shows a key.
#[utoipa::path(get, path = "/api/v2/api-keys/{key_id}", tag = "API keys", operation_id = "api_keys.get",
    params(("key_id" = ApiKeyId, Path)),
    responses((status = 200, description = "The key.", body = ApiKey),
        (status = 404, description = "`not_found`.")))]
pub(crate) async fn get(access: Access<ApiKeysRead>, id: Path<ApiKeyId>) -> Result<HttpResponse, Problem> {
    let tx = access.begin().await?;
    Ok(shown(&service::get(&tx, Whose::Anybody, id.0).await?))
}

/// Gives the key of a service account another secret. The present one stays good for a while.
#[utoipa::path(post, path = "/api/v2/api-keys/{key_id}/rotate", tag = "API keys", operation_id = "api_keys.rotate",
    params(("key_id" = ApiKeyId, Path)), request_body = Rotation,
    responses((status = 200, description = "The key with its new text.", body = IssuedKey),
        (status = 403, description = "`permission_denied`: the key of a person; `grant_exceeds_own`: it carries what \
            the caller does not hold."),
        (status = 404, description = "`not_found`."),
        (status = 409, description = "`conflict`: it has ended, or the last rotation's overlap has not.")))]
pub(crate) async fn rotate(
    access: Fresh<Access<ApiKeysWrite>>,
    id: Path<ApiKeyId>,
    body: Json<Rotation>,
) -> Result<HttpResponse, Problem> {
    let tx = access.begin().await?;
    let (issued, event) = service::rotate(&tx, access.grants(), id.0, body.0).await?;
    tx.answer(event, shown(&issued)).await
}

/// Revokes any key of the tenant. It stays in the list.
#[utoipa::path(delete, path = "/api/v2/api-keys/{key_id}", tag = "API keys", operation_id = "api_keys.delete",
    params(("key_id" = ApiKeyId, Path)),
    responses((status = 204, description = "It is refused from now on."),
        (status = 404, description = "`not_found`.")))]
pub(crate) async fn delete(
    access: Access<ApiKeysWrite>,
    id: Path<ApiKeyId>,
) -> Result<HttpResponse, Problem> {
    let tx = access.begin().await?;
    let event = service::revoke(&tx, Whose::Anybody, id.0).await?;
    tx.answer(event, no_content()).await
}

/// Lists the keys of a service account.
#[utoipa::path(get, path = "/api/v2/service-accounts/{service_account_id}/api-keys", tag = "API keys",
    operation_id = "service_accounts.api_keys.list", params(("service_account_id" = ServiceAccountId, Path), ListQuery<ApiKeys>),
    responses((status = 200, description = "A page of keys.", body = Page<ApiKey>),
        (status = 404, description = "`not_found`.")))]
pub(crate) async fn list_of_account(
    access: Access<ApiKeysRead>,
    account: Path<ServiceAccountId>,
    query: ListQuery<ApiKeys>,
) -> Result<HttpResponse, Problem> {
    let pager = access.pager(&query)?;
    pager.answer(service::list_of_account(&access.begin().await?, account.0, pager.selection()).await?)
}

/// Makes a key of a service account. Its text is in this answer and nowhere else.
#[utoipa::path(post, path = "/api/v2/service-accounts/{service_account_id}/api-keys", tag = "API keys",
    operation_id = "service_accounts.api_keys.create", params(("service_account_id" = ServiceAccountId, Path)),
    request_body = NewApiKey,
    responses((status = 201, description = "The key.", body = IssuedKey),
        (status = 403, description = "`grant_exceeds_own`: it would carry what the caller or the account does not hold."),
        (status = 404, description = "`not_found`: the account or one of the organizations.")))]
pub(crate) async fn create_for_account(
    access: Fresh<Access<ApiKeysWrite>>,
    account: Path<ServiceAccountId>,
    body: Json<NewApiKey>,
) -> Result<HttpResponse, Problem> {
    let tx = access.begin().await?;
    let (issued, event) = service::create_for_account(&tx, access.grants(), account.0, body.0).await?;
    tx.answer(event, created(&format!("/api/v2/api-keys/{}", issued.about.id), &issued)).await
}

type BatchBody = BatchRequest<ApiKeyId, NewApiKey, Unoffered>;

/// Makes and revokes up to 1,000 keys of a service account: all or none, or each on its own.
#[utoipa::path(post, path = "/api/v2/service-accounts/{service_account_id}/api-keys/batch", tag = "API keys", operation_id = "service_accounts.api_keys.batch",
    params(("service_account_id" = ServiceAccountId, Path)), request_body = BatchBody,
    responses((status = 200, description = "What became of each operation.", body = BatchAnswer),
        (status = 400, description = "`validation_failed`: the form of some operations is wrong."),
        (status = 413, description = "`payload_too_large`: past 10 MiB."),
        (status = 422, description = "`batch_failed`: an operation of an atomic batch; `index` and `error` say more."),
        (status = 429, description = "`rate_limited`: each operation costs one unit.")))]
pub(crate) async fn batch_of_account(
    access: Fresh<Access<ApiKeysWrite>>,
    account: Path<ServiceAccountId>,
    operations: Operations<AccountKeyBatch>,
) -> Result<HttpResponse, Problem> {
    let keys = AccountKeyBatch { account: account.0, own: access.grants().to_vec() };
    access.batch(&keys, operations).await
}
