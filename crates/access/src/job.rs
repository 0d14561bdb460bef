//! Transactions of the worker and the shell: no request, no person, but the same transactions and the same audit.

use std::{marker::PhantomData, sync::Arc};

use elder_api_types::permission::{Level, Tier};
use elder_kernel::{Seam, TenantId};

use crate::{
    Gatekeeper, PlatformTx, TenantTx,
    authority::Work,
    database::DbError,
    entitlements::Entitlements,
    event::Context,
    permissions::PermissionSet,
    principal::{Actor, Reach},
};

/// Makes jobs. The composition root gets the only one, from [`Gatekeeper::build`].
#[derive(Clone)]
pub struct Worker(Gatekeeper);

impl Worker {
    pub(crate) fn new(keeper: Gatekeeper) -> Self {
        Self(keeper)
    }

    /// Time, ids and randomness.
    pub fn seam(&self) -> &Seam {
        self.0.seam()
    }

    /// What the licence covers now.
    pub fn entitlements(&self) -> Arc<Entitlements> {
        self.0.entitlements()
    }

    /// A job of the kind `J`.
    pub fn job<J: Work>(&self) -> Job<J> {
        Job { keeper: self.0.clone(), work: PhantomData }
    }
}

/// The right to do `J`.
#[derive(Clone)]
pub struct Job<J: Work> {
    keeper: Gatekeeper,
    work: PhantomData<fn() -> J>,
}

impl<J: Work> Job<J> {
    /// Opens a transaction in a tenant.
    ///
    /// # Errors
    /// [`DbError::Unavailable`] if no connection is to be had.
    pub async fn begin(&self, tenant: TenantId) -> Result<TenantTx<J>, DbError> {
        let holds = PermissionSet::built_in(Level::Admin, &[Tier::Global, Tier::Tenant, Tier::Organization]);
        TenantTx::begin(&self.keeper, tenant, self.context(), Reach::Tenant, holds).await
    }

    /// Opens a transaction over all tenants.
    ///
    /// # Errors
    /// [`DbError::Unavailable`] if no connection is to be had.
    pub async fn platform(&self) -> Result<PlatformTx<J>, DbError> {
        PlatformTx::begin(&self.keeper, self.context()).await
    }

    /// Time, ids and randomness.
    pub fn seam(&self) -> &Seam {
        self.keeper.seam()
    }

    pub(crate) fn keeper(&self) -> &Gatekeeper {
        &self.keeper
    }

    fn context(&self) -> Context {
        Context { actor: Actor::SYSTEM, meta: self.keeper.own_request() }
    }
}
