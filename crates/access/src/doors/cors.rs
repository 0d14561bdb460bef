//! Lets pages of the origins that a tenant lists call the API from a browser (Fetch Standard §3.2); no others.

use std::sync::Arc;

use actix_web::{
    Error, HttpMessage as _,
    body::{BoxBody, EitherBody, MessageBody},
    dev::{ServiceRequest, ServiceResponse},
    http::{
        Method, StatusCode,
        header::{self, HeaderValue},
    },
    middleware::Next,
};
use elder_kernel::TenantId;

use super::{Caller, Installed, is_guarded};
use crate::{
    Gatekeeper, OwnRead, PlatformTx,
    database::{DbError, Opening, TenantConn},
    event::Context,
    origins::Origins,
    principal::Actor,
};

const OF_ALL_TENANTS: &str = "
    select jsonb_array_elements_text(settings -> 'cors_origins') as origin from tenants where is_active
    union
    select unnest(a.allowed_origins) from applications a join tenants t on t.id = a.tenant_id where t.is_active";

/// Asked only of a page whose origin the tenant itself does not list: what every request begins with stays lean.
const OF_AN_APPLICATION: &str = "
    select exists (select from applications where tenant_id = $1 and $2 = any(allowed_origins)) as is_listed";

/// What a page may send beyond what every page may.
const REQUEST_HEADERS: &str = "Authorization, Content-Type, Elder-Tenant, Idempotency-Key, If-Match, If-None-Match, \
    X-Request-Id, Traceparent";

/// What a page may read of an answer beyond what every page may.
const ANSWER_HEADERS: &str = "ETag, Link, Location, Deprecation, Sunset, Idempotency-Replayed, RateLimit, \
    RateLimit-Policy, Retry-After, X-Request-Id";

/// How many seconds a browser may remember what a preflight said. The answer to each request is looked at anyway.
const REMEMBERED: &str = "600";

/// Middleware around everything that answers, so that a page of a listed origin can read refusals too.
///
/// An origin that is not listed is not refused: its request is answered as a program's would be, without the header
/// that lets the browser hand the answer to the page. No cookie of Elder's goes along with any request.
///
/// # Errors
/// Only what inner services return.
pub async fn cors<B: MessageBody>(
    request: ServiceRequest,
    next: Next<B>,
) -> Result<ServiceResponse<EitherBody<B>>, Error> {
    let keeper = request.app_data::<Installed>().filter(|_| is_guarded(request.path())).cloned();
    let origin = request.headers().get(header::ORIGIN).cloned();
    let response = next.call(request).await?;
    let (Some(Installed(keeper)), Some(origin)) = (keeper, origin) else {
        return Ok(response.map_into_left_body());
    };
    let listed = is_listed(&keeper, &response, &origin).await.unwrap_or_else(|error| {
        tracing::warn!(%error, "the origins that tenants list could not be read");
        false
    });
    Ok(if listed { granted(response, origin) } else { response.map_into_left_body() })
}

/// Whether the caller's tenant or an application of it lists the origin; of a caller who is not known, whether any does.
async fn is_listed<B>(
    keeper: &Gatekeeper,
    response: &ServiceResponse<B>,
    origin: &HeaderValue,
) -> Result<bool, DbError> {
    let Ok(origin) = origin.to_str() else { return Ok(false) };
    let caller = response.request().extensions().get::<Caller>().cloned();
    match caller {
        Some(Caller::Known { principal, .. } | Caller::Outside { principal }) => {
            Ok(principal.origins.admit(origin) || of_an_application(keeper, principal.tenant, origin).await?)
        }
        Some(Caller::Anonymous | Caller::Browsing { .. }) | None => {
            Ok(of_all_tenants(keeper).await?.admit(origin))
        }
        Some(Caller::Unknown) => Ok(false),
    }
}

async fn of_an_application(keeper: &Gatekeeper, tenant: TenantId, origin: &str) -> Result<bool, DbError> {
    let conn = TenantConn::take(keeper.app_pool(), Opening { tenant: Some(tenant), writes: false }).await?;
    let row = conn.raw_row(OF_AN_APPLICATION, [tenant.into(), origin.into()]).await?;
    row.map_or(Ok(false), |row| row.get("is_listed"))
}

/// Every origin that any active tenant or an application of it lists.
async fn of_all_tenants(keeper: &Gatekeeper) -> Result<Arc<Origins>, DbError> {
    let now = keeper.seam().now();
    if let Some(origins) = keeper.remembered_origins().get(now) {
        return Ok(origins);
    }
    let context = Context { actor: Actor::SYSTEM, meta: keeper.own_request() };
    let tx = PlatformTx::<OwnRead>::begin(keeper, context).await?;
    let origins = Origins::of_rows(&tx.raw_rows(OF_ALL_TENANTS, []).await?, "origin")?;
    Ok(keeper.remembered_origins().set(now, origins))
}

/// Lets the page have the answer. A preflight, which the router does not know, becomes one that lists the path's methods.
fn granted<B: MessageBody>(
    mut response: ServiceResponse<B>,
    origin: HeaderValue,
) -> ServiceResponse<EitherBody<B>> {
    let asked = response.request();
    let is_preflight = *asked.method() == Method::OPTIONS
        && asked.headers().contains_key(header::ACCESS_CONTROL_REQUEST_METHOD)
        && response.status() == StatusCode::METHOD_NOT_ALLOWED;
    let headers = response.headers_mut();
    headers.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, origin);
    headers.append(header::VARY, HeaderValue::from_static("Origin"));
    if !is_preflight {
        headers.insert(header::ACCESS_CONTROL_EXPOSE_HEADERS, HeaderValue::from_static(ANSWER_HEADERS));
        return response.map_into_left_body();
    }
    headers.remove(header::CONTENT_TYPE);
    if let Some(methods) = headers.get(header::ALLOW).cloned() {
        headers.insert(header::ACCESS_CONTROL_ALLOW_METHODS, methods);
    }
    headers.insert(header::ACCESS_CONTROL_ALLOW_HEADERS, HeaderValue::from_static(REQUEST_HEADERS));
    headers.insert(header::ACCESS_CONTROL_MAX_AGE, HeaderValue::from_static(REMEMBERED));
    *response.response_mut().status_mut() = StatusCode::NO_CONTENT;
    response.map_body(|_, _| EitherBody::right(BoxBody::new(())))
}
