//! The pools are private, whole and in part.
use elder_access::{Gatekeeper, TenantTx, markers::UsersRead};

pub async fn take(keeper: &Gatekeeper, tx: TenantTx<UsersRead>) {
    let _ = keeper.app_pool();
    let _ = keeper.0.platform;
    let _ = tx.client;
}
