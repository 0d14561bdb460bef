//! `/api/v2/audit/events/stream`.

use std::future::{Ready, ready};

use actix_web::{FromRequest, HttpRequest, HttpResponse, dev::Payload, http::header, web::Data};
use elder_access::{Lasting, markers::AuditRead};
use elder_api_types::audit::StreamQuery;
use elder_http::{Problem, Query};
use elder_kernel::ErrorCode;

use super::{Full, Tail, service};
use crate::event::service::selected;

/// After how many seconds there may be room for another listener.
const PAUSE: u32 = 30;

/// Tells events of the tenant's audit log as they are sealed, in the order of the log, as server-sent events (WHATWG HTML
/// §9.2). The `id` of each is how large the log is with it; who sends it back as `Last-Event-ID` misses nothing and
/// gets nothing twice. The stream ends when the credential does.
#[utoipa::path(get, path = "/api/v2/audit/events/stream", tag = "Audit log", operation_id = "audit.events.stream",
    params(StreamQuery,
        ("Last-Event-ID" = Option<u64>, Header, description = "The `id` of the last event that was heard.", minimum = 0)),
    responses((status = 200, description = "Events of the type `audit_event`, without an end.",
            content_type = "text/event-stream", body = String),
        (status = 400, description = "`invalid_filter`; `invalid_parameter`: the `Last-Event-ID` is no number."),
        (status = 429, description = "`rate_limited`: the tenant has 5 listeners at this node, or the node has 100.")))]
pub(crate) async fn stream(
    door: Lasting<AuditRead>,
    query: Query<StreamQuery>,
    last: LastEventId,
    tail: Data<Tail>,
) -> Result<HttpResponse, Problem> {
    let selection = selected(query.0.filter.as_deref())?;
    let listener = tail.listen(door.tenant()).map_err(|Full| {
        let what = "Too many are listening already.";
        Problem::new(ErrorCode::RateLimited, what).with_retry_after(PAUSE)
    })?;
    let told = service::told(door, listener, selection, last.0).await?;
    Ok(HttpResponse::Ok()
        .insert_header((header::CONTENT_TYPE, "text/event-stream"))
        // nginx would keep events back until its buffer is full.
        .insert_header(("x-accel-buffering", "no"))
        .streaming(Box::pin(told)))
}

/// What a browser sends when it comes again (WHATWG HTML §9.2.4).
pub(crate) struct LastEventId(Option<u64>);

impl FromRequest for LastEventId {
    type Error = Problem;
    type Future = Ready<Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let Some(sent) = request.headers().get("last-event-id") else { return ready(Ok(Self(None))) };
        let number = sent.to_str().ok().and_then(|sent| sent.parse().ok());
        let what = "`Last-Event-ID` is the `id` of an event of this stream: a number.";
        ready(
            number
                .map(|number| Self(Some(number)))
                .ok_or_else(|| Problem::new(ErrorCode::InvalidParameter, what)),
        )
    }
}
