//! A transaction is begun at a door.
use elder_access::{Gatekeeper, TenantTx, markers::UsersWrite};

pub async fn forge(keeper: &Gatekeeper) {
    let _ = TenantTx::<UsersWrite>::begin(keeper);
}
