//! Each call of the API by somebody who is known, as an audit event: route, status, time and sizes.

use std::time::{Duration, Instant};

use actix_web::{
    Error, HttpRequest,
    body::{BodySize, MessageBody},
    dev::{ServiceRequest, ServiceResponse},
    http::{StatusCode, header},
    middleware::Next,
};
use elder_http::RequestMeta;

use super::known_caller;
use crate::{
    actions::{Action, Outcome},
    event::{Context, Event},
};

/// Writes each call down, beside the requests. It goes around `envelope`, which words the answers.
///
/// # Errors
/// None of its own.
pub async fn record_call<B: MessageBody>(
    request: ServiceRequest,
    next: Next<B>,
) -> Result<ServiceResponse<B>, Error> {
    let began = Instant::now();
    let response = next.call(request).await?;
    record(&response, began.elapsed());
    Ok(response)
}

fn record<B: MessageBody>(response: &ServiceResponse<B>, took: Duration) {
    let request = response.request();
    let Some((keeper, principal, tenant)) = known_caller(request) else { return };
    if !keeper.records_calls() || !principal.api_calls.cover(!request.method().is_safe()) {
        return;
    }
    let context = Context { actor: principal.actor(), meta: RequestMeta::of(request) };
    keeper.note(tenant, context, event(request, response.status(), took, response.response().body().size()));
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
