//! What the routes of users and groups have in common.

use actix_web::{HttpResponse, HttpResponseBuilder, http::header};
use elder_access::{Access, Event, Permission, TenantTx, markers};
use elder_http::Problem;
use elder_scim_protocol::{
    list::{ListResponse, Paging},
    query::Query as Question,
};

use super::{
    Aim, Pushable, Pushed, Within,
    service::{self, Place, Reader, Window, find},
};
use crate::{Error, wire::Call};

/// The directory whose token was sent: only tokens hold the permissions of these routes.
pub(crate) fn within<P: Permission>(access: &Access<P>) -> Result<Within, Error> {
    let principal = access.directory().ok_or(Error::NotFound)?;
    Ok(Within {
        tenant: access.tenant(),
        directory: principal.directory,
        sync_groups: principal.sync_groups,
        entitlements: principal.entitlements,
    })
}

/// What the path and the header of a change mean.
pub(crate) fn aim<K: Pushable>(within: Within, call: &Call) -> Result<Aim<'_, K>, Error> {
    Ok(Aim { within, id: call.id()?, if_match: call.if_match() })
}

/// Answers with a page of the resources that are asked for.
pub(crate) async fn list<K: Pushable>(
    access: &Access<markers::ScimRead>,
    call: &Call,
    (within, question): (Within, &Question),
) -> Result<HttpResponse, Problem> {
    let scope = format!("{}|{}|{}", within.directory, K::TYPE.endpoint, question.identity());
    let window = match &question.paging {
        Paging::Index(page) => Window::from(*page),
        Paging::Cursor { after, count } => {
            let place = after.as_deref().map(|cursor| access.place::<Place>(&scope, cursor)).transpose()?;
            Window::Behind(place, *count)
        }
    };
    let tx = access.begin().await?;
    let reader = Reader { conn: &tx, within, base_url: call.base_url() };
    let found = find::<K>(reader, question, window).await?;
    let page = match &question.paging {
        Paging::Index(page) => {
            ListResponse::new(found.resources, found.total.unwrap_or_default(), page.start_index)
        }
        Paging::Cursor { .. } => {
            let next = found.next.map(|place| access.cursor(&scope, &place)).transpose()?;
            ListResponse::behind(found.resources, found.total, next)
        }
    };
    Ok(call.answer(HttpResponse::Ok(), &page))
}

/// Answers with one resource.
pub(crate) async fn one<K: Pushable>(
    access: &Access<markers::ScimRead>,
    call: &Call,
    within: Within,
) -> Result<HttpResponse, Problem> {
    let question = call.question(K::TYPE)?;
    let tx = access.begin().await?;
    let row = service::get::<K>(&tx, within, call.id()?).await?;
    if call.knows(&row.etag()) {
        return Ok(HttpResponse::NotModified().insert_header((header::ETAG, row.etag())).finish());
    }
    let mut rows = [row];
    service::complete(&tx, within, (call.base_url(), &question.projection), &mut rows).await?;
    let [row] = rows;
    Ok(show(call, HttpResponse::Ok(), &row, &question))
}

/// Ends a change: commits it, and answers with the resource as it is then.
pub(crate) async fn finish<K: Pushable>(
    tx: TenantTx<markers::ScimWrite>,
    call: &Call,
    (within, question, status): (Within, &Question, HttpResponseBuilder),
    (row, event): (Pushed<K>, Option<Event>),
) -> Result<HttpResponse, Problem> {
    let mut rows = [row];
    service::complete(&tx, within, (call.base_url(), &question.projection), &mut rows).await?;
    let [row] = rows;
    tx.answer(event, show(call, status, &row, question)).await
}

fn show<K: Pushable>(
    call: &Call,
    mut answer: HttpResponseBuilder,
    row: &Pushed<K>,
    question: &Question,
) -> HttpResponse {
    answer.insert_header((header::ETAG, row.etag()));
    call.answer(answer, &question.projection.project(&row.shown(call.base_url())))
}
