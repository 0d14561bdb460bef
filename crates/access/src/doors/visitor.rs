//! The door of Elder's own pages: somebody who may be signed in there.

use std::future::{Ready, ready};

use actix_web::{FromRequest, HttpMessage as _, HttpRequest, dev::Payload};
use elder_http::{Gate, Gated, Problem};

use super::{Caller, Myself, fresh::stale, member, unauthenticated};

/// Somebody at a page. No other door takes the cookie that tells who it is.
pub struct Visitor(Option<Myself>);

impl Visitor {
    /// The person, if they are signed in.
    pub fn signed_in(&self) -> Option<&Myself> {
        self.0.as_ref()
    }

    /// The person.
    ///
    /// # Errors
    /// `unauthenticated` if they are not signed in; a page then leads to the sign-in.
    pub fn myself(&self) -> Result<&Myself, Problem> {
        self.signed_in().ok_or_else(unauthenticated)
    }

    /// The person, if they have proven a moment ago who they are.
    ///
    /// # Errors
    /// `unauthenticated`; `step_up_required`, by which a page leads to the sign-in too.
    pub fn fresh(&self) -> Result<&Myself, Problem> {
        let myself = self.myself()?;
        if myself.is_fresh() { Ok(myself) } else { Err(stale(myself.principal())) }
    }

    fn check(request: &HttpRequest) -> Result<Self, Problem> {
        let caller = request.extensions().get::<Caller>().cloned();
        match caller {
            Some(Caller::Browsing { principal }) => Ok(Self(Some(Myself::of(request, principal)?))),
            Some(Caller::Anonymous) | None => Ok(Self(None)),
            Some(Caller::Outside { .. } | Caller::Unknown | Caller::Known { .. }) => {
                let keeper = super::gate(request)?;
                member::known(request, &keeper).map(|_| Self(None))
            }
        }
    }
}

impl FromRequest for Visitor {
    type Error = Problem;
    type Future = Ready<Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(Self::check(request))
    }
}

impl Gated for Visitor {
    fn gate() -> Gate {
        Gate { kind: "guest", name: "visitor", feature: None, rate_class: "standard", fresh: false }
    }
}
