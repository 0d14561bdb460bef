//! Signing in by what an identity provider has said.

pub(crate) mod service;

use elder_access::{TenantTx, flows};
use elder_kernel::{Id, TenantId, User};

/// Somebody for whom an identity provider has vouched. Made where that was found out and nowhere else: it begins a session
/// without a password.
#[derive(Debug)]
pub struct Vouched {
    tenant: TenantId,
    user: Id<User>,
    is_multi_factor: bool,
}

impl Vouched {
    /// A user of the transaction's tenant. `is_multi_factor` if the provider has seen a second factor and is believed.
    pub fn by(tx: &TenantTx<flows::SingleSignOn>, user: Id<User>, is_multi_factor: bool) -> Self {
        Self { tenant: tx.tenant(), user, is_multi_factor }
    }
}
