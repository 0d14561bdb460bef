//! Routes by which admins see and end the sessions of their users.

use actix_web::HttpResponse;
use elder_access::{
    Access, Action, Event, markers,
    session::{EndReason, end_of_tenant},
};
use elder_http::{ListQuery, Path, Problem, no_content, shown};
use elder_kernel::{Id, Page, User};

use super::{Revoked, SessionId, SessionOfUser, SessionView, Sessions, service};
use crate::account::UserId;

/// Lists a user's sessions.
#[utoipa::path(get, path = "/api/v2/users/{user_id}/sessions", tag = "Sessions",
    operation_id = "users.sessions.list", params(("user_id" = UserId, Path), ListQuery<Sessions>),
    responses((status = 200, description = "A page of sessions.", body = Page<SessionView>),
        (status = 404, description = "`not_found`.")))]
pub(crate) async fn list(
    access: Access<markers::SessionsRead>,
    path: Path<Id<User>>,
    query: ListQuery<Sessions>,
) -> Result<HttpResponse, Problem> {
    let pager = access.pager(&query)?;
    let current = access.user().map(|user| user.session);
    let tx = access.begin().await?;
    pager.answer(service::list(&tx, path.0, current, pager.selection()).await?)
}

/// Ends one of a user's sessions.
#[utoipa::path(delete, path = "/api/v2/users/{user_id}/sessions/{session_id}", tag = "Sessions",
    operation_id = "users.sessions.delete",
    params(("user_id" = UserId, Path), ("session_id" = SessionId, Path)),
    responses((status = 204, description = "The session has ended."),
        (status = 404, description = "`not_found`.")))]
pub(crate) async fn delete(
    access: Access<markers::SessionsWrite>,
    path: Path<SessionOfUser>,
) -> Result<HttpResponse, Problem> {
    let SessionOfUser { user_id, session_id } = path.0;
    let tx = access.begin().await?;
    service::end(&tx, user_id, session_id, EndReason::Revoked).await?;
    tx.answer(Event::on(Action::SessionsRevoked, session_id).with("user", user_id), no_content()).await
}

/// Ends every session of a user.
#[utoipa::path(post, path = "/api/v2/users/{user_id}/sessions/revoke", tag = "Sessions",
    operation_id = "users.sessions.revoke", params(("user_id" = UserId, Path)),
    responses((status = 200, description = "How many ended.", body = Revoked),
        (status = 404, description = "`not_found`.")))]
pub(crate) async fn revoke(
    access: Access<markers::SessionsWrite>,
    path: Path<Id<User>>,
) -> Result<HttpResponse, Problem> {
    let tx = access.begin().await?;
    let revoked = service::end_all(&tx, path.0).await?;
    let event = Event::new(Action::SessionsRevoked).with("user", path.0).with("revoked", revoked);
    tx.answer(event, shown(&Revoked { revoked })).await
}

/// Ends every session of the tenant, the caller's own too.
#[utoipa::path(post, path = "/api/v2/sessions/revoke", tag = "Sessions", operation_id = "sessions.revoke",
    responses((status = 200, description = "How many ended.", body = Revoked)))]
pub(crate) async fn revoke_all(access: Access<markers::SessionsWrite>) -> Result<HttpResponse, Problem> {
    let tx = access.begin().await?;
    let revoked = end_of_tenant(&tx, EndReason::Revoked).await?;
    tx.answer(Event::new(Action::SessionsRevoked).with("revoked", revoked), shown(&Revoked { revoked })).await
}
