//! `/api/v2/me/api-keys`.

use actix_web::HttpResponse;
use elder_access::{Fresh, Myself, OwnRead};
use elder_http::{Json, ListQuery, Path, Problem, created, no_content, shown};
use elder_kernel::Page;

use crate::api_key::{
    ApiKey, ApiKeyId, ApiKeys, IssuedKey, NewApiKey, Rotation,
    service::{self, Whose},
};

/// Lists the own keys, those that are revoked or expired too.
#[utoipa::path(get, path = "/api/v2/me/api-keys", tag = "Own account", operation_id = "me.api_keys.list",
    params(ListQuery<ApiKeys>), responses((status = 200, description = "A page of keys.", body = Page<ApiKey>)))]
pub(crate) async fn list(
    myself: Myself<OwnRead>,
    query: ListQuery<ApiKeys>,
) -> Result<HttpResponse, Problem> {
    let pager = myself.pager(&query)?;
    pager.answer(service::list(&myself.read().await?, Whose::User(myself.user()), pager.selection()).await?)
}

/// Makes a key that acts in one's own name. Its text is in this answer and nowhere else.
#[utoipa::path(post, path = "/api/v2/me/api-keys", tag = "Own account", operation_id = "me.api_keys.create",
    request_body = NewApiKey,
    responses((status = 201, description = "The key.", body = IssuedKey),
        (status = 403, description = "`grant_exceeds_own`: it would carry what the caller does not hold."),
        (status = 404, description = "`not_found`: one of the organizations.")))]
pub(crate) async fn create(myself: Fresh<Myself>, body: Json<NewApiKey>) -> Result<HttpResponse, Problem> {
    let tx = myself.write().await?;
    let (issued, event) = service::create_own(&tx, myself.user(), myself.grants(), body.0).await?;
    tx.answer(event, created(&format!("/api/v2/me/api-keys/{}", issued.about.id), &issued)).await
}

/// Shows one of the own keys.
#[utoipa::path(get, path = "/api/v2/me/api-keys/{key_id}", tag = "Own account", operation_id = "me.api_keys.get",
    params(("key_id" = ApiKeyId, Path)),
    responses((status = 200, description = "The key.", body = ApiKey),
        (status = 404, description = "`not_found`.")))]
pub(crate) async fn get(myself: Myself<OwnRead>, id: Path<ApiKeyId>) -> Result<HttpResponse, Problem> {
    let tx = myself.read().await?;
    Ok(shown(&service::get(&tx, Whose::User(myself.user()), id.0).await?))
}

/// Gives one of the own keys another secret. The present one stays good for a while.
#[utoipa::path(post, path = "/api/v2/me/api-keys/{key_id}/rotate", tag = "Own account",
    operation_id = "me.api_keys.rotate", params(("key_id" = ApiKeyId, Path)), request_body = Rotation,
    responses((status = 200, description = "The key with its new text.", body = IssuedKey),
        (status = 404, description = "`not_found`."),
        (status = 409, description = "`conflict`: it has ended, or the last rotation's overlap has not.")))]
pub(crate) async fn rotate(
    myself: Fresh<Myself>,
    id: Path<ApiKeyId>,
    body: Json<Rotation>,
) -> Result<HttpResponse, Problem> {
    let tx = myself.write().await?;
    let (issued, event) = service::rotate_own(&tx, myself.user(), id.0, body.0).await?;
    tx.answer(event, shown(&issued)).await
}

/// Revokes one of the own keys. It stays in the list.
#[utoipa::path(delete, path = "/api/v2/me/api-keys/{key_id}", tag = "Own account",
    operation_id = "me.api_keys.delete", params(("key_id" = ApiKeyId, Path)),
    responses((status = 204, description = "It is refused from now on."),
        (status = 404, description = "`not_found`.")))]
pub(crate) async fn delete(myself: Myself, id: Path<ApiKeyId>) -> Result<HttpResponse, Problem> {
    let tx = myself.write().await?;
    let event = service::revoke(&tx, Whose::User(myself.user()), id.0).await?;
    tx.answer(event, no_content()).await
}
