//! A door that opens to a person only who has proven a moment ago who they are (RFC 9470).

use std::{
    future::{Ready, ready},
    ops::Deref,
};

use actix_web::{FromRequest, HttpRequest, dev::Payload};
use elder_http::{Gate, Gated, Problem};
use elder_kernel::ErrorCode;

use super::{Access, Myself, Operator, Own, gate};
use crate::{
    permissions::Permission,
    principal::{Principal, UserPrincipal},
};

/// The door `G`, for what makes credentials, gives rights or changes how people sign in. A stolen session is not enough
/// for it. Programs are not asked: nobody sits before them, and their keys carry what they were given.
pub struct Fresh<G>(G);

/// A door behind which it is known who came in.
trait Known {
    fn principal(&self) -> &Principal;
}

impl<P: Permission> Known for Access<P> {
    fn principal(&self) -> &Principal {
        self.caller()
    }
}

impl<P: Permission> Known for Operator<P> {
    fn principal(&self) -> &Principal {
        self.caller()
    }
}

impl<A: Own> Known for Myself<A> {
    fn principal(&self) -> &Principal {
        self.caller()
    }
}

fn check<G: Known>(request: &HttpRequest, door: G) -> Result<Fresh<G>, Problem> {
    let now = gate(request)?.seam().now();
    match door.principal().user() {
        Some(user) if !user.assurance.is_fresh(now) => Err(stale(user)),
        _ => Ok(Fresh(door)),
    }
}

pub(super) fn stale(user: &UserPrincipal) -> Problem {
    let factors = user.assurance.wanted();
    let what = format!(
        "This needs a proof of who you are that is no older than 10 minutes, by one of: {}.",
        factors.join(", ")
    );
    Problem::new(ErrorCode::StepUpRequired, what).with_member("factors", factors)
}

impl<G> Deref for Fresh<G> {
    type Target = G;

    fn deref(&self) -> &G {
        &self.0
    }
}

impl<G> FromRequest for Fresh<G>
where
    G: Known + FromRequest<Error = Problem, Future = Ready<Result<G, Problem>>>,
{
    type Error = Problem;
    type Future = Ready<Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let door = G::from_request(request, payload).into_inner();
        ready(door.and_then(|door| check(request, door)))
    }
}

impl<G: Gated> Gated for Fresh<G> {
    fn gate() -> Gate {
        Gate { fresh: true, ..G::gate() }
    }
}
