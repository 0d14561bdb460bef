//! `/scim/v2/Roles` and `/scim/v2/Entitlements`, which clients read and do not change.

use actix_web::{HttpResponse, http::header};
use elder_access::{Access, markers};
use elder_entitlements::entitlement::{EntitlementKind, service as entries};
use elder_http::Problem;
use elder_scim_protocol::{
    list::{ListResponse, Paging},
    query::Query as Question,
    resource::Resource,
    schema::ResourceType,
};
use serde_json::Value;

use super::{etag, matching, shown};
use crate::{Error, directory::Habits, wire::Call};

type ScimAccess = Access<markers::ScimRead>;

/// Lists what the directory may name in `roles` of a user.
#[utoipa::path(get, path = "/scim/v2/Roles", tag = "SCIM", operation_id = "scim.roles.list",
    params(("filter" = Option<String>, Query), ("sortBy" = Option<String>, Query),
        ("sortOrder" = Option<String>, Query), ("startIndex" = Option<i64>, Query), ("count" = Option<i64>, Query),
        ("cursor" = Option<String>, Query), ("attributes" = Option<String>, Query),
        ("excludedAttributes" = Option<String>, Query)),
    responses((status = 200, description = "A page of roles.", body = ListResponse,
        content_type = "application/scim+json")))]
pub(crate) async fn roles(access: ScimAccess, call: Call) -> Result<HttpResponse, Problem> {
    list(&access, &call, EntitlementKind::Role).await
}

/// Gets a role by its value.
#[utoipa::path(get, path = "/scim/v2/Roles/{id}", tag = "SCIM", operation_id = "scim.roles.get",
    params(("id" = String, Path)),
    responses((status = 200, description = "The role.", content_type = "application/scim+json"),
        (status = 304, description = "The client has this version.")))]
pub(crate) async fn role(access: ScimAccess, call: Call) -> Result<HttpResponse, Problem> {
    one(&access, &call, EntitlementKind::Role).await
}

/// Lists what the directory may name in `entitlements` of a user.
#[utoipa::path(get, path = "/scim/v2/Entitlements", tag = "SCIM", operation_id = "scim.entitlements.list",
    params(("filter" = Option<String>, Query), ("sortBy" = Option<String>, Query),
        ("sortOrder" = Option<String>, Query), ("startIndex" = Option<i64>, Query), ("count" = Option<i64>, Query),
        ("cursor" = Option<String>, Query), ("attributes" = Option<String>, Query),
        ("excludedAttributes" = Option<String>, Query)),
    responses((status = 200, description = "A page of entitlements.", body = ListResponse,
        content_type = "application/scim+json")))]
pub(crate) async fn entitlements(access: ScimAccess, call: Call) -> Result<HttpResponse, Problem> {
    list(&access, &call, EntitlementKind::Entitlement).await
}

/// Gets an entitlement by its value.
#[utoipa::path(get, path = "/scim/v2/Entitlements/{id}", tag = "SCIM", operation_id = "scim.entitlements.get",
    params(("id" = String, Path)),
    responses((status = 200, description = "The entitlement.", content_type = "application/scim+json"),
        (status = 304, description = "The client has this version.")))]
pub(crate) async fn entitlement(access: ScimAccess, call: Call) -> Result<HttpResponse, Problem> {
    one(&access, &call, EntitlementKind::Entitlement).await
}

/// The type of a kind, in the form that the provider looks for.
fn form(access: &ScimAccess, kind: EntitlementKind) -> Result<&'static ResourceType, Error> {
    let catalogue = Habits::of(access.directory().ok_or(Error::NotFound)?.provider).catalogue;
    Ok(match kind {
        EntitlementKind::Role => catalogue.role,
        EntitlementKind::Entitlement => catalogue.entitlement,
    })
}

async fn list(access: &ScimAccess, call: &Call, kind: EntitlementKind) -> Result<HttpResponse, Problem> {
    let form = form(access, kind)?;
    let directory = access.directory().ok_or(Error::NotFound)?.directory;
    let question = call.question(form)?;
    let tx = access.begin().await?;
    let offered = entries::offered(&tx, directory, kind).await.map_err(Error::from)?;
    let all = offered.iter().map(|entry| shown(entry, form, call.base_url())).collect();
    let found = matching(&question, all);
    let scope = format!("{directory}|{}|{}", form.endpoint, question.identity());
    let page = match &question.paging {
        Paging::Index(page) => {
            let shown = cut(&question, &found, (page.start_index - 1, page.count));
            ListResponse::new(shown, size(&found), page.start_index)
        }
        Paging::Cursor { after, count } => {
            let from = after.as_deref().map(|cursor| access.place::<u64>(&scope, cursor)).transpose()?;
            let from = from.unwrap_or_default();
            let end = from.saturating_add(*count);
            let next = (end < size(&found)).then(|| access.cursor(&scope, &end)).transpose()?;
            ListResponse::behind(cut(&question, &found, (from, *count)), Some(size(&found)), next)
        }
    };
    Ok(call.answer(HttpResponse::Ok(), &page))
}

async fn one(access: &ScimAccess, call: &Call, kind: EntitlementKind) -> Result<HttpResponse, Problem> {
    let form = form(access, kind)?;
    let directory = access.directory().ok_or(Error::NotFound)?.directory;
    let question = call.question(form)?;
    let tx = access.begin().await?;
    let offered = entries::offered(&tx, directory, kind).await.map_err(Error::from)?;
    let entry = offered.iter().find(|entry| entry.value == call.resource()).ok_or(Error::NotFound)?;
    let tag = etag(entry);
    if call.knows(&tag) {
        return Ok(HttpResponse::NotModified().insert_header((header::ETAG, tag)).finish());
    }
    let mut answer = HttpResponse::Ok();
    answer.insert_header((header::ETAG, tag));
    Ok(call.answer(answer, &question.projection.project(&shown(entry, form, call.base_url()))))
}

/// The resources from a place on, so many at most, with the attributes that are asked for.
fn cut(question: &Question, found: &[Resource], (from, count): (u64, u64)) -> Vec<Value> {
    let index = |number: u64| usize::try_from(number).unwrap_or(usize::MAX);
    let page = found.iter().skip(index(from)).take(index(count));
    page.map(|resource| question.projection.project(resource)).collect()
}

fn size(found: &[Resource]) -> u64 {
    u64::try_from(found.len()).unwrap_or(u64::MAX)
}
