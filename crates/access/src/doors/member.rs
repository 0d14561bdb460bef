//! The door for those who belong to a tenant: by permission.

use std::{
    future::{Ready, ready},
    marker::PhantomData,
    sync::Arc,
};

use actix_web::{FromRequest, HttpMessage as _, HttpRequest, dev::Payload};
use elder_api_types::permission::{Feature, Tier};
use elder_crypto::Cursors;
use elder_http::{Gate, Gated, Problem, RequestMeta};
use elder_kernel::{ApiKey, ErrorCode, Id, Seam, TenantId};
use serde::de::DeserializeOwned;

use super::{Caller, denied, gate, unauthenticated, unavailable};
use crate::{
    Gatekeeper, TenantTx,
    database::DbError,
    event::Context,
    permissions::{Permission, PermissionSet},
    principal::{DirectoryPrincipal, Impersonator, OrgGrant, Principal, Reach, UserPrincipal},
};

/// After how many seconds a provider is asked to see whether a directory is still paused.
const PAUSE: u32 = 300;

/// The right to use `P` in one tenant. Made only from a principal that holds it there, under a licence that covers it.
pub struct Access<P: Permission> {
    keeper: Gatekeeper,
    principal: Arc<Principal>,
    tenant: TenantId,
    reach: Reach,
    meta: RequestMeta,
    permission: PhantomData<fn() -> P>,
}

impl<P: Permission> Access<P> {
    /// Opens a transaction in the tenant. Nothing is sent before its first statement.
    ///
    /// # Errors
    /// [`DbError::Unavailable`] if no connection is to be had.
    pub async fn begin(&self) -> Result<TenantTx<P>, DbError> {
        let context = Context { actor: self.principal.actor(), meta: self.meta.clone() };
        TenantTx::begin(&self.keeper, self.tenant, context, self.reach.clone(), self.holds()).await
    }

    /// The same right, for one of the changes that a request makes, each in a transaction of its own: under an
    /// `Idempotency-Key` each is done once, whatever becomes of the others.
    #[must_use]
    pub fn part(&self, name: &str) -> Self {
        let mut meta = self.meta.clone();
        meta.repeatable = meta.repeatable.map(|whole| Arc::new(whole.part(name)));
        let (keeper, principal, reach) = (self.keeper.clone(), self.principal.clone(), self.reach.clone());
        Self { keeper, principal, tenant: self.tenant, reach, meta, permission: PhantomData }
    }

    /// What was answered, if this was found to be done before.
    pub fn first_answer<T: DeserializeOwned>(&self) -> Option<T> {
        self.meta.repeatable.as_ref()?.first()
    }

    /// Time, ids and randomness.
    pub fn seam(&self) -> &Seam {
        self.keeper.seam()
    }

    /// The tenant.
    pub fn tenant(&self) -> TenantId {
        self.tenant
    }

    /// Whether the credential is one of the tenant's own, and not that of an operator who acts in it.
    pub fn is_own_tenant(&self) -> bool {
        self.principal.tenant == self.tenant
    }

    /// The signed-in person; none for a directory or a key.
    pub fn user(&self) -> Option<&UserPrincipal> {
        self.principal.user()
    }

    /// The person as one who could act in another's name.
    pub fn as_impersonator(&self) -> Option<Impersonator> {
        self.principal.as_impersonator()
    }

    /// The directory whose token was sent.
    pub fn directory(&self) -> Option<&DirectoryPrincipal> {
        self.principal.directory()
    }

    /// The API key that was sent.
    pub fn key(&self) -> Option<Id<ApiKey>> {
        self.principal.key()
    }

    /// What the principal holds over the whole tenant.
    pub fn holds(&self) -> PermissionSet {
        self.principal.holds_in(self.tenant)
    }

    /// What the principal's roles in organizations of the tenant give there.
    pub fn grants(&self) -> &[OrgGrant] {
        self.principal.grants_in(self.tenant)
    }

    /// Whether the licence covers `feature`.
    pub fn covers(&self, feature: Feature) -> bool {
        self.keeper.entitlements().cover(feature)
    }

    pub(crate) fn cursors(&self) -> &Cursors {
        self.keeper.cursors()
    }

    pub(super) fn keeper(&self) -> &Gatekeeper {
        &self.keeper
    }

    pub(super) fn caller(&self) -> &Principal {
        &self.principal
    }

    fn check(request: &HttpRequest) -> Result<Self, Problem> {
        let keeper = gate(request)?;
        let (principal, tenant) = known(request, &keeper)?;
        let Some(reach) = principal.reach(P::ROW, tenant) else {
            // A token of the other kind (SCIM for REST, all else for SCIM) is no credential for this route at all.
            if principal.directory().is_some() != (P::ROW.tier == Tier::Directory) {
                return Err(unauthenticated());
            }
            let what = format!("The permission `{}` is needed.", P::NAME);
            return Err(denied(&keeper, &principal, request, ErrorCode::PermissionDenied, what));
        };
        let covered = keeper.entitlements();
        if let Some(feature) = P::ROW.feature {
            covered.demand(feature)?;
        }
        if P::ROW.needs_covered_tenant() {
            covered.demand_change(tenant)?;
        }
        if let Some(directory) = principal.directory() {
            open_to(directory, request)?;
        }
        let meta = RequestMeta::of(request);
        Ok(Self { keeper, principal, tenant, reach, meta, permission: PhantomData })
    }
}

/// A directory's token opens the paths of this directory alone, and none while the directory is paused.
fn open_to(directory: &DirectoryPrincipal, request: &HttpRequest) -> Result<(), Problem> {
    let named = request.match_info().get("dir_id");
    if named.is_some_and(|named| named.parse() != Ok(directory.directory)) {
        return Err(unauthenticated());
    }
    if directory.is_paused {
        let what = "An admin of the tenant has paused this directory.";
        return Err(Problem::new(ErrorCode::DirectoryPaused, what).with_retry_after(PAUSE));
    }
    Ok(())
}

/// The caller and the tenant that the request is about.
pub(super) fn known(
    request: &HttpRequest,
    keeper: &Gatekeeper,
) -> Result<(Arc<Principal>, TenantId), Problem> {
    match request.extensions().get::<Caller>() {
        Some(Caller::Known { principal, tenant: Some(tenant) }) => Ok((principal.clone(), *tenant)),
        Some(Caller::Known { principal, tenant: None }) => {
            let what = "This credential does not reach the tenant that `Elder-Tenant` names.".to_owned();
            Err(denied(keeper, principal, request, ErrorCode::TenantForbidden, what))
        }
        Some(Caller::Outside { principal }) => {
            let what = "This credential may not be used from your network.".to_owned();
            Err(denied(keeper, principal, request, ErrorCode::NetworkForbidden, what))
        }
        Some(Caller::Unknown) => Err(unavailable()),
        Some(Caller::Anonymous | Caller::Browsing { .. }) | None => Err(unauthenticated()),
    }
}

impl<P: Permission> FromRequest for Access<P> {
    type Error = Problem;
    type Future = Ready<Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(Self::check(request))
    }
}

impl<P: Permission> Gated for Access<P> {
    fn gate() -> Gate {
        Gate {
            kind: "permission",
            name: P::NAME,
            feature: P::ROW.feature.map(Feature::name),
            rate_class: P::ROW.rate_class.name(),
            fresh: false,
        }
    }
}
