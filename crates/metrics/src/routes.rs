//! What a monitor and an orchestrator ask.

use actix_web::{HttpRequest, HttpResponse, http::header, web::Data};
use elder_http::{Problem, Public, RouteTable};
use elder_kernel::{ErrorCode, Secret};
use subtle::ConstantTimeEq as _;

use crate::{Health, HealthReport, Metrics, Readiness, Status, routes};

/// The token that a scrape must show, in the application's data if one is configured.
#[derive(Clone)]
pub struct ScrapeToken(pub Secret<String>);

/// `/healthz`, `/livez` and `/readyz`.
pub fn probes(table: &mut RouteTable) {
    elder_http::routes!(table; routes => [healthz, livez, readyz]);
}

/// `/metrics`.
pub fn exposition(table: &mut RouteTable) {
    elder_http::routes!(table; routes => [metrics]);
}

/// Says whether this node can serve, and what it found.
#[utoipa::path(get, path = "/healthz", tag = "Health", operation_id = "health.get",
    responses(
        (status = 200, description = "Healthy or degraded.", body = HealthReport),
        (status = 503, description = "Unhealthy: the database does not answer.", body = HealthReport)))]
pub(crate) async fn healthz(_: Public, health: Data<Health>) -> HttpResponse {
    let report = health.report().await;
    match report.status {
        Status::Healthy | Status::Degraded => HttpResponse::Ok().json(report),
        Status::Unhealthy => HttpResponse::ServiceUnavailable().json(report),
    }
}

/// Says that the process answers.
#[utoipa::path(get, path = "/livez", tag = "Health", operation_id = "health.live",
    responses((status = 200, description = "The process answers.", content_type = "text/plain", body = String)))]
pub(crate) async fn livez(_: Public) -> HttpResponse {
    HttpResponse::Ok().content_type("text/plain").body("alive\n")
}

/// Says whether this node takes traffic: it has started, is not about to stop, and its database answers.
#[utoipa::path(get, path = "/readyz", tag = "Health", operation_id = "health.ready",
    responses(
        (status = 200, description = "Send requests here.", content_type = "text/plain", body = String),
        (status = 503, description = "Starting, stopping or without its database: send them elsewhere.", content_type = "text/plain",
            body = String)))]
pub(crate) async fn readyz(_: Public, readiness: Data<Readiness>, health: Data<Health>) -> HttpResponse {
    if readiness.is_ready() && health.can_serve().await {
        HttpResponse::Ok().content_type("text/plain").body("ready\n")
    } else {
        HttpResponse::ServiceUnavailable().content_type("text/plain").body("not ready\n")
    }
}

/// Every metric, in Prometheus' text format.
#[utoipa::path(get, path = "/metrics", tag = "Health", operation_id = "metrics.get",
    responses(
        (status = 200, description = "Prometheus' text format 0.0.4.", content_type = "text/plain", body = String),
        (status = 401, description = "`unauthenticated`: the scrape token is missing or another one.")))]
pub(crate) async fn metrics(
    _: Public,
    request: HttpRequest,
    metrics: Data<Metrics>,
) -> Result<HttpResponse, Problem> {
    if let Some(token) = request.app_data::<Data<ScrapeToken>>()
        && !shows(&request, token)
    {
        let what = "Send the scrape token (`http.metrics_token`) as `Authorization: Bearer …`.";
        return Err(Problem::new(ErrorCode::Unauthenticated, what));
    }
    let text = metrics.encode().map_err(|error| Problem::new(ErrorCode::InternalError, error.to_string()))?;
    Ok(HttpResponse::Ok().content_type(prometheus::TEXT_FORMAT).body(text))
}

fn shows(request: &HttpRequest, token: &ScrapeToken) -> bool {
    let header = request.headers().get(header::AUTHORIZATION).and_then(|value| value.to_str().ok());
    let shown = header.and_then(|value| value.strip_prefix("Bearer ")).unwrap_or_default();
    shown.as_bytes().ct_eq(token.0.expose().as_bytes()).into()
}
