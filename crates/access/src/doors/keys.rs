//! The public keys of the tokens, for whoever verifies one: no door at all, since anyone may have them.

use std::future::{Ready, ready};

use actix_web::{FromRequest, HttpRequest, dev::Payload};
use elder_http::{Gate, Gated, Problem, Public};

use super::gate;
use crate::Gatekeeper;

/// The public half of the signing keys.
pub struct Keys(Gatekeeper);

impl Keys {
    /// The keys as a JWK set (RFC 7517).
    pub fn jwks(&self) -> serde_json::Value {
        self.0.jwks()
    }
}

impl FromRequest for Keys {
    type Error = Problem;
    type Future = Ready<Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(gate(request).map(Self))
    }
}

impl Gated for Keys {
    fn gate() -> Gate {
        Public::gate()
    }
}
