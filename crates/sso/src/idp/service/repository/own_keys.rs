//! SQL on `idp_configurations` for keys of Elder's own.

use chrono::{DateTime, Utc};
use elder_access::{DbError, TenantConn};
use elder_kernel::TenantId;
use sea_orm::Value;

use super::SealedKey;
use crate::idp::IdentityProviderId;

/// A key is published beside the one that signs.
const PUBLISH_KEY: &str = "
    update idp_configurations set next_key = $3, next_certificate = $4, version = version + 1, updated_at = $5
    where tenant_id = $1 and id = $2 and own_key is not null and next_key is null";
const SWITCH_KEY: &str = "
    update idp_configurations
    set former_key = own_key, former_certificate = own_certificate, own_key = next_key,
        own_certificate = next_certificate, next_key = null, next_certificate = null, version = version + 1,
        updated_at = $3
    where tenant_id = $1 and id = $2 and next_key is not null";
const DROP_KEY: &str = "
    update idp_configurations
    set former_key = null, former_certificate = null, version = version + 1, updated_at = $3
    where tenant_id = $1 and id = $2 and former_key is not null";

/// Whether there was a key to be published beside, and no other next one.
pub(in crate::idp::service) async fn publish_key(
    conn: &TenantConn,
    tenant: TenantId,
    id: IdentityProviderId,
    key: SealedKey,
    now: DateTime<Utc>,
) -> Result<bool, DbError> {
    let values: [Value; 5] =
        [tenant.into(), id.into(), key.private.into(), key.certificate.into(), now.into()];
    Ok(conn.run(PUBLISH_KEY, values).await? > 0)
}

/// Whether there was a next key.
pub(in crate::idp::service) async fn switch_key(
    conn: &TenantConn,
    tenant: TenantId,
    id: IdentityProviderId,
    now: DateTime<Utc>,
) -> Result<bool, DbError> {
    Ok(conn.run(SWITCH_KEY, [tenant.into(), id.into(), now.into()]).await? > 0)
}

/// Whether there was a former key.
pub(in crate::idp::service) async fn drop_key(
    conn: &TenantConn,
    tenant: TenantId,
    id: IdentityProviderId,
    now: DateTime<Utc>,
) -> Result<bool, DbError> {
    Ok(conn.run(DROP_KEY, [tenant.into(), id.into(), now.into()]).await? > 0)
}
