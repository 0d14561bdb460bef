//! Routes by which operators find users of any tenant and shut them out.

use actix_web::HttpResponse;
use elder_access::{
    Action, Event, Operator, markers,
    session::{EndReason, end_of_all},
};
use elder_http::{ListQuery, Path, Problem, shown};
use elder_kernel::{Page, TenantId};

use super::{GlobalUser, GlobalUserSearch, GlobalUsers, UserOfTenant, service};
use crate::{
    account::{self, Account, UserId},
    session::{self, Revoked},
};

/// Lists users of all tenants.
#[utoipa::path(get, path = "/api/v2/global/users", tag = "Global users", operation_id = "global.users.list",
    params(ListQuery<GlobalUsers, GlobalUserSearch>),
    responses((status = 200, description = "A page of users.", body = Page<GlobalUser>)))]
pub(crate) async fn list(
    operator: Operator<markers::PlatformUsersRead>,
    query: ListQuery<GlobalUsers, GlobalUserSearch>,
) -> Result<HttpResponse, Problem> {
    let pager = operator.pager(&query)?;
    let tx = operator.begin().await?;
    pager.answer(service::list(&tx, query.more.search.as_deref(), pager.selection()).await?)
}

/// Keeps a user of any tenant from signing in and ends all sessions.
#[utoipa::path(post, path = "/api/v2/global/users/{tenant}/{user_id}/deactivate", tag = "Global users",
    operation_id = "global.users.deactivate",
    params(("tenant" = String, Path, description = "The tenant's slug or number."), ("user_id" = UserId, Path)),
    responses((status = 200, description = "The user.", body = Account),
        (status = 404, description = "`not_found`."),
        (status = 409, description = "`last_admin`.")))]
pub(crate) async fn deactivate(
    operator: Operator<markers::PlatformUsersWrite>,
    path: Path<UserOfTenant>,
) -> Result<HttpResponse, Problem> {
    let tenant = service::tenant_named(&operator.begin().await?, &path.0.tenant).await?;
    let tx = operator.enter(tenant).await?;
    let (user, changes) = account::service::set_active(&tx, path.0.user_id, false).await?;
    tx.answer(account::event::switched(&user, changes), shown(&user)).await
}

/// Ends every session of a user of any tenant.
#[utoipa::path(post, path = "/api/v2/global/users/{tenant}/{user_id}/sessions/revoke", tag = "Global users",
    operation_id = "global.users.sessions.revoke",
    params(("tenant" = String, Path, description = "The tenant's slug or number."), ("user_id" = UserId, Path)),
    responses((status = 200, description = "How many ended.", body = Revoked),
        (status = 404, description = "`not_found`.")))]
pub(crate) async fn revoke(
    operator: Operator<markers::PlatformUsersWrite>,
    path: Path<UserOfTenant>,
) -> Result<HttpResponse, Problem> {
    let tenant = service::tenant_named(&operator.begin().await?, &path.0.tenant).await?;
    let tx = operator.enter(tenant).await?;
    let revoked = session::service::end_all(&tx, path.0.user_id).await?;
    let event = Event::new(Action::SessionsRevoked).with("user", path.0.user_id).with("revoked", revoked);
    tx.answer(event, shown(&Revoked { revoked })).await
}

/// Ends every session of every tenant, the caller's own too.
#[utoipa::path(post, path = "/api/v2/global/sessions/revoke", tag = "Global users",
    operation_id = "global.sessions.revoke",
    responses((status = 200, description = "How many ended.", body = Revoked)))]
pub(crate) async fn revoke_all(
    operator: Operator<markers::PlatformUsersWrite>,
) -> Result<HttpResponse, Problem> {
    let tx = operator.begin().await?;
    let revoked = end_of_all(&tx, EndReason::Revoked).await?;
    let event = Event::new(Action::EverybodySignedOut).with("revoked", revoked);
    tx.answer(TenantId::SYSTEM, event, shown(&Revoked { revoked })).await
}
