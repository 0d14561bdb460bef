//! `/api/v2/users/{user_id}/identities`, and those of a provider.

use actix_web::HttpResponse;
use elder_access::{
    Access, Fresh,
    markers::{IdpsRead, IdpsWrite},
};
use elder_http::{Json, ListQuery, Path, Problem, created, no_content};
use elder_kernel::Page;

use super::{Identities, Identity, IdentityId, IdentityProviderId, NewIdentity, UserId, service};

/// Lists by which identity providers a user signs in, and as whom.
#[utoipa::path(get, path = "/api/v2/users/{user_id}/identities", tag = "Identity providers",
    operation_id = "users.identities.list", params(("user_id" = UserId, Path), ListQuery<Identities>),
    responses((status = 200, description = "A page of linked identities.", body = Page<Identity>)))]
pub(crate) async fn list(
    access: Access<IdpsRead>,
    user: Path<UserId>,
    query: ListQuery<Identities>,
) -> Result<HttpResponse, Problem> {
    let pager = access.pager(&query)?;
    pager.answer(service::of_user(&access.begin().await?, user.0, pager.selection()).await?)
}

/// Lists whom an identity provider knows. `group eq "…"` finds those whom its rules have put into a group.
#[utoipa::path(get, path = "/api/v2/identity-providers/{idp_id}/identities", tag = "Identity providers",
    operation_id = "idps.identities.list", params(("idp_id" = IdentityProviderId, Path), ListQuery<Identities>),
    responses((status = 200, description = "A page of linked identities.", body = Page<Identity>)))]
pub(crate) async fn known(
    access: Access<IdpsRead>,
    idp: Path<IdentityProviderId>,
    query: ListQuery<Identities>,
) -> Result<HttpResponse, Problem> {
    let pager = access.pager(&query)?;
    pager.answer(service::of_idp(&access.begin().await?, idp.0, pager.selection()).await?)
}

/// Links a user to whom an identity provider means. Who comes from there by this name is signed in to the account, whatever
/// address the provider tells: make sure that they are the same person.
#[utoipa::path(post, path = "/api/v2/users/{user_id}/identities", tag = "Identity providers",
    operation_id = "users.identities.create", params(("user_id" = UserId, Path)), request_body = NewIdentity,
    responses((status = 201, description = "The linked identity.", body = Identity),
        (status = 403, description = "`grant_exceeds_own`: the user holds, or the provider gives, what the caller does not \
            hold."),
        (status = 404, description = "`not_found`: also an identity provider that is not the tenant's."),
        (status = 409, description = "`already_exists`: the provider means another user by it, or the user by another name.")))]
pub(crate) async fn create(
    access: Fresh<Access<IdpsWrite>>,
    user: Path<UserId>,
    body: Json<NewIdentity>,
) -> Result<HttpResponse, Problem> {
    let tx = access.begin().await?;
    let (identity, event) = service::create(&tx, user.0, body.0).await?;
    let place = format!("/api/v2/users/{}/identities/{}", user.0, identity.id);
    tx.answer(event, created(&place, &identity)).await
}

/// Unlinks a user from whom an identity provider means: what it gave them goes, and their sessions by it end.
#[utoipa::path(delete, path = "/api/v2/users/{user_id}/identities/{identity_id}", tag = "Identity providers",
    operation_id = "users.identities.delete",
    params(("user_id" = UserId, Path), ("identity_id" = IdentityId, Path)),
    responses((status = 204, description = "The provider does not know them any more."),
        (status = 403, description = "`grant_exceeds_own`: the user holds what the caller does not hold.")))]
pub(crate) async fn delete(
    access: Fresh<Access<IdpsWrite>>,
    path: Path<(UserId, IdentityId)>,
) -> Result<HttpResponse, Problem> {
    let tx = access.begin().await?;
    let event = service::delete(&tx, path.0).await?;
    tx.answer(event, no_content()).await
}
