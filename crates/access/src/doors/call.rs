//! Each call of the API by somebody who is known, as an audit event: route, status, time and sizes, and the bodies where the
//! tenant wants them kept.

use std::time::{Duration, Instant};

use actix_web::{
    Error, HttpMessage as _, HttpRequest,
    body::{BodySize, EitherBody, MessageBody},
    dev::{ServiceRequest, ServiceResponse},
    http::{StatusCode, header},
    middleware::Next,
    web::Data,
};
use bytes::Bytes;
use elder_http::{BodyForms, MOST_COPIED, RequestMeta, Sent, SentBody, is_json, name_of};
use elder_kernel::TenantId;

use super::{authenticate::Caller, known_caller};
use crate::{
    Gatekeeper,
    actions::{Action, Outcome},
    bodies::Said,
    event::{Context, Event},
    principal::Principal,
};

/// An answer that may have been looked at.
type Answer<B> = ServiceResponse<EitherBody<B, Bytes>>;

/// Writes each call down, beside the requests. It goes around `envelope`, which words the answers.
///
/// # Errors
/// None of its own.
pub async fn record_call<B: MessageBody>(request: ServiceRequest, next: Next<B>) -> Result<Answer<B>, Error> {
    let began = Instant::now();
    let response = next.call(request).await?;
    Ok(record(response, began.elapsed()))
}

fn record<B: MessageBody>(response: ServiceResponse<B>, took: Duration) -> Answer<B> {
    let request = response.request();
    let Some((keeper, principal, tenant)) = known_caller(request) else {
        return response.map_into_left_body();
    };
    if !is_recorded(&keeper, &principal, request) {
        return response.map_into_left_body();
    }
    let context = Context { actor: principal.actor(), meta: RequestMeta::of(request) };
    let event = event(request, response.status(), took, response.response().body().size());
    let (response, said) = if is_kept(&principal, tenant) {
        taken(response, principal.api_bodies.cover_answers())
    } else {
        (response.map_into_left_body(), None)
    };
    keeper.note_call(tenant, context, event, said);
    response
}

fn is_recorded(keeper: &Gatekeeper, principal: &Principal, request: &HttpRequest) -> bool {
    keeper.records_calls() && principal.api_calls.cover(!request.method().is_safe())
}

/// Whether bodies are kept at all. Only the tenant whose log it is says so: of what an operator does in another none is.
fn is_kept(principal: &Principal, tenant: TenantId) -> bool {
    principal.tenant == tenant && principal.api_bodies.cover_requests()
}

/// Has what is sent copied when it is read, if it is to be kept.
pub(super) fn copy_if_kept(keeper: &Gatekeeper, request: &HttpRequest, caller: &Caller) {
    let Caller::Known { principal, tenant: Some(tenant) } = caller else { return };
    if is_kept(principal, *tenant) && is_recorded(keeper, principal, request) {
        request.extensions_mut().insert(SentBody::default());
    }
}

/// Takes what was sent and, if wanted, what is answered: all that is JSON and whole. Nothing is looked at here.
fn taken<B: MessageBody>(response: ServiceResponse<B>, with_answer: bool) -> (Answer<B>, Option<Said>) {
    let request = response.request();
    let route = name_of(request.method().as_str(), &request.match_pattern().unwrap_or_default());
    let forms = request.app_data::<Data<BodyForms>>().filter(|forms| forms.cover(&route));
    let Some(forms) = forms else { return (response.map_into_left_body(), None) };
    let mut said = Said::new(BodyForms::clone(forms), route, response.status().as_u16());
    if is_json(request.content_type()) {
        said.request = request.extensions().get::<SentBody>().and_then(|body| body.sent().cloned());
    }
    let kind = response.headers().get(header::CONTENT_TYPE).and_then(|kind| kind.to_str().ok());
    let size = match response.response().body().size() {
        BodySize::Sized(bytes) if with_answer && bytes > 0 && kind.is_some_and(is_json) => bytes,
        _ => return (response.map_into_left_body(), Some(said)),
    };
    let is_short = usize::try_from(size).is_ok_and(|size| size <= MOST_COPIED);
    let response = response.map_body(|_, body| {
        said.answer = Some(Sent { bytes: size, text: None });
        match if is_short { body.try_into_bytes() } else { Err(body) } {
            Ok(bytes) => {
                // Both have the same bytes: nothing is copied.
                said.answer = Some(Sent { bytes: size, text: Some(bytes.clone()) });
                EitherBody::right(bytes)
            }
            Err(body) => EitherBody::left(body),
        }
    });
    (response, Some(said))
}

/// The path is told without its query, which may hold what somebody has searched for.
fn event(request: &HttpRequest, status: StatusCode, took: Duration, size: BodySize) -> Event {
    let route = request.match_pattern().unwrap_or_else(|| "(no route)".to_owned());
    let length =
        request.headers().get(header::CONTENT_LENGTH).and_then(|length| length.to_str().ok()?.parse().ok());
    let sent = match size {
        BodySize::Sized(bytes) => Some(bytes),
        BodySize::None => Some(0),
        BodySize::Stream => None,
    };
    Event::about(Action::ApiCalled, format!("{} {route}", request.method()))
        .with("path", request.path())
        .with("status", status.as_u16())
        .with("duration_us", u64::try_from(took.as_micros()).unwrap_or(u64::MAX))
        .with("request_bytes", length.unwrap_or(0_u64))
        .with("response_bytes", sent)
        .turned_out(outcome(status))
}

fn outcome(status: StatusCode) -> Outcome {
    match status {
        StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN => Outcome::Denied,
        status if status.is_client_error() || status.is_server_error() => Outcome::Failure,
        _ => Outcome::Success,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_outcome_is_told_by_the_status() {
        for (status, told) in
            [(200, Outcome::Success), (304, Outcome::Success), (401, Outcome::Denied), (403, Outcome::Denied)]
        {
            assert_eq!(outcome(StatusCode::from_u16(status).unwrap()), told, "{status}");
        }
        for status in [404, 409, 422, 429, 500, 503] {
            assert_eq!(outcome(StatusCode::from_u16(status).unwrap()), Outcome::Failure, "{status}");
        }
    }
}
