//! Routes of one's own account.

use actix_web::{HttpResponse, web::Data};
use elder_access::{Action, Event, Fresh, Myself, OwnRead, session::EndReason};
use elder_crypto::PasswordHasher;
use elder_http::{Json, ListQuery, Path, Problem, no_content, shown};
use elder_kernel::{Id, Page, Session};

use super::{Me, MePatch, OwnPassword, service};
use crate::{
    account::{self, Account},
    session::{self, SessionId, SessionView, Sessions},
};

/// Shows who is signed in, and what they may do.
#[utoipa::path(get, path = "/api/v2/me", tag = "Own account", operation_id = "me.get",
    responses((status = 200, description = "The account.", body = Me)))]
pub(crate) async fn get(myself: Myself<OwnRead>) -> Result<HttpResponse, Problem> {
    let tx = myself.read().await?;
    Ok(shown(&service::profile(&tx, &myself).await?))
}

/// Changes the own profile.
#[utoipa::path(patch, path = "/api/v2/me", tag = "Own account", operation_id = "me.update",
    request_body = MePatch,
    responses((status = 200, description = "The account.", body = Account),
        (status = 409, description = "`managed_by_directory`.")))]
pub(crate) async fn update(myself: Myself, body: Json<MePatch>) -> Result<HttpResponse, Problem> {
    let tx = myself.write().await?;
    let (user, changes) = account::service::update(&tx, myself.user(), body.0.into()).await?;
    tx.answer(account::event::updated(&user, changes), shown(&user)).await
}

/// Changes the own password and ends all other sessions.
#[utoipa::path(put, path = "/api/v2/me/password", tag = "Own account", operation_id = "me.set_password",
    request_body = OwnPassword,
    responses((status = 204, description = "The password is set."),
        (status = 400, description = "`validation_failed`: the present password is another one, or the new breaks a rule."),
        (status = 503, description = "`busy`: too many passwords are waiting to be hashed.")))]
pub(crate) async fn set_password(
    myself: Fresh<Myself>,
    hasher: Data<PasswordHasher>,
    body: Json<OwnPassword>,
) -> Result<HttpResponse, Problem> {
    service::change_password(&myself, &hasher, body.0).await?;
    Ok(no_content())
}

/// Lists the own sessions.
#[utoipa::path(get, path = "/api/v2/me/sessions", tag = "Own account", operation_id = "me.sessions.list",
    params(ListQuery<Sessions>),
    responses((status = 200, description = "A page of sessions.", body = Page<SessionView>)))]
pub(crate) async fn list_sessions(
    myself: Myself<OwnRead>,
    query: ListQuery<Sessions>,
) -> Result<HttpResponse, Problem> {
    let pager = myself.pager(&query)?;
    let current = Some(myself.principal().session);
    let tx = myself.read().await?;
    pager.answer(session::service::list(&tx, myself.user(), current, pager.selection()).await?)
}

/// Ends one of the own sessions.
#[utoipa::path(delete, path = "/api/v2/me/sessions/{session_id}", tag = "Own account",
    operation_id = "me.sessions.delete", params(("session_id" = SessionId, Path)),
    responses((status = 204, description = "The session has ended."),
        (status = 404, description = "`not_found`.")))]
pub(crate) async fn delete_session(myself: Myself, path: Path<Id<Session>>) -> Result<HttpResponse, Problem> {
    let tx = myself.write().await?;
    session::service::end(&tx, myself.user(), path.0, EndReason::Revoked).await?;
    tx.answer(Event::on(Action::SignedOut, path.0), no_content()).await
}
