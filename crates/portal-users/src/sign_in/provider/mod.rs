//! Signing in by what an identity provider has said.

pub(crate) mod service;

use elder_access::{TenantTx, flows};
use elder_kernel::{Id, SsoSession, TenantId, User};

/// Somebody for whom an identity provider has vouched. Made where that was found out and nowhere else: it begins a session
/// without a password.
#[derive(Debug)]
pub struct Vouched {
    tenant: TenantId,
    user: Id<User>,
    sign_in: Id<SsoSession>,
    is_multi_factor: bool,
}

impl Vouched {
    /// A user of the transaction's tenant, whose sessions rest on this `sign_in`. `is_multi_factor` if the provider has
    /// seen a second factor and is believed.
    pub fn by(
        tx: &TenantTx<flows::SingleSignOn>,
        user: Id<User>,
        sign_in: Id<SsoSession>,
        is_multi_factor: bool,
    ) -> Self {
        Self { tenant: tx.tenant(), user, sign_in, is_multi_factor }
    }

    /// Who it is.
    pub fn user(&self) -> Id<User> {
        self.user
    }
}
