//! SQL on `audit_retention`, and on what is past its time.

use chrono::{DateTime, Utc};
use elder_access::{DbError, Row, TenantConn, packed};
use elder_kernel::{Id, TenantId};
use sea_orm::Value;
use uuid::Uuid;

use crate::retention::{AuditRetention, KEPT_TYPE, NewAuditRetention, PendingRetention, RetentionMonth};

macro_rules! find {
    () => {
        "select least(t.data_retention_days, $2) as maximum_days, r.days, r.categories, r.archive_after_days,
            r.asked, r.asked_at, r.asked_by, r.version, r.updated_at, r.updated_by
        from tenants t left join audit_retention r on r.tenant_id = t.id where t.id = $1"
    };
}
const FIND: &str = find!();
/// The row of the tenant, because that of the retention may not be there yet.
const LOCK: &str = concat!(find!(), " for update of t");
const PUT: &str = "
    insert into audit_retention (tenant_id, days, categories, archive_after_days, version, updated_at, updated_by,
        asked, asked_at, asked_by)
    values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
    on conflict (tenant_id) do update set days = excluded.days, categories = excluded.categories,
        archive_after_days = excluded.archive_after_days, version = excluded.version,
        updated_at = excluded.updated_at, updated_by = excluded.updated_by,
        asked = excluded.asked, asked_at = excluded.asked_at, asked_by = excluded.asked_by";
const DUE: &str = "
    select to_char(date_trunc('month', e.timestamp at time zone 'UTC'), 'YYYY-MM') as month, e.category,
        count(*) filter (where not e.is_held) as events, count(*) filter (where e.is_held) as held
    from jsonb_array_elements($2::jsonb) as packed (v) cross join lateral (
        select l.timestamp, l.category,
            is_held($1, l.actor_user_id, l.impersonator_id, l.resource_id, l.organization_id) as is_held
        from audit_logs l
        where l.tenant_id = $1 and l.category = v->>0 and l.timestamp < (v->>1)::timestamptz and l.resource_type <> $3
    ) e
    group by 1, 2 order by 1, 2";

pub(super) async fn find(
    conn: &TenantConn,
    tenant: TenantId,
    licensed: Option<i32>,
) -> Result<AuditRetention, DbError> {
    read(conn.raw_row(FIND, [tenant.into(), licensed.into()]).await?)
}

pub(super) async fn lock(
    conn: &TenantConn,
    tenant: TenantId,
    licensed: Option<i32>,
) -> Result<AuditRetention, DbError> {
    read(conn.raw_row(LOCK, [tenant.into(), licensed.into()]).await?)
}

pub(super) async fn put(
    conn: &TenantConn,
    tenant: TenantId,
    retention: &AuditRetention,
) -> Result<(), DbError> {
    let pending = retention.pending.as_ref();
    let asked = pending.map(|pending| NewAuditRetention {
        days: pending.days,
        categories: pending.categories.clone(),
        archive_after_days: pending.archive_after_days,
    });
    let asked = asked.map(serde_json::to_value).transpose().map_err(DbError::defect)?;
    let categories = serde_json::to_value(&retention.categories).map_err(DbError::defect)?;
    let days = |days: Option<u32>| Value::Int(days.and_then(|days| i32::try_from(days).ok()));
    let values = [
        tenant.into(),
        days(retention.days),
        categories.into(),
        days(retention.archive_after_days),
        retention.version.into(),
        Value::ChronoDateTimeUtc(retention.updated_at),
        Value::Uuid(retention.updated_by.map(Id::uuid)),
        Value::Json(asked.map(Box::new)),
        Value::ChronoDateTimeUtc(pending.map(|pending| pending.asked_at)),
        Value::Uuid(pending.map(|pending| pending.asked_by.uuid())),
    ];
    conn.run_last(PUT, values).await
}

/// What is past its time, by month and category.
pub(super) async fn due(
    conn: &TenantConn,
    tenant: TenantId,
    cut_offs: &[(&'static str, DateTime<Utc>)],
) -> Result<Vec<RetentionMonth>, DbError> {
    let cut_offs = cut_offs.iter().map(|(category, until)| [(*category).into(), (*until).into()]);
    let rows = conn.raw_rows(DUE, [tenant.into(), packed(cut_offs), KEPT_TYPE.into()]).await?;
    let month = |row: &Row| {
        Ok(RetentionMonth {
            month: row.get("month")?,
            category: row.get("category")?,
            events: row.get("events")?,
            held: row.get("held")?,
        })
    };
    rows.iter().map(month).collect()
}

/// A transaction that is in a tenant sees its row; one in a tenant that has just been removed sees none.
fn read(row: Option<Row>) -> Result<AuditRetention, DbError> {
    let Some(row) = row else { return Ok(nothing()) };
    let categories: Option<serde_json::Value> = row.get("categories")?;
    let days = |column: &str| -> Result<Option<u32>, DbError> {
        Ok(row.get::<Option<i32>>(column)?.and_then(|days| u32::try_from(days).ok()))
    };
    Ok(AuditRetention {
        days: days("days")?,
        archive_after_days: days("archive_after_days")?,
        categories: categories.map_or(Ok(<_>::default()), serde_json::from_value).map_err(DbError::defect)?,
        maximum_days: days("maximum_days")?,
        pending: read_pending(&row)?,
        version: row.get::<Option<i64>>("version")?.unwrap_or(0),
        updated_at: row.get("updated_at")?,
        updated_by: row.get::<Option<Uuid>>("updated_by")?.map(Id::from_uuid),
    })
}

fn read_pending(row: &Row) -> Result<Option<PendingRetention>, DbError> {
    let (at, by): (Option<DateTime<Utc>>, Option<Uuid>) = (row.get("asked_at")?, row.get("asked_by")?);
    let (Some(asked), Some(asked_at), Some(by)) = (row.get::<Option<serde_json::Value>>("asked")?, at, by)
    else {
        return Ok(None);
    };
    let NewAuditRetention { days, categories, archive_after_days } =
        serde_json::from_value(asked).map_err(DbError::defect)?;
    let asked_by = Id::from_uuid(by);
    Ok(Some(PendingRetention { days, categories, archive_after_days, asked_at, asked_by }))
}

fn nothing() -> AuditRetention {
    AuditRetention {
        days: None,
        categories: <_>::default(),
        archive_after_days: None,
        maximum_days: None,
        pending: None,
        version: 0,
        updated_at: None,
        updated_by: None,
    }
}
