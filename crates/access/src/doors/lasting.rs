//! A door to an answer that goes on: whoever came in is looked at again for as long as it does.

use std::{
    future::{Ready, ready},
    ops::Deref,
};

use actix_web::{FromRequest, HttpRequest, dev::Payload};
use elder_http::{Gate, Gated, Problem};

use super::{
    Access,
    authenticate::{Caller, find},
};
use crate::{database::DbError, permissions::Permission, platform_state};

/// The door [`Access`], with what it takes to ask later whether it would still open.
pub struct Lasting<P: Permission> {
    access: Access<P>,
    request: HttpRequest,
}

impl<P: Permission> Lasting<P> {
    /// Whether the same request would be let in now: its credential is good, holds the permission in this tenant, comes from
    /// a network that is let in, the licence covers it, and no maintenance shuts it out. What the node believes of the
    /// credential counts, so that a revocation is obeyed within the second that it is for every request.
    ///
    /// # Errors
    /// [`DbError`] if nobody knows.
    pub async fn is_still_open(&self) -> Result<bool, DbError> {
        let keeper = self.access.keeper();
        let Caller::Known { principal, tenant: Some(tenant) } = find(keeper, &self.request).await? else {
            return Ok(false);
        };
        let is_shut_out = platform_state::current(keeper).await?.shuts_out(Some(&principal)).is_some();
        let is_covered = P::ROW.feature.is_none_or(|feature| self.access.covers(feature));
        let holds = tenant == self.access.tenant() && principal.reach(P::ROW, tenant).is_some();
        Ok(holds && is_covered && !is_shut_out)
    }
}

impl<P: Permission> Deref for Lasting<P> {
    type Target = Access<P>;

    fn deref(&self) -> &Access<P> {
        &self.access
    }
}

impl<P: Permission> FromRequest for Lasting<P> {
    type Error = Problem;
    type Future = Ready<Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let access = Access::from_request(request, payload).into_inner();
        ready(access.map(|access| Self { access, request: request.clone() }))
    }
}

impl<P: Permission> Gated for Lasting<P> {
    fn gate() -> Gate {
        Access::<P>::gate()
    }
}
