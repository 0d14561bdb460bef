//! The SQL of tenants as operators see them.

use std::sync::Arc;

use chrono::{DateTime, Utc};
use elder_access::{DbError, Found, PlatformConn, Row, Scope, Source, Stored, SubscriptionTier};
use elder_kernel::{TenantId, collection::Selection, fold};
use sea_orm::Value;

use crate::platform::tenant::{ManagedTenant, TenantRef};

const FIND: &str = "
    select id, name, slug, subscription_tier, feature_flags, data_retention_days, storage_quota_gb, is_active,
        legal_hold, deletion_scheduled_at, created_at, updated_at
    from tenants where id = $1 or slug = $2";
const LOCK: &str = "
    select id, name, slug, subscription_tier, feature_flags, data_retention_days, storage_quota_gb, is_active,
        legal_hold, deletion_scheduled_at, created_at, updated_at
    from tenants where id = $1 or slug = $2 for no key update";
const TENANTS: Source = Source {
    table: "tenants",
    joins: &[],
    columns:
        "id, name, slug, subscription_tier, feature_flags, data_retention_days, storage_quota_gb, is_active,
        legal_hold, deletion_scheduled_at, created_at, updated_at",
    stored: &[("name", Stored::As("(lower(normalize(name, nfkc)) collate \"C\")"))],
};
// There are few tenants and fewer operators: a search reads them all.
const CONTAINING: &str = "(strpos(lower(normalize(name, nfkc)), $1) > 0 or strpos(slug, $1) > 0)";
const INSERT: &str = "
    insert into tenants (name, slug, subscription_tier, settings, data_retention_days, storage_quota_gb,
        created_at, updated_at)
    select $1, $2, $3, p.tenant_template, $4, $5, $6, $6 from platform_settings p
    returning id";
const UPDATE: &str = "
    update tenants set name = $2, slug = $3, subscription_tier = $4, data_retention_days = $5,
        storage_quota_gb = $6, is_active = $7, legal_hold = $8, deletion_scheduled_at = $9, updated_at = $10,
        version = version + 1
    where id = $1";
const END_SESSIONS: &str = "
    update sessions set ended_at = $2, end_reason = $3 where tenant_id = $1 and ended_at is null";
const CLEAR_IP_ALLOWLIST: &str = "
    update tenants t set settings = t.settings - 'ip_allowlist', updated_at = $2, version = t.version + 1
    from tenants old
    where t.id = $1 and old.id = t.id and old.settings ? 'ip_allowlist'
    returning old.settings -> 'ip_allowlist' as networks";
const IS_HELD: &str = "
    select exists (
        select from legal_holds where tenant_id = $1 and scope = 'tenant' and released_at is null) as is_held";
const DELETION_DAYS: &str = "select deletion_days from platform_settings";

pub(super) async fn find(conn: &PlatformConn, named: &TenantRef) -> Result<Option<ManagedTenant>, DbError> {
    conn.raw_row(FIND, key(named)).await?.as_ref().map(read).transpose()
}

/// Whether the tenant itself has put a hold on the whole of it.
pub(super) async fn is_held(conn: &PlatformConn, tenant: TenantId) -> Result<bool, DbError> {
    conn.raw_row(IS_HELD, [tenant.into()]).await?.map_or(Ok(false), |row| row.get("is_held"))
}

pub(super) async fn lock(conn: &PlatformConn, named: &TenantRef) -> Result<Option<ManagedTenant>, DbError> {
    conn.raw_row(LOCK, key(named)).await?.as_ref().map(read).transpose()
}

fn key(named: &TenantRef) -> [Value; 2] {
    match named {
        TenantRef::Id(id) => [(*id).into(), Value::String(None)],
        TenantRef::Slug(slug) => [Value::Int(None), slug.as_str().into()],
    }
}

pub(super) async fn list(
    conn: &PlatformConn,
    search: Option<&str>,
    selection: &Selection,
) -> Result<Found<ManagedTenant>, DbError> {
    let scope = match search {
        Some(needle) => Scope::of(CONTAINING, [fold(needle).into()]),
        None => Scope::everything(),
    };
    conn.list(&TENANTS, &scope, selection, read).await
}

pub(super) async fn insert(conn: &PlatformConn, tenant: &ManagedTenant) -> Result<Option<TenantId>, DbError> {
    let values: [Value; 6] = [
        tenant.name.as_str().into(),
        tenant.slug.as_str().into(),
        tenant.subscription_tier.name().into(),
        Value::Int(tenant.data_retention_days),
        Value::Int(tenant.storage_quota_gb),
        tenant.created_at.into(),
    ];
    conn.raw_row(INSERT, values).await?.map(|row| row.get("id").map(TenantId)).transpose()
}

pub(super) async fn update(conn: &PlatformConn, tenant: &ManagedTenant) -> Result<(), DbError> {
    let values: [Value; 10] = [
        tenant.id.into(),
        tenant.name.as_str().into(),
        tenant.slug.as_str().into(),
        tenant.subscription_tier.name().into(),
        Value::Int(tenant.data_retention_days),
        Value::Int(tenant.storage_quota_gb),
        tenant.is_active.into(),
        tenant.legal_hold.into(),
        Value::ChronoDateTimeUtc(tenant.deletion_scheduled_at),
        tenant.updated_at.into(),
    ];
    conn.run(UPDATE, values).await.map(drop)
}

pub(super) async fn end_sessions(
    conn: &PlatformConn,
    tenant: TenantId,
    reason: &'static str,
    now: DateTime<Utc>,
) -> Result<u64, DbError> {
    conn.run(END_SESSIONS, [tenant.into(), now.into(), reason.into()]).await
}

pub(super) async fn deletion_days(conn: &PlatformConn) -> Result<i64, DbError> {
    let row = conn.raw_row(DELETION_DAYS, []).await?;
    row.map_or(Ok(30), |row| row.get::<i32>("deletion_days").map(i64::from))
}

/// The networks that were on the list; none if there was no list.
pub(super) async fn clear_ip_allowlist(
    conn: &PlatformConn,
    tenant: TenantId,
    now: DateTime<Utc>,
) -> Result<Option<serde_json::Value>, DbError> {
    let row = conn.raw_row(CLEAR_IP_ALLOWLIST, [tenant.into(), now.into()]).await?;
    row.map(|row| row.get("networks")).transpose()
}

fn read(row: &Row) -> Result<ManagedTenant, DbError> {
    let flags = serde_json::from_value(row.get("feature_flags")?);
    Ok(ManagedTenant {
        id: TenantId(row.get("id")?),
        name: row.get("name")?,
        slug: row.get("slug")?,
        subscription_tier: SubscriptionTier::named(row.get("subscription_tier")?),
        feature_flags: flags.map_err(|error| DbError::Driver(Arc::new(error)))?,
        data_retention_days: row.get("data_retention_days")?,
        storage_quota_gb: row.get("storage_quota_gb")?,
        is_active: row.get("is_active")?,
        legal_hold: row.get("legal_hold")?,
        deletion_scheduled_at: row.get("deletion_scheduled_at")?,
        created_at: row.get("created_at")?,
        updated_at: row.get("updated_at")?,
    })
}
