//! Goes around every request that somebody wants to trace.

use actix_web::{
    Error, HttpMessage as _,
    body::MessageBody,
    dev::{ServiceRequest, ServiceResponse},
    middleware::Next,
};
use elder_http::RequestMeta;
use tracing::Instrument as _;

/// Makes a span of a request (W3C Trace Context, OpenTelemetry's conventions for HTTP), if traces are sent anywhere.
///
/// # Errors
/// None of its own.
pub async fn trace<B: MessageBody>(
    request: ServiceRequest,
    next: Next<B>,
) -> Result<ServiceResponse<B>, Error> {
    let parent = request.headers().get("traceparent").and_then(|value| value.to_str().ok());
    let span = elder_telemetry::request_span(request.method().as_str(), request.path(), parent);
    if span.is_none() {
        return next.call(request).await;
    }
    let response = next.call(request).instrument(span.clone()).await?;
    let request = response.request();
    let route = request.match_pattern();
    let route = route.as_deref().unwrap_or("(no route)");
    let tenant = elder_access::caller(request).map(|tenant| tenant.0);
    let id = request.extensions().get::<RequestMeta>().map(|meta| meta.id.clone()).unwrap_or_default();
    let status = response.status().as_u16();
    elder_telemetry::answered(&span, route, request.method().as_str(), status, tenant, &id);
    Ok(response)
}
