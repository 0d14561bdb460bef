//! The SQL of a tenant as its own people see it.

use chrono::{DateTime, Datelike as _, Utc};
use elder_access::{DbError, PlatformConn, Row, SubscriptionTier, TenantConn};
use elder_kernel::TenantId;
use sea_orm::Value;

use crate::{
    settings,
    tenant::{API_CALLS, ApiCalls, Tenant, Usage},
};

const FIND: &str = "
    select id, name, slug, subscription_tier, data_retention_days, storage_quota_gb, settings, created_at, updated_at
    from tenants where id = $1";
const NAMED: &str = "select id from tenants where (slug = $1 or id::text = $1) and is_active";
const LOCK: &str = "
    select id, name, slug, subscription_tier, data_retention_days, storage_quota_gb, settings, created_at, updated_at
    from tenants where id = $1 for no key update";
const UPDATE: &str = "
    update tenants set name = $2, settings = $3, updated_at = $4, version = version + 1 where id = $1";
const USAGE: &str = "
    select (select count(*) from portal_users where tenant_id = $1) as users,
           (select count(*) from organizations where tenant_id = $1) as organizations,
           (select count(*) from sessions where tenant_id = $1 and ended_at is null
               and idle_expires_at > $2 and expires_at > $2) as sessions,
           (select count(*) from audit_logs where tenant_id = $1) as audit_events,
           coalesce((select value from usage_days where tenant_id = $1 and day = $3 and metric = $5), 0) as day,
           (select coalesce(sum(value), 0)::bigint from usage_days
               where tenant_id = $1 and day between $4 and $3 and metric = $5) as month";

/// An active tenant by its slug or number, across all.
pub(super) async fn named(conn: &PlatformConn, name: &str) -> Result<Option<TenantId>, DbError> {
    conn.raw_row(NAMED, [name.into()]).await?.map(|row| row.get("id").map(TenantId)).transpose()
}

pub(super) async fn find(conn: &TenantConn, tenant: TenantId) -> Result<Option<Tenant>, DbError> {
    conn.raw_row(FIND, [tenant.into()]).await?.as_ref().map(read).transpose()
}

pub(super) async fn lock(conn: &TenantConn, tenant: TenantId) -> Result<Option<Tenant>, DbError> {
    conn.raw_row(LOCK, [tenant.into()]).await?.as_ref().map(read).transpose()
}

pub(super) async fn update(conn: &TenantConn, tenant: &Tenant) -> Result<(), DbError> {
    let values: [Value; 4] = [
        tenant.id.into(),
        tenant.name.as_str().into(),
        settings::stored_form(&tenant.settings).into(),
        tenant.updated_at.into(),
    ];
    conn.run(UPDATE, values).await.map(drop)
}

pub(super) async fn usage(conn: &TenantConn, tenant: TenantId, now: DateTime<Utc>) -> Result<Usage, DbError> {
    let today = now.date_naive();
    let first = today.with_day(1).unwrap_or(today);
    let values: [Value; 5] = [tenant.into(), now.into(), today.into(), first.into(), API_CALLS.into()];
    let row = conn.raw_row(USAGE, values).await?;
    let count = |column| row.as_ref().map_or(Ok(0), |row| row.get::<i64>(column));
    Ok(Usage {
        users: count("users")?,
        organizations: count("organizations")?,
        active_sessions: count("sessions")?,
        api_calls: ApiCalls { day: count("day")?, month: count("month")? },
        audit_events: count("audit_events")?,
        storage_bytes: None,
    })
}

fn read(row: &Row) -> Result<Tenant, DbError> {
    Ok(Tenant {
        id: TenantId(row.get("id")?),
        name: row.get("name")?,
        slug: row.get("slug")?,
        subscription_tier: SubscriptionTier::named(row.get("subscription_tier")?),
        data_retention_days: row.get("data_retention_days")?,
        storage_quota_gb: row.get("storage_quota_gb")?,
        settings: settings::tolerant(row.get("settings")?)?,
        created_at: row.get("created_at")?,
        updated_at: row.get("updated_at")?,
    })
}
