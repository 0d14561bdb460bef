//! Wraps every request: its id, the headers of every answer, the body of every problem, the log of every 5xx.

use actix_web::{
    Error, HttpMessage as _, HttpRequest, HttpResponse, ResponseError as _,
    body::{EitherBody, MessageBody},
    dev::{ServiceRequest, ServiceResponse},
    http::{
        Method, StatusCode,
        header::{self, HeaderMap, HeaderName, HeaderValue},
    },
    middleware::Next,
    web::Data,
};
use elder_kernel::{EntityTag, ErrorCode, Seam};
use serde_json::{Map, Value};

use crate::{Problem, RequestMeta, TrustedProxies};

/// How a part of the server words its problems.
#[derive(Clone, Copy)]
pub struct ProblemStyle {
    /// Whether a request is answered so.
    pub applies: fn(&HttpRequest) -> bool,
    /// Answers with a problem whose document already has `instance` and `request_id`.
    pub answer: fn(&HttpRequest, &Problem, Map<String, Value>) -> HttpResponse,
}

/// The styles of a server, to be put into the application's data. What none of them is for answers by RFC 9457.
#[derive(Clone, Copy)]
pub struct ProblemStyles(pub &'static [ProblemStyle]);

/// Headers that describe a body.
const OF_THE_BODY: [HeaderName; 2] = [header::CONTENT_TYPE, header::CONTENT_LENGTH];

const RFC_9457: ProblemStyle = ProblemStyle {
    applies: |_| true,
    answer: |_, problem, document| {
        HttpResponse::build(problem.status_code()).content_type("application/problem+json").json(document)
    },
};

/// Goes around every middleware that may answer by itself.
///
/// # Errors
/// None of its own. Inner middlewares answer instead of failing: a failure has no request left to be answered to,
/// and a request that is kept beside cannot be routed.
pub async fn envelope<B: MessageBody>(
    request: ServiceRequest,
    next: Next<B>,
) -> Result<ServiceResponse<EitherBody<B>>, Error> {
    let meta = match (request.app_data::<Data<TrustedProxies>>(), request.app_data::<Data<Seam>>()) {
        (Some(proxies), Some(seam)) => RequestMeta::read(&request, proxies, seam),
        _ => RequestMeta::read(&request, &TrustedProxies::default(), &Seam::system()),
    };
    request.extensions_mut().insert(meta.clone());
    let response = next.call(request).await?.map_into_left_body();
    let mut response = match problem_of(&response) {
        Some(problem) => render(response, &problem, &meta),
        None => unless_known(response),
    };
    set_common_headers(response.headers_mut(), &meta);
    Ok(response)
}

/// 304 where the caller has this very state already (RFC 9110 §13.1.2).
fn unless_known<B: MessageBody>(response: ServiceResponse<EitherBody<B>>) -> ServiceResponse<EitherBody<B>> {
    let request = response.request();
    let asks = matches!(*request.method(), Method::GET | Method::HEAD) && response.status() == StatusCode::OK;
    let text = |value: Option<&HeaderValue>| value.and_then(|value| value.to_str().ok()).map(str::to_owned);
    let (tag, known) =
        (text(response.headers().get(header::ETAG)), text(request.headers().get(header::IF_NONE_MATCH)));
    match (tag, known) {
        (Some(tag), Some(known)) if asks && EntityTag::is_among(&tag, &known) => {
            let answer = HttpResponse::NotModified().insert_header((header::ETAG, tag)).finish();
            response.into_response(answer.map_into_right_body())
        }
        _ => response,
    }
}

/// The problem that the answer stands for, also where actix answered by itself.
fn problem_of<B>(response: &ServiceResponse<B>) -> Option<Problem> {
    if let Some(problem) = response.response().extensions().get::<Problem>() {
        return Some(problem.clone());
    }
    let error = response.response().error()?;
    let code = match error.as_response_error().status_code() {
        StatusCode::PAYLOAD_TOO_LARGE => ErrorCode::PayloadTooLarge,
        status if status.is_client_error() => ErrorCode::InvalidParameter,
        _ => ErrorCode::InternalError,
    };
    Some(Problem::new(code, error.to_string()))
}

fn render<B>(
    response: ServiceResponse<EitherBody<B>>,
    problem: &Problem,
    meta: &RequestMeta,
) -> ServiceResponse<EitherBody<B>> {
    log(problem, meta, response.request().path());
    let mut document = problem.document();
    document.insert("instance".to_owned(), response.request().path().into());
    document.insert("request_id".to_owned(), meta.id.as_str().into());
    let mut answer = (style_of(response.request()).answer)(response.request(), problem, document);
    let is_unauthorized = answer.status() == StatusCode::UNAUTHORIZED;
    let headers = answer.headers_mut();
    // What the router and the rate limit have said stays; what described the body that is replaced goes.
    let kept = response.headers().iter();
    for (name, value) in kept.filter(|(name, _)| !OF_THE_BODY.contains(name)) {
        headers.append(name.clone(), value.clone());
    }
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    if is_unauthorized {
        headers.insert(header::WWW_AUTHENTICATE, HeaderValue::from_static(challenge(problem.code())));
    }
    if let Some(seconds) = problem.retry_after() {
        headers.insert(header::RETRY_AFTER, seconds.into());
    }
    response.into_response(answer.map_into_right_body())
}

/// What a caller is asked for: a token, or a newer proof of who they are (RFC 9470 §3).
fn challenge(code: ErrorCode) -> &'static str {
    match code {
        ErrorCode::StepUpRequired => {
            "Bearer realm=\"elder\", error=\"insufficient_user_authentication\", \
             error_description=\"A newer proof of who you are is needed\", max_age=600"
        }
        _ => "Bearer realm=\"elder\"",
    }
}

fn style_of(request: &HttpRequest) -> ProblemStyle {
    let special = request.app_data::<ProblemStyles>().map_or(&[] as &[_], |styles| styles.0);
    special.iter().copied().find(|style| (style.applies)(request)).unwrap_or(RFC_9457)
}

fn log(problem: &Problem, meta: &RequestMeta, path: &str) {
    let (request_id, code, causes) = (&meta.id, problem.code().slug(), problem.causes().join(": "));
    match problem.code() {
        ErrorCode::InternalError => {
            tracing::error!(request_id, path, code, causes, detail = ?problem, "request failed");
        }
        ErrorCode::Unavailable => tracing::warn!(request_id, path, code, causes, "request refused"),
        _ => tracing::debug!(request_id, path, code, "request refused"),
    }
}

fn set_common_headers(headers: &mut HeaderMap, meta: &RequestMeta) {
    if let Ok(id) = HeaderValue::from_str(&meta.id) {
        headers.insert(HeaderName::from_static("x-request-id"), id);
    }
    let fixed = [
        ("x-content-type-options", "nosniff"),
        ("x-frame-options", "DENY"),
        ("referrer-policy", "no-referrer"),
        ("content-security-policy", "default-src 'none'; frame-ancestors 'none'"),
        ("strict-transport-security", "max-age=31536000"),
        ("cache-control", "no-store"),
    ];
    for (name, value) in fixed {
        let name = HeaderName::from_static(name);
        if !headers.contains_key(&name) {
            headers.insert(name, HeaderValue::from_static(value));
        }
    }
}
