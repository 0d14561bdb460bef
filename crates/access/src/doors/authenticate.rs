//! Finds out who is calling, before routing: the only step before a handler that may wait for the database.

use std::sync::Arc;

use actix_web::{
    Error, HttpMessage as _, HttpRequest, ResponseError as _,
    body::{EitherBody, MessageBody},
    dev::{ServiceRequest, ServiceResponse},
    http::header,
    middleware::Next,
};
use base64::Engine as _;
use elder_http::{BrowserCookie, Problem, RequestMeta};
use elder_kernel::{ErrorCode, Secret, TenantId};

use super::{Installed, browser, call, credential, is_guarded, is_page, page};
use crate::{Gatekeeper, database::DbError, platform_state, principal::Principal};

/// The header by which an operator names the tenant to act in.
const TENANT_HEADER: &str = "elder-tenant";

/// What is known of the caller.
#[derive(Debug, Clone)]
pub(super) enum Caller {
    /// No credential was sent, or one that is not good.
    Anonymous,
    /// The database did not answer.
    Unknown,
    /// A good credential, sent from a network that its tenant or the credential itself does not let in.
    Outside { principal: Arc<Principal> },
    /// A good credential. `tenant` is none if the request names one that it does not reach.
    Known { principal: Arc<Principal>, tenant: Option<TenantId> },
    /// The good cookie of a browser that asks for a page. It opens [`super::Visitor`] alone.
    Browsing { principal: Arc<Principal> },
}

/// Middleware for everything behind a gate.
///
/// While the platform is closed to the caller it answers by itself.
///
/// # Errors
/// Only what inner services return.
pub async fn authenticate<B: MessageBody>(
    request: ServiceRequest,
    next: Next<B>,
) -> Result<ServiceResponse<EitherBody<B>>, Error> {
    let is_page = is_page(request.path());
    let installed = request.app_data::<Installed>().filter(|_| is_page || is_guarded(request.path()));
    let Some(Installed(keeper)) = installed.cloned() else {
        return Ok(next.call(request).await?.map_into_left_body());
    };
    if is_page && let Err(problem) = page::ensure_own(&request) {
        return Ok(request.into_response(problem.error_response()).map_into_right_body());
    }
    let found =
        if is_page { browsing(&keeper, &request).await } else { find(&keeper, request.request()).await };
    let caller = found.unwrap_or_else(|error| {
        tracing::warn!(%error, "a credential could not be looked up");
        Caller::Unknown
    });
    let principal = match &caller {
        Caller::Known { principal, .. } | Caller::Browsing { principal } => Some(principal.as_ref()),
        _ => None,
    };
    // Signing in stays possible, or no admin could end the maintenance; the flow itself shuts out everybody else.
    if !["/api/v2/auth/", "/sign-in", "/sign-out"].iter().any(|way_in| request.path().starts_with(way_in))
        && let Ok(state) = platform_state::current(&keeper).await
        && let Some(maintenance) = state.shuts_out(principal)
    {
        let problem = Problem::new(ErrorCode::Maintenance, maintenance.message.clone());
        let problem = problem.with_retry_after(maintenance.retry_after_seconds);
        return Ok(request.into_response(problem.error_response()).map_into_right_body());
    }
    call::copy_if_kept(&keeper, request.request(), &caller);
    request.extensions_mut().insert(caller);
    Ok(next.call(request).await?.map_into_left_body())
}

/// Who has sent a request.
pub(super) async fn find(keeper: &Gatekeeper, request: &HttpRequest) -> Result<Caller, DbError> {
    let Some(token) = credential_of(request) else { return Ok(Caller::Anonymous) };
    let Some(principal) = credential::principal(keeper, &token).await? else { return Ok(Caller::Anonymous) };
    if !principal.may_come_from(RequestMeta::of(request).ip) {
        return Ok(Caller::Outside { principal });
    }
    let tenant = tenant_of(keeper, request, &principal).await?;
    Ok(Caller::Known { principal, tenant })
}

/// Who sits at the browser that asks for a page. What else it sends says nothing there, as its cookie says nothing
/// elsewhere.
async fn browsing(keeper: &Gatekeeper, request: &ServiceRequest) -> Result<Caller, DbError> {
    let request = request.request();
    let Some(cookie) = BrowserCookie::of(request).read(request) else { return Ok(Caller::Anonymous) };
    let Some(principal) = browser::principal(keeper, cookie).await? else { return Ok(Caller::Anonymous) };
    if !principal.may_come_from(RequestMeta::of(request).ip) {
        return Ok(Caller::Outside { principal });
    }
    Ok(Caller::Browsing { principal })
}

/// The credential: `Bearer …`, and on SCIM routes also bare or as the password of HTTP Basic, as providers send it.
fn credential_of(request: &HttpRequest) -> Option<Secret<String>> {
    let header = request.headers().get(header::AUTHORIZATION)?.to_str().ok()?.trim();
    let (scheme, rest) = header.split_once(' ').unwrap_or(("", header));
    let token = if scheme.eq_ignore_ascii_case("bearer") {
        rest.trim().to_owned()
    } else if !request.path().starts_with("/scim/") {
        return None;
    } else if scheme.eq_ignore_ascii_case("basic") {
        let pair = base64::engine::general_purpose::STANDARD.decode(rest.trim()).ok()?;
        String::from_utf8(pair).ok()?.split_once(':')?.1.to_owned()
    } else {
        header.to_owned()
    };
    Some(Secret::new(token))
}

/// The tenant to act in: the credential's own, or the one that somebody with a global role names.
async fn tenant_of(
    keeper: &Gatekeeper,
    request: &HttpRequest,
    principal: &Principal,
) -> Result<Option<TenantId>, DbError> {
    let Some(named) = request.headers().get(TENANT_HEADER) else { return Ok(Some(principal.tenant)) };
    let Ok(named) = named.to_str() else { return Ok(None) };
    if named == principal.slug || named == principal.tenant.to_string() {
        return Ok(Some(principal.tenant));
    }
    if principal.global_role().is_none() {
        return Ok(None);
    }
    credential::tenant_named(keeper, named).await
}
