//! SQL on reports that somebody is to be told of.

use chrono::{DateTime, Utc};
use elder_access::{DbError, PlatformTx, Row, TenantConn, packed, work::Housekeeping};
use elder_api_types::{UserId, language::Language};
use elder_kernel::TenantId;
use sea_orm::Value;

use super::{key, uuids};
use crate::report::ComplianceReportId;

/// Reports that are done and that somebody waits for. Those that another node looks at are left to it.
const WAITING: &str = "
    select tenant_id, id from compliance_reports
    where deliver_at <= $1 and state in ('completed', 'failed')
    order by deliver_at limit $2 for update skip locked";
const LEASE: &str = "
    update compliance_reports r set deliver_at = $2
    from jsonb_array_elements($1::jsonb) as packed (v)
    where r.tenant_id = (v->>0)::int and r.id = (v->>1)::uuid";
const TRIES: &str = "select tries from compliance_reports where tenant_id = $1 and id = $2 and deliver_at is not null for update";
const TOLD: &str = "update compliance_reports set deliver_at = null where tenant_id = $1 and id = $2";
const AGAIN: &str =
    "update compliance_reports set deliver_at = $3, tries = tries + 1 where tenant_id = $1 and id = $2";
const READERS: &str = "
    select email, locale from portal_users where tenant_id = $1 and id = any ($2::uuid[]) and is_active order by id";

/// Somebody who is told.
pub(in crate::schedule::service) struct Reader {
    pub(in crate::schedule::service) email: String,
    pub(in crate::schedule::service) locale: Option<Language>,
}

/// Takes reports that somebody waits for, until `lease`: if this node dies, another takes them then.
pub(in crate::schedule::service) async fn waiting(
    tx: PlatformTx<Housekeeping>,
    most: i64,
    lease: DateTime<Utc>,
) -> Result<Vec<(TenantId, ComplianceReportId)>, DbError> {
    let rows = tx.raw_rows(WAITING, [tx.seam().now().into(), most.into()]).await?;
    let keys: Vec<(TenantId, ComplianceReportId)> = rows.iter().map(key).collect::<Result<_, DbError>>()?;
    if !keys.is_empty() {
        let packed = packed(keys.iter().map(|(tenant, id)| [Value::from(tenant.0), (*id).into()]));
        tx.settle(LEASE, [packed, lease.into()]).await?;
    }
    Ok(keys)
}

/// How often it was tried to tell of a report; none if nobody waits for it any more.
pub(in crate::schedule::service) async fn tries(
    conn: &TenantConn,
    tenant: TenantId,
    id: ComplianceReportId,
) -> Result<Option<i32>, DbError> {
    conn.raw_row(TRIES, [tenant.into(), id.into()]).await?.map(|row| row.get("tries")).transpose()
}

/// Notes that those have been told who are to be.
pub(in crate::schedule::service) async fn told(
    conn: &TenantConn,
    tenant: TenantId,
    id: ComplianceReportId,
) -> Result<u64, DbError> {
    conn.run(TOLD, [tenant.into(), id.into()]).await
}

/// Gives up telling of a report.
pub(in crate::schedule::service) async fn silence(
    tx: PlatformTx<Housekeeping>,
    tenant: TenantId,
    id: ComplianceReportId,
) -> Result<(), DbError> {
    tx.settle(TOLD, [tenant.into(), id.into()]).await
}

/// Has it tried again.
pub(in crate::schedule::service) async fn again(
    tx: PlatformTx<Housekeeping>,
    tenant: TenantId,
    id: ComplianceReportId,
    at: DateTime<Utc>,
) -> Result<(), DbError> {
    tx.settle(AGAIN, [tenant.into(), id.into(), at.into()]).await
}

/// Those of them who are active.
pub(in crate::schedule::service) async fn readers(
    conn: &TenantConn,
    tenant: TenantId,
    ids: &[UserId],
) -> Result<Vec<Reader>, DbError> {
    let rows = conn.raw_rows(READERS, [tenant.into(), uuids(ids).into()]).await?;
    let reader = |row: &Row| {
        let locale: Option<String> = row.get("locale")?;
        Ok(Reader { email: row.get("email")?, locale: locale.and_then(|locale| locale.parse().ok()) })
    };
    rows.iter().map(reader).collect()
}
