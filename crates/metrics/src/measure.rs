//! The outermost middleware: counts and times every answer, whoever gave it.

use std::time::Instant;

use actix_web::{
    Error, HttpMessage as _,
    body::MessageBody,
    dev::{ServiceRequest, ServiceResponse},
    http::Method,
    middleware::Next,
    web::Data,
};
use prometheus::IntGauge;

use crate::Metrics;

/// The endpoint of what matches no route, whatever its path.
const UNMATCHED: &str = "unmatched";
/// The tenant or provider of a request that nobody is known for.
const UNKNOWN: &str = "unknown";

/// The identity provider behind a SCIM request, left among its extensions by whoever looks the directory up.
#[derive(Debug, Clone)]
pub struct ScimProvider(pub String);

/// Counts a request and its answer. It goes around `envelope`, which makes an answer of every error.
///
/// # Errors
/// None of its own.
pub async fn measure<B: MessageBody>(
    request: ServiceRequest,
    next: Next<B>,
) -> Result<ServiceResponse<B>, Error> {
    let Some(metrics) = request.app_data::<Data<Metrics>>().cloned() else {
        return next.call(request).await;
    };
    let started = Instant::now();
    let running = Running::begin(&metrics.http().in_progress);
    let response = next.call(request).await?;
    drop(running);
    count(&metrics, &response, started);
    Ok(response)
}

/// Counts a request as being answered for as long as it lives, also if the client goes away.
struct Running(IntGauge);

impl Running {
    fn begin(gauge: &IntGauge) -> Self {
        gauge.inc();
        Self(gauge.clone())
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        self.0.dec();
    }
}

/// Series that exist are found by the hash of their labels, so that counting allocates nothing but the pattern.
fn count<B>(metrics: &Metrics, response: &ServiceResponse<B>, started: Instant) {
    let request = response.request();
    let (families, method) = (metrics.http(), method_label(request.method()));
    let pattern = request.match_pattern();
    let endpoint = pattern.as_deref().unwrap_or(UNMATCHED);
    let status = response.status();
    families.requests.with_label_values(&[method, endpoint, status.as_str()]).inc();
    families.seconds.with_label_values(&[method, endpoint]).observe(started.elapsed().as_secs_f64());
    let tenant = elder_access::caller(request);
    let label = tenant.map(|tenant| metrics.tenants().label(tenant));
    if let (Some(tenant), Some(label)) = (tenant, &label) {
        families.api_calls.with_label_values(&[&**label, endpoint]).inc();
        metrics.add_api_calls(tenant, 1);
    }
    if endpoint.starts_with("/scim/") {
        let extensions = request.extensions();
        let provider = extensions.get::<ScimProvider>().map_or(UNKNOWN, |provider| provider.0.as_str());
        let tenant = label.as_deref().unwrap_or(UNKNOWN);
        let operation = operation(method, endpoint);
        families.scim_requests.with_label_values(&[tenant, provider, &operation, status.as_str()]).inc();
    }
}

/// The method; any word may be one (RFC 9110 §9.1), so those that no route has share a label.
fn method_label(method: &Method) -> &str {
    match method.as_str() {
        name @ ("GET" | "HEAD" | "POST" | "PUT" | "PATCH" | "DELETE" | "OPTIONS") => name,
        _ => "OTHER",
    }
}

/// What is done to which kind of resource: the last part of the pattern that has a name.
fn operation(method: &str, pattern: &str) -> String {
    let resource = pattern.rsplit('/').find(|part| !part.is_empty() && !part.starts_with('{'));
    format!("{method} {}", resource.unwrap_or(UNKNOWN))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_operation_names_the_resource_and_never_an_id() {
        assert_eq!(operation("GET", "/scim/v2/Users"), "GET Users");
        assert_eq!(operation("PATCH", "/scim/v2/{directory}/Users/{id}"), "PATCH Users");
    }

    #[test]
    fn invented_methods_share_one_label() {
        assert_eq!(method_label(&Method::PATCH), "PATCH");
        assert_eq!(method_label(&Method::from_bytes(b"FROBNICATE").unwrap()), "OTHER");
    }
}
