//! SQL on `idp_configurations` for what Elder does by itself: descriptions that are read anew, certificates that end.

use chrono::{DateTime, Utc};
use elder_access::{DbError, PlatformConn, PlatformTx, Row, TenantConn, work::Housekeeping};
use elder_kernel::{Id, TenantId};

use crate::idp::{IdentityProviderId, service::metadata::EndingCertificate};

const METADATA_DUE: &str = "
    select c.tenant_id, c.id, c.metadata_url from idp_configurations c join tenants t on t.id = c.tenant_id
    where c.idp_type = 'saml' and c.is_active and c.metadata_url is not null and t.is_active
      and (c.metadata_read_at is null or c.metadata_read_at <= $1)
    order by c.metadata_read_at limit 100";
const CLAIM_READING: &str = "
    update idp_configurations set metadata_read_at = $3
    where tenant_id = $1 and id = $2 and (metadata_read_at is null or metadata_read_at <= $4)";
const CERTIFICATES_ENDING: &str = "
    select tenant_id, id, certificates_end_at, certificates_told from idp_configurations
    where idp_type = 'saml' and is_active and certificates_end_at <= $1 and coalesce(certificates_told, 99) > 1
    limit 1000";
const ENDING: &str = "
    select tenant_id, id, certificates_end_at from idp_configurations
    where idp_type = 'saml' and is_active and certificates_end_at <= $1 order by certificates_end_at limit 10";
const NOTE_TOLD: &str = "
    update idp_configurations set certificates_told = $3 where tenant_id = $1 and id = $2";

/// A provider, and where its metadata is.
pub(in crate::idp::service) type Due = (TenantId, IdentityProviderId, String);
/// A provider, until when its certificates are good, and how many days before that was told last.
pub(in crate::idp::service) type Ending = (TenantId, IdentityProviderId, DateTime<Utc>, Option<i32>);

/// Those whose metadata was read last before then.
pub(in crate::idp::service) async fn metadata_due(
    tx: PlatformTx<Housekeeping>,
    before: DateTime<Utc>,
) -> Result<Vec<Due>, DbError> {
    let rows = tx.raw_rows(METADATA_DUE, [before.into()]).await?;
    let read = |row: &Row| {
        Ok((TenantId(row.get("tenant_id")?), Id::from_uuid(row.get("id")?), row.get("metadata_url")?))
    };
    rows.iter().map(read).collect()
}

/// Whether nobody has read the metadata since then.
pub(in crate::idp::service) async fn claim_reading(
    conn: &TenantConn,
    tenant: TenantId,
    id: IdentityProviderId,
    (now, since): (DateTime<Utc>, DateTime<Utc>),
) -> Result<bool, DbError> {
    Ok(conn.run(CLAIM_READING, [tenant.into(), id.into(), now.into(), since.into()]).await? > 0)
}

/// Those whose certificates are good until then at the most, unless all was told of them.
pub(in crate::idp::service) async fn certificates_ending(
    tx: PlatformTx<Housekeeping>,
    within: DateTime<Utc>,
) -> Result<Vec<Ending>, DbError> {
    let rows = tx.raw_rows(CERTIFICATES_ENDING, [within.into()]).await?;
    let read = |row: &Row| {
        let (tenant, id) = (TenantId(row.get("tenant_id")?), Id::from_uuid(row.get("id")?));
        Ok((tenant, id, row.get("certificates_end_at")?, row.get("certificates_told")?))
    };
    rows.iter().map(read).collect()
}

/// The first whose certificates are good until then at the most.
pub(in crate::idp::service) async fn ending(
    conn: &PlatformConn,
    within: DateTime<Utc>,
) -> Result<Vec<EndingCertificate>, DbError> {
    let read = |row: &Row| {
        Ok(EndingCertificate {
            tenant: TenantId(row.get("tenant_id")?),
            idp: Id::from_uuid(row.get("id")?),
            ends_at: row.get("certificates_end_at")?,
        })
    };
    conn.raw_rows(ENDING, [within.into()]).await?.iter().map(read).collect()
}

pub(in crate::idp::service) async fn note_told(
    conn: &TenantConn,
    tenant: TenantId,
    id: IdentityProviderId,
    days: i32,
) -> Result<u64, DbError> {
    conn.run(NOTE_TOLD, [tenant.into(), id.into(), days.into()]).await
}
