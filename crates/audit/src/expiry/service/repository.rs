//! SQL of what goes.

use chrono::{DateTime, Utc};
use elder_access::{DbError, PlatformConn};
use elder_kernel::TenantId;
use uuid::Uuid;

use super::ExpiryError;
use crate::retention::{KEPT_TYPE, NewAuditRetention};

const BOUNDED: &str = "
    select t.id, least(t.data_retention_days, $1) as maximum_days, r.days, r.categories
    from tenants t left join audit_retention r on r.tenant_id = t.id
    where least(t.data_retention_days, $1) is not null or r.tenant_id is not null order by t.id";
const WAS_EVER_LICENSED: &str =
    "select document is not null or sealed_answer is not null as was_ever_licensed from license_state";
const WAIT: &str = "select pg_advisory_xact_lock(hashtext('elder.audit_removal'), $1)::text";
/// What is past its time, sealed, and not held: by the places of its leaves, of which each is looked up, because few of many
/// events go at once. The hash is over what PostgreSQL writes for
/// them, `{[0,3),[5,6)}`.
const RECORD: &str = "
    insert into audit_removals (tenant_id, id, category, until, events, first_seq, last_seq, seqs, removed_at)
    select $1, $2, $3, $4, count(*), min(seq), max(seq), range_agg(int8range(seq, seq + 1)), $5
    from (
        select l.seq from audit_logs e
        cross join lateral (
            select l.seq from audit_leaves l
            where l.tenant_id = e.tenant_id and l.event_id = e.event_id and l.timestamp = e.timestamp offset 0
        ) l
        where e.tenant_id = $1 and e.timestamp < $4 and e.category = $3 and e.resource_type <> $6
          and not is_held(e.tenant_id, e.actor_user_id, e.impersonator_id, e.resource_id, e.organization_id)
        order by e.timestamp, e.event_id limit $7
    ) due
    having count(*) > 0
    returning events, encode(sha256(convert_to(seqs::text, 'UTF8')), 'base64') as digest";
const REMOVE: &str = "select remove_audit_events($1, $2) as removed";

/// What shall go of one log at once.
pub(super) struct Due {
    pub(super) tenant: TenantId,
    pub(super) category: &'static str,
    pub(super) until: DateTime<Utc>,
    pub(super) most: i64,
}

/// What was recorded.
pub(super) struct Removal {
    pub(super) events: i64,
    pub(super) digest: String,
}

/// A tenant, for how long its events are kept, and what the operator and the licence allow at most.
type Bounded = (TenantId, NewAuditRetention, Option<u32>);

/// The tenants whose events are not kept for ever.
pub(super) async fn bounded(conn: &PlatformConn, licensed: Option<i32>) -> Result<Vec<Bounded>, ExpiryError> {
    let mut bounded = Vec::new();
    for row in conn.raw_rows(BOUNDED, [licensed.into()]).await? {
        let tenant = TenantId(row.get("id")?);
        let categories: Option<serde_json::Value> = row.get("categories")?;
        let categories = categories
            .map_or(Ok(<_>::default()), serde_json::from_value)
            .map_err(|fault| ExpiryError::Retention(tenant, fault))?;
        let days = |column: &str| -> Result<Option<u32>, DbError> {
            Ok(row.get::<Option<i32>>(column)?.and_then(|days| u32::try_from(days).ok()))
        };
        let (days, maximum) = (days("days")?, days("maximum_days")?);
        bounded.push((tenant, NewAuditRetention { days, categories, archive_after_days: None }, maximum));
    }
    Ok(bounded)
}

/// Whether this installation has ever had a licence.
pub(super) async fn was_ever_licensed(conn: &PlatformConn) -> Result<bool, DbError> {
    conn.raw_row(WAS_EVER_LICENSED, []).await?.map_or(Ok(true), |row| row.get("was_ever_licensed"))
}

/// Keeps holds and other nodes out of this log until the end of the transaction.
pub(super) async fn wait(conn: &PlatformConn, tenant: TenantId) -> Result<(), DbError> {
    conn.raw_row(WAIT, [tenant.into()]).await.map(drop)
}

/// Records what goes; none if nothing does.
pub(super) async fn record(
    conn: &PlatformConn,
    id: Uuid,
    due: &Due,
    now: DateTime<Utc>,
) -> Result<Option<Removal>, DbError> {
    let Due { tenant, category, until, most } = due;
    let values = [
        (*tenant).into(),
        id.into(),
        (*category).into(),
        (*until).into(),
        now.into(),
        KEPT_TYPE.into(),
        (*most).into(),
    ];
    let row = conn.raw_row(RECORD, values).await?;
    row.map(|row| Ok(Removal { events: row.get("events")?, digest: row.get("digest")? })).transpose()
}

/// Takes out what is recorded, and says how many rows that were.
pub(super) async fn remove(conn: &PlatformConn, tenant: TenantId, id: Uuid) -> Result<u64, DbError> {
    let row = conn.raw_row(REMOVE, [tenant.into(), id.into()]).await?;
    let removed: i64 = row.map_or(Ok(0), |row| row.get("removed"))?;
    Ok(removed.unsigned_abs())
}

#[cfg(test)]
mod tests;
