//! `/api/v2/directories/{dir_id}/activity`, and the middleware that sees what is sent.

use std::time::Instant;

use actix_web::{
    Error, HttpResponse,
    body::MessageBody,
    dev::{ServiceRequest, ServiceResponse},
    middleware::Next,
    web::Data,
};
use elder_access::{Access, markers};
use elder_http::{ListQuery, Path, Problem};
use elder_kernel::{Id, Page, ScimGroup, Seam, User};

use super::{Activity, DirectoryRequest, DirectoryRequests, Seen, service};
use crate::{
    directory::DirectoryId,
    rules::{Rules, noting},
    wire::ROOT,
};

/// Lists what was sent to a directory in the last seven days, and what became of it. A request is there within half a
/// minute. Nothing is kept of what was sent.
#[utoipa::path(get, path = "/api/v2/directories/{dir_id}/activity", tag = "Directories",
    operation_id = "directories.activity.list",
    params(("dir_id" = DirectoryId, Path), ListQuery<DirectoryRequests>),
    responses((status = 200, description = "A page of requests.", body = Page<DirectoryRequest>)))]
pub(crate) async fn list(
    access: Access<markers::DirectoriesRead>,
    directory: Path<DirectoryId>,
    query: ListQuery<DirectoryRequests>,
) -> Result<HttpResponse, Problem> {
    let pager = access.pager(&query)?;
    let tx = access.begin().await?;
    pager.answer(service::list(&tx, directory.0, pager.selection()).await?)
}

/// Keeps in mind what was sent with a directory's token, and how it was answered. It goes within `authenticate`.
///
/// # Errors
/// None of its own.
pub async fn record<B: MessageBody>(
    request: ServiceRequest,
    next: Next<B>,
) -> Result<ServiceResponse<B>, Error> {
    let started = Instant::now();
    let (response, rules) = noting(next.call(request)).await;
    let response = response?;
    if let Some(activity) = response.request().app_data::<Data<Activity>>().cloned()
        && let Some(seen) = seen(&response, started, rules)
    {
        activity.add(seen);
    }
    Ok(response)
}

/// None for what a directory's token has nothing to do with. Ids are Elder's own: what else stands in a path may be a
/// person's name, and stays out.
fn seen<B>(response: &ServiceResponse<B>, started: Instant, rules: Rules) -> Option<Seen> {
    let request = response.request();
    let (tenant, pusher) = elder_access::pusher(request)?;
    let path = request.match_pattern().filter(|pattern| pattern.starts_with(ROOT))?;
    let named = request.match_info().get("id").unwrap_or_default();
    let is_ours = named.parse::<Id<User>>().is_ok() || named.parse::<Id<ScimGroup>>().is_ok();
    let seam = request.app_data::<Data<Seam>>()?;
    let problem = response.response().error().and_then(|error| error.as_error::<Problem>());
    Some(Seen {
        id: seam.id(),
        tenant,
        directory: pusher.directory,
        token: pusher.token,
        answered_at: seam.now(),
        method: request.method().to_string(),
        path,
        resource: is_ours.then(|| named.to_owned()),
        status: response.status().as_u16(),
        code: problem.map(|problem| problem.code().slug()),
        rules,
        milliseconds: started.elapsed().as_millis(),
    })
}
