//! `/api/v2/audit/searches`.

use actix_web::HttpResponse;
use elder_access::{
    Access,
    markers::{AuditRead, AuditSearchesWrite},
};
use elder_api_types::audit::EventsQuery;
use elder_http::{Json, ListQuery, Path, Problem, created, no_content, shown};
use elder_kernel::Page;

use super::{AuditSearch, AuditSearchId, AuditSearchPatch, AuditSearches, NewAuditSearch, service};
use crate::event::{AuditEvent, AuditEvents, service::found};

/// Lists saved searches: those that are shared, and one's own.
#[utoipa::path(get, path = "/api/v2/audit/searches", tag = "Audit searches", operation_id = "audit.searches.list",
    params(ListQuery<AuditSearches>),
    responses((status = 200, description = "A page of searches.", body = Page<AuditSearch>)))]
pub(crate) async fn list(
    access: Access<AuditRead>,
    query: ListQuery<AuditSearches>,
) -> Result<HttpResponse, Problem> {
    let pager = access.pager(&query)?;
    pager.answer(service::list(&access.begin().await?, pager.selection()).await?)
}

/// Saves a search of the audit log, for oneself or for everybody who reads it.
#[utoipa::path(post, path = "/api/v2/audit/searches", tag = "Audit searches", operation_id = "audit.searches.create",
    request_body = NewAuditSearch,
    responses((status = 201, description = "The search.", body = AuditSearch),
        (status = 400, description = "`invalid_filter`; `validation_failed`: it is not shared, and who asks is no person."),
        (status = 409, description = "`already_exists`: another has the name; `conflict`: 100 are shared, or one's own, \
            already.")))]
pub(crate) async fn create(
    access: Access<AuditSearchesWrite>,
    body: Json<NewAuditSearch>,
) -> Result<HttpResponse, Problem> {
    let tx = access.begin().await?;
    let (search, event) = service::create(&tx, body.0).await?;
    tx.answer(event, created(&format!("/api/v2/audit/searches/{}", search.id), &search)).await
}

/// Shows a saved search.
#[utoipa::path(get, path = "/api/v2/audit/searches/{search_id}", tag = "Audit searches",
    operation_id = "audit.searches.get", params(("search_id" = AuditSearchId, Path)),
    responses((status = 200, description = "The search.", body = AuditSearch),
        (status = 404, description = "`not_found`.")))]
pub(crate) async fn get(access: Access<AuditRead>, id: Path<AuditSearchId>) -> Result<HttpResponse, Problem> {
    let tx = access.begin().await?;
    Ok(shown(&service::get(&tx, id.0).await?))
}

/// Lists the events that a saved search finds, the newest first. A `filter` narrows them further.
#[utoipa::path(get, path = "/api/v2/audit/searches/{search_id}/events", tag = "Audit searches",
    operation_id = "audit.searches.events", params(("search_id" = AuditSearchId, Path), ListQuery<AuditEvents, EventsQuery>),
    responses((status = 200, description = "A page of events.", body = Page<AuditEvent>),
        (status = 404, description = "`not_found`.")))]
pub(crate) async fn events(
    access: Access<AuditRead>,
    id: Path<AuditSearchId>,
    mut query: ListQuery<AuditEvents, EventsQuery>,
) -> Result<HttpResponse, Problem> {
    let tx = access.begin().await?;
    let search = service::get(&tx, id.0).await?;
    query.selection = service::narrowed(query.selection, &search)?;
    let pager = access.pager(&query)?;
    pager.answer(found(&tx, pager.selection(), query.more.q.as_deref()).await?)
}

/// Changes a saved search. Who may read a shared one and save searches may change it.
#[utoipa::path(patch, path = "/api/v2/audit/searches/{search_id}", tag = "Audit searches",
    operation_id = "audit.searches.update", params(("search_id" = AuditSearchId, Path)),
    request_body = AuditSearchPatch,
    responses((status = 200, description = "The search.", body = AuditSearch),
        (status = 400, description = "`invalid_filter`; `validation_failed`: it is to be shared no more, and who asks is \
            no person."),
        (status = 404, description = "`not_found`."),
        (status = 409, description = "`already_exists`: another has the name; `conflict`: an alert counts its events, so \
            it stays shared.")))]
pub(crate) async fn update(
    access: Access<AuditSearchesWrite>,
    id: Path<AuditSearchId>,
    body: Json<AuditSearchPatch>,
) -> Result<HttpResponse, Problem> {
    let tx = access.begin().await?;
    let (search, event) = service::update(&tx, id.0, body.0).await?;
    tx.answer(event, shown(&search)).await
}

/// Deletes a saved search.
#[utoipa::path(delete, path = "/api/v2/audit/searches/{search_id}", tag = "Audit searches",
    operation_id = "audit.searches.delete", params(("search_id" = AuditSearchId, Path)),
    responses((status = 204, description = "It is gone."), (status = 404, description = "`not_found`."),
        (status = 409, description = "`conflict`: an alert counts its events.")))]
pub(crate) async fn delete(
    access: Access<AuditSearchesWrite>,
    id: Path<AuditSearchId>,
) -> Result<HttpResponse, Problem> {
    let tx = access.begin().await?;
    let event = service::delete(&tx, id.0).await?;
    tx.answer(event, no_content()).await
}
