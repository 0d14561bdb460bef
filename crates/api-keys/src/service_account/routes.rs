//! `/api/v2/service-accounts`.

use actix_web::HttpResponse;
use elder_access::{
    Access, BatchAnswer, BatchRequest, Fresh, Operations,
    markers::{ServiceAccountsRead, ServiceAccountsWrite},
};
use elder_http::{Json, ListQuery, Path, Problem, created, no_content, shown};
use elder_kernel::Page;

use super::{
    NewServiceAccount, ServiceAccount, ServiceAccountId, ServiceAccountPatch, ServiceAccounts,
    batch::ServiceAccountBatch, service,
};

/// Lists service accounts.
#[utoipa::path(get, path = "/api/v2/service-accounts", tag = "Service accounts",
    operation_id = "service_accounts.list", params(ListQuery<ServiceAccounts>),
    responses((status = 200, description = "A page of service accounts.", body = Page<ServiceAccount>)))]
pub(crate) async fn list(
    access: Access<ServiceAccountsRead>,
    query: ListQuery<ServiceAccounts>,
) -> Result<HttpResponse, Problem> {
    let pager = access.pager(&query)?;
    pager.answer(service::list(&access.begin().await?, pager.selection()).await?)
}

/// Creates a service account. It needs a key to do anything.
#[utoipa::path(post, path = "/api/v2/service-accounts", tag = "Service accounts",
    operation_id = "service_accounts.create", request_body = NewServiceAccount,
    responses((status = 201, description = "The service account.", body = ServiceAccount),
        (status = 403, description = "`grant_exceeds_own`: it would hold what the caller does not."),
        (status = 404, description = "`not_found`: one of the organizations."),
        (status = 409, description = "`already_exists`: another one has this name.")))]
pub(crate) async fn create(
    access: Fresh<Access<ServiceAccountsWrite>>,
    body: Json<NewServiceAccount>,
) -> Result<HttpResponse, Problem> {
    let tx = access.begin().await?;
    let (account, event) = service::create(&tx, access.grants(), body.0).await?;
    tx.answer(event, created(&format!("/api/v2/service-accounts/{}", account.id), &account)).await
}

type BatchBody = BatchRequest<ServiceAccountId, NewServiceAccount, ServiceAccountPatch>;

/// Creates, changes and deletes up to 1,000 service accounts: all or none, or each on its own.
#[utoipa::path(post, path = "/api/v2/service-accounts/batch", tag = "Service accounts", operation_id = "service_accounts.batch",
    request_body = BatchBody,
    responses((status = 200, description = "What became of each operation.", body = BatchAnswer),
        (status = 400, description = "`validation_failed`: the form of some operations is wrong."),
        (status = 413, description = "`payload_too_large`: past 10 MiB."),
        (status = 422, description = "`batch_failed`: an operation of an atomic batch; `index` and `error` say more."),
        (status = 429, description = "`rate_limited`: each operation costs one unit.")))]
pub(crate) async fn batch(
    access: Fresh<Access<ServiceAccountsWrite>>,
    operations: Operations<ServiceAccountBatch>,
) -> Result<HttpResponse, Problem> {
    access.batch(&ServiceAccountBatch(access.grants().to_vec()), operations).await
}

/// Shows a service account.
#[utoipa::path(get, path = "/api/v2/service-accounts/{service_account_id}", tag = "Service accounts",
    operation_id = "service_accounts.get", params(("service_account_id" = ServiceAccountId, Path)),
    responses((status = 200, description = "The service account.", body = ServiceAccount),
        (status = 404, description = "`not_found`.")))]
pub(crate) async fn get(
    access: Access<ServiceAccountsRead>,
    id: Path<ServiceAccountId>,
) -> Result<HttpResponse, Problem> {
    let tx = access.begin().await?;
    Ok(shown(&service::get(&tx, id.0).await?))
}

/// Changes a service account, and with it what its keys carry.
#[utoipa::path(patch, path = "/api/v2/service-accounts/{service_account_id}", tag = "Service accounts",
    operation_id = "service_accounts.update", params(("service_account_id" = ServiceAccountId, Path)),
    request_body = ServiceAccountPatch,
    responses((status = 200, description = "The service account.", body = ServiceAccount),
        (status = 403, description = "`grant_exceeds_own`: it holds or would hold what the caller does not."),
        (status = 404, description = "`not_found`: the account or one of the organizations."),
        (status = 409, description = "`already_exists`: another one has this name.")))]
pub(crate) async fn update(
    access: Fresh<Access<ServiceAccountsWrite>>,
    id: Path<ServiceAccountId>,
    body: Json<ServiceAccountPatch>,
) -> Result<HttpResponse, Problem> {
    let tx = access.begin().await?;
    let (account, event) = service::update(&tx, access.grants(), id.0, body.0).await?;
    tx.answer(event, shown(&account)).await
}

/// Deletes a service account with its keys.
#[utoipa::path(delete, path = "/api/v2/service-accounts/{service_account_id}", tag = "Service accounts",
    operation_id = "service_accounts.delete", params(("service_account_id" = ServiceAccountId, Path)),
    responses((status = 204, description = "It is gone, and its keys with it."),
        (status = 403, description = "`grant_exceeds_own`: it holds what the caller does not."),
        (status = 404, description = "`not_found`.")))]
pub(crate) async fn delete(
    access: Access<ServiceAccountsWrite>,
    id: Path<ServiceAccountId>,
) -> Result<HttpResponse, Problem> {
    let tx = access.begin().await?;
    let event = service::delete(&tx, access.grants(), id.0).await?;
    tx.answer(event, no_content()).await
}

/// Makes the keys of a service account good again.
#[utoipa::path(post, path = "/api/v2/service-accounts/{service_account_id}/activate", tag = "Service accounts",
    operation_id = "service_accounts.activate", params(("service_account_id" = ServiceAccountId, Path)),
    responses((status = 200, description = "The service account.", body = ServiceAccount),
        (status = 403, description = "`grant_exceeds_own`: it holds what the caller does not."),
        (status = 404, description = "`not_found`.")))]
pub(crate) async fn activate(
    access: Access<ServiceAccountsWrite>,
    id: Path<ServiceAccountId>,
) -> Result<HttpResponse, Problem> {
    set_active(&access, id.0, true).await
}

/// Has every key of a service account refused until it is activated again.
#[utoipa::path(post, path = "/api/v2/service-accounts/{service_account_id}/deactivate", tag = "Service accounts",
    operation_id = "service_accounts.deactivate", params(("service_account_id" = ServiceAccountId, Path)),
    responses((status = 200, description = "The service account.", body = ServiceAccount),
        (status = 403, description = "`grant_exceeds_own`: it holds what the caller does not."),
        (status = 404, description = "`not_found`.")))]
pub(crate) async fn deactivate(
    access: Access<ServiceAccountsWrite>,
    id: Path<ServiceAccountId>,
) -> Result<HttpResponse, Problem> {
    set_active(&access, id.0, false).await
}

async fn set_active(
    access: &Access<ServiceAccountsWrite>,
    id: ServiceAccountId,
    is_active: bool,
) -> Result<HttpResponse, Problem> {
    let tx = access.begin().await?;
    let (account, event) = service::set_active(&tx, access.grants(), id, is_active).await?;
    tx.answer(event, shown(&account)).await
}
