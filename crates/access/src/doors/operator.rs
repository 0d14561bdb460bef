//! The door of the operators: global roles alone, over all tenants.

use std::{
    future::{Ready, ready},
    marker::PhantomData,
    sync::Arc,
};

use actix_web::{FromRequest, HttpRequest, dev::Payload};
use elder_api_types::permission::Feature;
use elder_crypto::Cursors;
use elder_http::{Gate, Gated, Problem, RequestMeta};
use elder_kernel::{ErrorCode, Id, Seam, TenantId, User};

use super::{denied, gate, member::known, unauthenticated};
use crate::{
    Gatekeeper, PlatformTx, PoolStatus, TenantTx,
    database::DbError,
    event::Context,
    permissions::Permission,
    principal::{Impersonator, Principal, Reach},
};

/// The right to use a global permission.
pub struct Operator<P: Permission> {
    keeper: Gatekeeper,
    principal: Arc<Principal>,
    meta: RequestMeta,
    permission: PhantomData<fn() -> P>,
}

impl<P: Permission> Operator<P> {
    /// Opens a transaction over all tenants, as the platform role.
    ///
    /// # Errors
    /// [`DbError::Unavailable`] if no connection is to be had.
    pub async fn begin(&self) -> Result<PlatformTx<P>, DbError> {
        PlatformTx::begin(&self.keeper, self.context()).await
    }

    /// Opens a transaction inside one tenant, as the application role: what it does there, row-level security bounds.
    ///
    /// # Errors
    /// [`DbError::Unavailable`] if no connection is to be had.
    pub async fn enter(&self, tenant: TenantId) -> Result<TenantTx<P>, DbError> {
        let holds = self.principal.holds_beyond();
        TenantTx::begin(&self.keeper, tenant, self.context(), Reach::Tenant, holds).await
    }

    /// Time, ids and randomness.
    pub fn seam(&self) -> &Seam {
        self.keeper.seam()
    }

    /// The person.
    pub fn user(&self) -> Option<Id<User>> {
        self.principal.user().map(|user| user.user)
    }

    /// The person as one who could act in another's name.
    pub fn as_impersonator(&self) -> Option<Impersonator> {
        self.principal.as_impersonator()
    }

    /// Whether the licence covers `feature`.
    pub fn covers(&self, feature: Feature) -> bool {
        self.keeper.entitlements().cover(feature)
    }

    pub(crate) fn cursors(&self) -> &Cursors {
        self.keeper.cursors()
    }

    /// How full the pools are.
    pub fn pools(&self) -> [PoolStatus; 2] {
        self.keeper.pools()
    }

    pub(super) fn caller(&self) -> &Principal {
        &self.principal
    }

    fn context(&self) -> Context {
        Context { actor: self.principal.actor(), meta: self.meta.clone() }
    }

    fn check(request: &HttpRequest) -> Result<Self, Problem> {
        let keeper = gate(request)?;
        let (principal, _) = known(request, &keeper)?;
        if principal.directory().is_some() {
            return Err(unauthenticated());
        }
        if !principal.operates::<P>() {
            let what = format!("The global permission `{}` is needed.", P::NAME);
            return Err(denied(&keeper, &principal, request, ErrorCode::PermissionDenied, what));
        }
        if let Some(feature) = P::ROW.feature {
            keeper.entitlements().demand(feature)?;
        }
        Ok(Self { keeper, principal, meta: RequestMeta::of(request), permission: PhantomData })
    }
}

impl<P: Permission> FromRequest for Operator<P> {
    type Error = Problem;
    type Future = Ready<Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(Self::check(request))
    }
}

impl<P: Permission> Gated for Operator<P> {
    fn gate() -> Gate {
        Gate {
            kind: "global_permission",
            name: P::NAME,
            feature: P::ROW.feature.map(Feature::name),
            rate_class: P::ROW.rate_class.name(),
            fresh: false,
        }
    }
}
