//! `/scim/v2/.search`.

use actix_web::HttpResponse;
use elder_access::{Access, markers};
use elder_http::{Json, Problem};
use elder_scim_protocol::{
    list::{ListResponse, Paging},
    query::Query as Question,
    schema::{GROUP_TYPE, USER_TYPE},
};

use super::{Across, behind, page};
use crate::{
    Error,
    resource::{routes::within, service::Reader},
    wire::{Call, Document, MAX_RESULTS, document::ScimSearch},
};

/// Lists resources of every type, users first (RFC 7644 §3.4.2.1). `sortBy` sorts within each type.
#[utoipa::path(post, path = "/scim/v2/.search", tag = "SCIM", operation_id = "scim.search",
    request_body(content = ScimSearch, content_type = "application/scim+json"),
    responses((status = 200, description = "A page of resources.", body = ListResponse,
        content_type = "application/scim+json")))]
pub(crate) async fn search(
    access: Access<markers::ScimRead>,
    call: Call,
    body: Json<Document>,
) -> Result<HttpResponse, Problem> {
    let within = within(&access)?;
    let kinds: &[_] = if within.sync_groups { &[&USER_TYPE, &GROUP_TYPE] } else { &[&USER_TYPE] };
    let asked = Question::from_search(kinds, &body.0.0, MAX_RESULTS).map_err(Error::from)?;
    let tx = access.begin().await?;
    let reader = Reader { conn: &tx, within, base_url: call.base_url() };
    let list = match asked.first().map(|question| &question.paging) {
        Some(Paging::Cursor { after, count }) => {
            let each: Vec<_> = asked.iter().map(Question::identity).collect();
            let scope = format!("{}|/.search|{}", within.directory, each.join("|"));
            let from = after.as_deref().map(|cursor| access.place::<Across>(&scope, cursor)).transpose()?;
            let (found, next) = behind(reader, &asked, (from.unwrap_or_default(), *count)).await?;
            let next = next.map(|place| access.cursor(&scope, &place)).transpose()?;
            ListResponse::behind(found, None, next)
        }
        Some(Paging::Index(asked_for)) => {
            let (found, total) = page(reader, &asked, *asked_for).await?;
            ListResponse::new(found, total, asked_for.start_index)
        }
        None => ListResponse::whole(Vec::new()),
    };
    Ok(call.answer(HttpResponse::Ok(), &list))
}
