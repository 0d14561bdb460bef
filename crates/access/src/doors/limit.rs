//! Stands around every route that is not public: takes from the caller's budgets, and says in the answer how they are.

use std::{fmt::Write as _, sync::Arc, time::Duration};

use actix_web::{
    Error, HttpMessage as _, HttpRequest, ResponseError as _, Route,
    body::{BoxBody, EitherBody},
    dev::{ServiceRequest, ServiceResponse},
    http::header::{HeaderMap, HeaderName, HeaderValue},
    middleware::{Next, from_fn},
};
use elder_http::{Problem, RequestMeta};
use elder_kernel::{ErrorCode, TenantId};
use elder_limits::{Refusal, Standing, Verdict};

use super::{Access, Caller, Guest, Installed, gate, repeat};
use crate::{
    Gatekeeper,
    actions::{Action, Outcome},
    authority::Flow,
    event::{Context, Event},
    limits::{Limits, telling},
    permissions::{Permission, RateClass},
    principal::{Actor, Principal},
};

/// Puts the rate limit around a route of a class; a public one has none.
///
/// It stands behind the router, which alone knows the route: no way of writing a path gets round it.
pub fn limited(rate_class: &'static str, route: Route) -> Route {
    let Some(class) = RateClass::named(rate_class) else { return route };
    route.wrap(from_fn(move |request, next| limit(class, request, next)))
}

async fn limit(
    class: RateClass,
    request: ServiceRequest,
    next: Next<BoxBody>,
) -> Result<ServiceResponse<EitherBody<BoxBody>>, Error> {
    let keeper = request.app_data::<Installed>().map(|Installed(keeper)| keeper.clone());
    let Some((keeper, limits)) = keeper.as_ref().and_then(|keeper| Some((keeper, keeper.limits()?))) else {
        return Ok(repeat::serve(request, next).await?.map_into_left_body());
    };
    let caller = known(request.request());
    let meta = RequestMeta::of(request.request());
    let buckets = limits.quotas.buckets(class, caller.as_deref(), meta.ip, &keeper.entitlements());
    let verdict = limits.limiter.take(&buckets, 1).await;
    let mut response = match verdict.refusal {
        None => repeat::serve(request, next).await?.map_into_left_body(),
        Some(refusal) => {
            tell(keeper, limits, of(caller.as_deref(), meta), &refusal).await;
            request.into_response(refused(&refusal, "is spent").error_response()).map_into_right_body()
        }
    };
    let charged = response.request().extensions_mut().remove::<Charged>();
    let standings = charged.map_or(verdict.standings, |Charged(standings)| standings);
    describe(response.headers_mut(), &standings, limits.legacy_headers);
    Ok(response)
}

/// How the budgets are since a request took more from them than its one unit.
struct Charged(Vec<Standing>);

/// Takes so many more units from the budgets of a request: of each, or of none.
///
/// # Errors
/// `rate_limited`.
pub(crate) async fn charge(request: &HttpRequest, class: RateClass, units: u32) -> Result<(), Problem> {
    let keeper = gate(request)?;
    let Some(limits) = keeper.limits().filter(|_| units > 0) else { return Ok(()) };
    let (caller, meta) = (known(request), RequestMeta::of(request));
    let buckets = limits.quotas.buckets(class, caller.as_deref(), meta.ip, &keeper.entitlements());
    let Verdict { standings, refusal } = limits.limiter.take(&buckets, units).await;
    request.extensions_mut().insert(Charged(standings));
    let Some(refusal) = refusal else { return Ok(()) };
    tell(&keeper, limits, of(caller.as_deref(), meta), &refusal).await;
    let what = format!("does not cover {units} units more: each operation costs one");
    Err(refused(&refusal, &what))
}

impl<P: Permission> Access<P> {
    /// Takes so many more units from the budgets of the request, which has cost one: for a request of many operations.
    ///
    /// # Errors
    /// `rate_limited`; then nothing was taken.
    pub async fn charge(&self, request: &HttpRequest, more: u32) -> Result<(), Problem> {
        charge(request, P::ROW.rate_class, more).await
    }
}

impl<F: Flow> Guest<F> {
    /// Takes a sign-in with an unknown device from the budget of a tenant, or from that of accounts that nobody has.
    /// Whether it had one left; a tenant is told if not.
    pub async fn charge_sign_in(&self, tenant: Option<TenantId>) -> bool {
        let Some(limits) = self.keeper.limits() else { return true };
        let verdict = limits.limiter.take(&[limits.quotas.sign_in(tenant)], 1).await;
        let Some(refusal) = verdict.refusal else { return true };
        if let Some(tenant) = tenant {
            tell(&self.keeper, limits, (tenant, self.context()), &refusal).await;
        }
        false
    }
}

pub(super) fn known(request: &HttpRequest) -> Option<Arc<Principal>> {
    match request.extensions().get::<Caller>() {
        Some(Caller::Known { principal, .. } | Caller::Browsing { principal }) => Some(principal.clone()),
        _ => None,
    }
}

fn refused(refusal: &Refusal, how: &str) -> Problem {
    let Refusal { policy, quota, retry_after } = refusal;
    let (rate, window) = (quota.rate, quota.window.as_secs());
    let what = format!("The limit `{policy}` of {rate} requests in {window} seconds {how}.");
    let seconds = u32::try_from(seconds(*retry_after)).unwrap_or(u32::MAX);
    Problem::new(ErrorCode::RateLimited, what).with_retry_after(seconds)
}

/// Whom a refusal concerns, and who asked: System, where the caller belongs to no tenant.
fn of(caller: Option<&Principal>, meta: RequestMeta) -> (TenantId, Context) {
    let tenant = caller.map_or(TenantId::SYSTEM, |caller| caller.tenant);
    let actor = caller.map_or(Actor::GUEST, Principal::actor);
    (tenant, Context { actor, meta })
}

/// Tells the tenant at most once a minute.
async fn tell(
    keeper: &Gatekeeper,
    limits: &Limits,
    (tenant, context): (TenantId, Context),
    refusal: &Refusal,
) {
    if !limits.limiter.is_first(telling(tenant)).await {
        return;
    }
    let event = Event::about(Action::TenantRateLimited, tenant.to_string())
        .ended(Outcome::Denied, ErrorCode::RateLimited.slug())
        .with("policy", refusal.policy);
    keeper.note(tenant, context, event);
}

/// Sets the fields of draft-ietf-httpapi-ratelimit-headers-11, and if wanted their three forerunners.
fn describe(headers: &mut HeaderMap, standings: &[Standing], legacy: bool) {
    let (mut policies, mut states) = (String::new(), String::new());
    for Standing { policy, quota, remaining, reset } in standings {
        let comma = if policies.is_empty() { "" } else { ", " };
        // Writing into a text cannot fail.
        let _ = write!(policies, "{comma}\"{policy}\";q={};w={}", quota.rate, quota.window.as_secs());
        let _ = write!(states, "{comma}\"{policy}\";r={remaining};t={}", seconds(*reset));
    }
    set(headers, "ratelimit-policy", policies);
    set(headers, "ratelimit", states);
    // Of several budgets the older headers can show one: that of which the least part is left.
    let part = |standing: &Standing| {
        standing.remaining.saturating_mul(1_000_000) / u64::from(standing.quota.burst.get())
    };
    if let Some(tightest) = standings.iter().min_by_key(|standing| part(standing)).filter(|_| legacy) {
        set(headers, "x-ratelimit-limit", tightest.quota.rate.to_string());
        set(headers, "x-ratelimit-remaining", tightest.remaining.to_string());
        set(headers, "x-ratelimit-reset", seconds(tightest.reset).to_string());
    }
}

fn set(headers: &mut HeaderMap, name: &'static str, value: String) {
    if let Ok(value) = HeaderValue::try_from(value) {
        headers.insert(HeaderName::from_static(name), value);
    }
}

/// Whole seconds, the last one begun counting as one.
fn seconds(duration: Duration) -> u64 {
    duration.as_secs() + u64::from(duration.subsec_nanos() > 0)
}
