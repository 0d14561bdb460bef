//! The doors: extractors that make a transaction possible, each after its own check.
//!
//! They are synchronous: actix polls all extractors together, so one that waits for the database would lose against
//! a malformed body. `authenticate` has found the principal before.

mod api_key;
mod authenticate;
mod browser;
mod call;
mod cors;
mod credential;
mod fresh;
mod guest;
mod impersonation;
mod keys;
mod lasting;
mod limit;
mod member;
mod myself;
mod operator;
mod page;
mod repeat;
mod rights;
mod visitor;

use std::sync::Arc;

use actix_web::{HttpMessage as _, HttpRequest, web::ServiceConfig};
use elder_http::{Problem, RequestMeta};
use elder_kernel::{ErrorCode, TenantId};

pub use authenticate::authenticate;
pub use call::record_call;
pub use cors::cors;
pub use fresh::Fresh;
pub use guest::Guest;
pub use keys::Keys;
pub use lasting::Lasting;
pub(crate) use limit::charge;
pub use limit::limited;
pub use member::Access;
pub use myself::{Myself, Own};
pub use operator::Operator;
pub use page::is_page;
pub use visitor::Visitor;

use authenticate::Caller;

use crate::{
    Gatekeeper,
    actions::{Action, Outcome},
    event::{Context, Event},
    principal::{DirectoryPrincipal, Principal},
};

/// The gate in an application's data. Private, so that no handler finds it but through a door.
#[derive(Clone)]
struct Installed(Gatekeeper);

impl Gatekeeper {
    /// Puts the gate behind the doors of an application.
    pub fn install(&self, service: &mut ServiceConfig) {
        service.app_data(Installed(self.clone()));
    }
}

/// Whether the doors stand before a path. What probes and scrapers ask must not wait for a database that may be away.
fn is_guarded(path: &str) -> bool {
    ["/api/", "/scim/", "/sso/"].iter().any(|prefix| path.starts_with(prefix))
}

/// The tenant that a request acts in, for metrics and logs.
pub fn caller(request: &HttpRequest) -> Option<TenantId> {
    match request.extensions().get::<Caller>() {
        Some(Caller::Known { tenant, .. }) => *tenant,
        Some(Caller::Browsing { principal }) => Some(principal.tenant),
        _ => None,
    }
}

/// The gate, who has sent a request, and the tenant that they acted in: their own, if they may not act in the one they named.
fn known_caller(request: &HttpRequest) -> Option<(Gatekeeper, Arc<Principal>, TenantId)> {
    let Installed(keeper) = request.app_data::<Installed>()?;
    match request.extensions().get::<Caller>()? {
        Caller::Known { principal, tenant } => {
            Some((keeper.clone(), principal.clone(), tenant.unwrap_or(principal.tenant)))
        }
        Caller::Outside { principal } => Some((keeper.clone(), principal.clone(), principal.tenant)),
        Caller::Anonymous | Caller::Unknown | Caller::Browsing { .. } => None,
    }
}

/// The directory whose token a request has shown, and its tenant.
pub fn pusher(request: &HttpRequest) -> Option<(TenantId, DirectoryPrincipal)> {
    match request.extensions().get::<Caller>() {
        Some(Caller::Known { principal, .. } | Caller::Outside { principal }) => {
            principal.directory().map(|directory| (principal.tenant, directory.clone()))
        }
        _ => None,
    }
}

fn gate(request: &HttpRequest) -> Result<Gatekeeper, Problem> {
    let installed = request.app_data::<Installed>();
    installed
        .map(|installed| installed.0.clone())
        .ok_or_else(|| Problem::new(ErrorCode::InternalError, "the application was built without its gate"))
}

fn unauthenticated() -> Problem {
    Problem::new(ErrorCode::Unauthenticated, "Send a valid token as `Authorization: Bearer …`.")
}

fn unavailable() -> Problem {
    Problem::new(ErrorCode::Unavailable, "the database does not answer").with_retry_after(1)
}

/// Writes a refusal down and words it.
fn denied(
    keeper: &Gatekeeper,
    principal: &Principal,
    request: &HttpRequest,
    code: ErrorCode,
    what: String,
) -> Problem {
    let route = request.match_pattern().unwrap_or_else(|| "(no route)".to_owned());
    let event = Event::about(Action::AccessDenied, format!("{} {route}", request.method()))
        .ended(Outcome::Denied, code.slug())
        .with("detail", &what);
    let context = Context { actor: principal.actor(), meta: RequestMeta::of(request) };
    keeper.note(principal.tenant, context, event);
    Problem::new(code, what)
}

#[cfg(test)]
mod tests;
