//! SQL on the sign-ins that sessions rest on, all of a provider at once.

use elder_access::{DbError, TenantConn};
use elder_kernel::{Id, SsoSession, TenantId};
use uuid::Uuid;

use crate::idp::IdentityProviderId;

/// A session that begins at the same time keeps a key share of its sign-in: it is waited for, and ends with the others.
const LOCK: &str = "select id from sso_sessions where tenant_id = $1 and idp_id = $2 for update";
const REMOVE: &str = "delete from sso_sessions where tenant_id = $1 and idp_id = $2";

pub(in crate::idp::service) async fn lock(
    conn: &TenantConn,
    tenant: TenantId,
    idp: IdentityProviderId,
) -> Result<Vec<Id<SsoSession>>, DbError> {
    let rows = conn.raw_rows(LOCK, [tenant.into(), idp.into()]).await?;
    rows.iter().map(|row| row.get::<Uuid>("id").map(Id::from_uuid)).collect()
}

pub(in crate::idp::service) async fn remove(
    conn: &TenantConn,
    tenant: TenantId,
    idp: IdentityProviderId,
) -> Result<u64, DbError> {
    conn.run(REMOVE, [tenant.into(), idp.into()]).await
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plan::{crowded, is_indexed};

    #[tokio::test]
    async fn the_sign_ins_of_a_provider_are_found_among_many() {
        let app = crowded().await;
        for (name, sql) in [("LOCK", LOCK), ("REMOVE", REMOVE)] {
            is_indexed(&app, name, sql, "$tenant, md5($tenant || ' 200')::uuid").await;
        }
    }
}
