//! Routes of users.

use actix_web::{HttpResponse, web::Data};
use elder_access::{
    Access, Action, BatchAnswer, BatchOf as _, BatchRequest, Event, Fresh, Operations, markers,
};
use elder_crypto::PasswordHasher;
use elder_http::{Json, ListQuery, Path, Problem, created, no_content, shown};
use elder_kernel::{Id, Page, User};

use super::{
    Account, NewPassword, NewUser, UserId, UserPatch, UserSearch, Users, batch::UserBatch, event, service,
};
use crate::password::{self, service::Person};

/// Lists users.
#[utoipa::path(get, path = "/api/v2/users", tag = "Users", operation_id = "users.list", params(ListQuery<Users, UserSearch>),
    responses((status = 200, description = "A page of users.", body = Page<Account>),
        (status = 400, description = "`invalid_parameter`, `invalid_filter`, `invalid_cursor`.")))]
pub(crate) async fn list(
    access: Access<markers::UsersRead>,
    query: ListQuery<Users, UserSearch>,
) -> Result<HttpResponse, Problem> {
    let pager = access.pager(&query)?;
    let tx = access.begin().await?;
    pager.answer(service::list(&tx, query.more.search.as_deref(), pager.selection()).await?)
}

/// Creates a user.
#[utoipa::path(post, path = "/api/v2/users", tag = "Users", operation_id = "users.create", request_body = NewUser,
    responses((status = 201, description = "The user.", body = Account),
        (status = 400, description = "`validation_failed`: a value, the password or its hash breaks a rule."),
        (status = 403, description = "`grant_exceeds_own`: the role goes beyond the caller's own."),
        (status = 409, description = "`already_exists`: another user has this address."),
        (status = 503, description = "`busy`: too many passwords are waiting to be hashed.")))]
pub(crate) async fn create(
    access: Fresh<Access<markers::UsersWrite>>,
    hasher: Data<PasswordHasher>,
    body: Json<NewUser>,
) -> Result<HttpResponse, Problem> {
    let mut new = body.0;
    UserBatch::new(hasher.into_inner()).prepare(&access, &mut new).await?;
    let tx = access.begin().await?;
    let (user, changes) = service::create(&tx, new.into()).await?;
    tx.answer(event::created(&user, changes), created(&format!("/api/v2/users/{}", user.id), &user)).await
}

type BatchBody = BatchRequest<UserId, NewUser, UserPatch>;

/// Creates, changes and deletes up to 1,000 users: all or none, or each on its own.
#[utoipa::path(post, path = "/api/v2/users/batch", tag = "Users", operation_id = "users.batch",
    request_body = BatchBody,
    responses((status = 200, description = "What became of each operation.", body = BatchAnswer),
        (status = 400, description = "`validation_failed`: the form of some operations is wrong."),
        (status = 413, description = "`payload_too_large`: past 10 MiB."),
        (status = 422, description = "`batch_failed`: an operation of an atomic batch; `index` and `error` say more."),
        (status = 429, description = "`rate_limited`: each operation costs one unit."),
        (status = 503, description = "`busy`: too many passwords are waiting to be hashed.")))]
pub(crate) async fn batch(
    access: Fresh<Access<markers::UsersWrite>>,
    hasher: Data<PasswordHasher>,
    operations: Operations<UserBatch>,
) -> Result<HttpResponse, Problem> {
    access.batch(&UserBatch::new(hasher.into_inner()), operations).await
}

/// Shows a user.
#[utoipa::path(get, path = "/api/v2/users/{user_id}", tag = "Users", operation_id = "users.get",
    params(("user_id" = UserId, Path)),
    responses((status = 200, description = "The user.", body = Account),
        (status = 404, description = "`not_found`.")))]
pub(crate) async fn get(
    access: Access<markers::UsersRead>,
    path: Path<Id<User>>,
) -> Result<HttpResponse, Problem> {
    let tx = access.begin().await?;
    Ok(shown(&service::get(&tx, path.0).await?))
}

/// Changes a user's profile. Another address is to be proven again.
#[utoipa::path(patch, path = "/api/v2/users/{user_id}", tag = "Users", operation_id = "users.update",
    params(("user_id" = UserId, Path)), request_body = UserPatch,
    responses((status = 200, description = "The user.", body = Account),
        (status = 403, description = "`grant_exceeds_own`: another address for somebody with higher roles."),
        (status = 404, description = "`not_found`."),
        (status = 409, description = "`already_exists`; `managed_by_directory`.")))]
pub(crate) async fn update(
    access: Fresh<Access<markers::UsersWrite>>,
    path: Path<Id<User>>,
    body: Json<UserPatch>,
) -> Result<HttpResponse, Problem> {
    let tx = access.begin().await?;
    let (user, changes) = service::update(&tx, path.0, body.0.into()).await?;
    tx.answer(event::updated(&user, changes), shown(&user)).await
}

/// Deletes a user with all sessions and roles.
#[utoipa::path(delete, path = "/api/v2/users/{user_id}", tag = "Users", operation_id = "users.delete",
    params(("user_id" = UserId, Path)),
    responses((status = 204, description = "The user is gone."),
        (status = 403, description = "`grant_exceeds_own`: the user's roles go beyond the caller's own."),
        (status = 404, description = "`not_found`."),
        (status = 409, description = "`last_admin`. `legal_hold`: it must be kept.")))]
pub(crate) async fn delete(
    access: Access<markers::UsersWrite>,
    path: Path<Id<User>>,
) -> Result<HttpResponse, Problem> {
    let tx = access.begin().await?;
    let user = service::delete(&tx, path.0).await?;
    tx.answer(event::deleted(&user), no_content()).await
}

/// Lets a user sign in again.
#[utoipa::path(post, path = "/api/v2/users/{user_id}/activate", tag = "Users", operation_id = "users.activate",
    params(("user_id" = UserId, Path)),
    responses((status = 200, description = "The user.", body = Account),
        (status = 403, description = "`grant_exceeds_own`."),
        (status = 404, description = "`not_found`."),
        (status = 409, description = "`managed_by_directory`.")))]
pub(crate) async fn activate(
    access: Access<markers::UsersWrite>,
    path: Path<Id<User>>,
) -> Result<HttpResponse, Problem> {
    set_active(&access, path.0, true).await
}

/// Keeps a user from signing in and ends all sessions.
#[utoipa::path(post, path = "/api/v2/users/{user_id}/deactivate", tag = "Users", operation_id = "users.deactivate",
    params(("user_id" = UserId, Path)),
    responses((status = 200, description = "The user.", body = Account),
        (status = 403, description = "`grant_exceeds_own`."),
        (status = 404, description = "`not_found`."),
        (status = 409, description = "`last_admin`; `managed_by_directory`.")))]
pub(crate) async fn deactivate(
    access: Access<markers::UsersWrite>,
    path: Path<Id<User>>,
) -> Result<HttpResponse, Problem> {
    set_active(&access, path.0, false).await
}

async fn set_active(
    access: &Access<markers::UsersWrite>,
    id: Id<User>,
    is_active: bool,
) -> Result<HttpResponse, Problem> {
    let tx = access.begin().await?;
    let (user, changes) = service::set_active(&tx, id, is_active).await?;
    tx.answer(event::switched(&user, changes), shown(&user)).await
}

/// Sets a user's password and ends all sessions.
#[utoipa::path(put, path = "/api/v2/users/{user_id}/password", tag = "Users", operation_id = "users.set_password",
    params(("user_id" = UserId, Path)), request_body = NewPassword,
    responses((status = 204, description = "The password is set."),
        (status = 400, description = "`validation_failed`: the password breaks a rule."),
        (status = 403, description = "`grant_exceeds_own`: the user's roles go beyond the caller's own."),
        (status = 404, description = "`not_found`."),
        (status = 503, description = "`busy`: too many passwords are waiting to be hashed.")))]
pub(crate) async fn set_password(
    access: Fresh<Access<markers::UsersWrite>>,
    path: Path<Id<User>>,
    hasher: Data<PasswordHasher>,
    body: Json<NewPassword>,
) -> Result<HttpResponse, Problem> {
    let tx = access.begin().await?;
    service::within_own_roles(&tx, path.0).await?;
    let user = service::get(&tx, path.0).await?;
    let hash = password::service::hash(tx, &hasher, body.0.password, Person::from(&user)).await?;
    let tx = access.begin().await?;
    service::change_password(&tx, &user, &hash, None).await?;
    tx.answer(Event::on(Action::PasswordChanged, path.0), no_content()).await
}
