//! The door to one's own account.

use std::{
    future::{Ready, ready},
    marker::PhantomData,
    sync::Arc,
};

use actix_web::{FromRequest, HttpRequest, dev::Payload};
use elder_api_types::license::LicensePhase;
use elder_crypto::Cursors;
use elder_http::{Gate, Gated, Problem, RequestMeta};
use elder_kernel::{ErrorCode, Id, Seam, TenantId, User};

use super::{denied, gate, member::known, unauthenticated};
use crate::{
    Gatekeeper, TenantTx,
    authority::{Authority, OwnLeave, OwnRead, OwnWrite},
    database::DbError,
    event::Context,
    permissions::PermissionSet,
    principal::{OrgGrant, Principal, Reach, UserPrincipal},
};

/// A right to what is one's own.
pub trait Own: Authority {
    /// Whether it is the person's alone, and not for who acts in their name.
    const IN_PERSON: bool;
}
impl Own for OwnRead {
    const IN_PERSON: bool = false;
}
impl Own for OwnLeave {
    const IN_PERSON: bool = false;
}
impl Own for OwnWrite {
    const IN_PERSON: bool = true;
}

/// A signed-in person and what is their own. No key opens this door, not even the person's own: it is no credential for
/// what makes and ends credentials. Who acts in another's name may look ([`OwnRead`]) and leave ([`OwnLeave`]), and
/// change nothing here: passwords, factors, keys, devices and sessions are the person's.
pub struct Myself<A: Own = OwnWrite> {
    keeper: Gatekeeper,
    principal: Arc<Principal>,
    user: UserPrincipal,
    meta: RequestMeta,
    right: PhantomData<fn() -> A>,
}

impl<A: Own> Myself<A> {
    /// The account.
    pub fn user(&self) -> Id<User> {
        self.user.user
    }

    /// The account with its session and roles.
    pub fn principal(&self) -> &UserPrincipal {
        &self.user
    }

    /// The tenant of the account.
    pub fn tenant(&self) -> TenantId {
        self.principal.tenant
    }

    /// As whom Elder issues tokens.
    pub fn issuer(&self) -> &str {
        self.keeper.issuer()
    }

    /// What the person holds over the whole tenant.
    pub fn holds(&self) -> PermissionSet {
        self.principal.holds_in(self.principal.tenant)
    }

    /// What the person's roles in organizations give there.
    pub fn grants(&self) -> &[OrgGrant] {
        &self.user.grants
    }

    /// How the licence of the installation stands.
    pub fn license_phase(&self) -> LicensePhase {
        self.keeper.entitlements().phase
    }

    /// Time, ids and randomness.
    pub fn seam(&self) -> &Seam {
        self.keeper.seam()
    }

    /// Opens a transaction that reads.
    ///
    /// # Errors
    /// [`DbError::Unavailable`] if no connection is to be had.
    pub async fn read(&self) -> Result<TenantTx<OwnRead>, DbError> {
        self.begin().await
    }

    /// Whether the person has proven a moment ago who they are.
    pub(super) fn is_fresh(&self) -> bool {
        self.user.assurance.is_fresh(self.keeper.seam().now())
    }

    pub(super) fn caller(&self) -> &Principal {
        &self.principal
    }

    pub(crate) fn cursors(&self) -> &Cursors {
        self.keeper.cursors()
    }

    async fn begin<B: Own>(&self) -> Result<TenantTx<B>, DbError> {
        let context = Context { actor: self.principal.actor(), meta: self.meta.clone() };
        TenantTx::begin(&self.keeper, self.tenant(), context, Reach::Tenant, self.holds()).await
    }

    fn check(request: &HttpRequest) -> Result<Self, Problem> {
        let (principal, _) = known(request, &gate(request)?)?;
        Self::of(request, principal)
    }

    /// The door for this principal.
    pub(super) fn of(request: &HttpRequest, principal: Arc<Principal>) -> Result<Self, Problem> {
        let keeper = gate(request)?;
        let user = principal.user().cloned().ok_or_else(unauthenticated)?;
        if A::IN_PERSON && user.impersonator.is_some() {
            let what = "Nobody does this in another's name.".to_owned();
            return Err(denied(&keeper, &principal, request, ErrorCode::PermissionDenied, what));
        }
        Ok(Self { keeper, principal, user, meta: RequestMeta::of(request), right: PhantomData })
    }
}

impl Myself<OwnWrite> {
    /// Opens a transaction that writes.
    ///
    /// # Errors
    /// [`DbError::Unavailable`] if no connection is to be had.
    pub async fn write(&self) -> Result<TenantTx<OwnWrite>, DbError> {
        self.begin().await
    }
}

impl Myself<OwnLeave> {
    /// Opens the transaction that ends the session.
    ///
    /// # Errors
    /// [`DbError::Unavailable`] if no connection is to be had.
    pub async fn leave(&self) -> Result<TenantTx<OwnLeave>, DbError> {
        self.begin().await
    }
}

impl<A: Own> FromRequest for Myself<A> {
    type Error = Problem;
    type Future = Ready<Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(Self::check(request))
    }
}

impl<A: Own> Gated for Myself<A> {
    fn gate() -> Gate {
        Gate { kind: "own_account", name: "own_account", feature: None, rate_class: "standard", fresh: false }
    }
}
