//! The door of those who are not signed in: one of a few named flows.

use std::{
    future::{Ready, ready},
    marker::PhantomData,
    sync::Arc,
};

use actix_web::{FromRequest, HttpRequest, dev::Payload};
use elder_api_types::permission::Feature;
use elder_http::{Gate, Gated, Problem, RequestMeta};
use elder_kernel::{Precondition, Seam, TenantId};

use super::gate;
use crate::{
    Gatekeeper, PlatformState, PlatformTx, TenantTx,
    authority::Flow,
    database::DbError,
    event::Context,
    permissions::PermissionSet,
    platform_state,
    principal::{Actor, Reach},
};

/// Somebody in the flow `F`.
pub struct Guest<F: Flow> {
    pub(super) keeper: Gatekeeper,
    meta: RequestMeta,
    flow: PhantomData<fn() -> F>,
}

impl<F: Flow> Guest<F> {
    /// Opens a transaction in a tenant.
    ///
    /// # Errors
    /// [`DbError::Unavailable`] if no connection is to be had; [`DbError::Unlicensed`] where somebody would become one of a
    /// tenant that is beyond the licence.
    pub async fn begin(&self, tenant: TenantId) -> Result<TenantTx<F>, DbError> {
        if F::ADDS_PEOPLE {
            self.keeper.entitlements().demand_change(tenant)?;
        }
        TenantTx::begin(&self.keeper, tenant, self.context(), Reach::Tenant, PermissionSet::default()).await
    }

    /// Whether the licence covers `feature`.
    pub fn covers(&self, feature: Feature) -> bool {
        self.keeper.entitlements().cover(feature)
    }

    /// Opens the look-up across tenants that a flow needs before it knows its tenant.
    ///
    /// # Errors
    /// [`DbError::Unavailable`] if no connection is to be had.
    pub async fn lookup(&self) -> Result<PlatformTx<F>, DbError> {
        PlatformTx::begin(&self.keeper, self.context()).await
    }

    /// The platform's state.
    ///
    /// # Errors
    /// [`DbError`].
    pub async fn platform(&self) -> Result<Arc<PlatformState>, DbError> {
        platform_state::current(&self.keeper).await
    }

    /// Time, ids and randomness.
    pub fn seam(&self) -> &Seam {
        self.keeper.seam()
    }

    /// What is known of the request.
    pub fn meta(&self) -> &RequestMeta {
        &self.meta
    }

    /// Who is not signed in has read no resource that a condition could be about.
    pub(super) fn context(&self) -> Context {
        let meta = RequestMeta { if_match: Precondition::None, ..self.meta.clone() };
        Context { actor: Actor::GUEST, meta }
    }
}

/// For what a flow does beside its answer.
impl<F: Flow> Clone for Guest<F> {
    fn clone(&self) -> Self {
        Self { keeper: self.keeper.clone(), meta: self.meta.clone(), flow: PhantomData }
    }
}

impl<F: Flow> FromRequest for Guest<F> {
    type Error = Problem;
    type Future = Ready<Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(gate(request).map(|keeper| Self { keeper, meta: RequestMeta::of(request), flow: PhantomData }))
    }
}

impl<F: Flow> Gated for Guest<F> {
    fn gate() -> Gate {
        Gate { kind: "guest", name: F::NAME, feature: None, rate_class: "auth", fresh: false }
    }
}
