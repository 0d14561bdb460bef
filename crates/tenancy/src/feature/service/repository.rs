//! The SQL of feature flags.

use elder_access::{DbError, Found, PlatformConn, Row, Scope, Source, TenantConn};
use elder_kernel::{TenantId, collection::Selection};
use sea_orm::Value;

use crate::feature::{FeatureFlag, FlagName};

const OF_TENANT: &str = "
    select f.name, f.description, f.is_enabled, f.percentage, f.created_at, f.updated_at,
           (t.feature_flags ->> f.name)::boolean as own
    from feature_flags f cross join tenants t where t.id = $1 order by f.name";
const FLAGS: Source = Source {
    table: "feature_flags",
    joins: &[],
    columns: "name, description, is_enabled, percentage, created_at, updated_at",
    stored: &[],
};
const FIND: &str = "
    select name, description, is_enabled, percentage, created_at, updated_at from feature_flags where name = $1";
const LOCK: &str = "
    select name, description, is_enabled, percentage, created_at, updated_at from feature_flags where name = $1
    for update";
const INSERT: &str = "
    insert into feature_flags (name, description, is_enabled, percentage, created_at, updated_at)
    values ($1, $2, $3, $4, $5, $6)";
const UPDATE: &str = "
    update feature_flags set description = $2, is_enabled = $3, percentage = $4, updated_at = $5,
        version = version + 1
    where name = $1";
const DELETE: &str = "delete from feature_flags where name = $1";
const FORGET_VALUES: &str = "update tenants set feature_flags = feature_flags - $1 where feature_flags ? $1";
const VALUE: &str = "
    select (feature_flags ->> $2)::boolean as value from tenants where id = $1 for no key update";
const SET_VALUE: &str = "
    update tenants set feature_flags = case
        when $3::boolean is null then feature_flags - $2
        else feature_flags || jsonb_build_object($2, $3)
    end, updated_at = $4, version = version + 1
    where id = $1";

pub(super) async fn of_tenant(
    conn: &TenantConn,
    tenant: TenantId,
) -> Result<Vec<(FeatureFlag, Option<bool>)>, DbError> {
    let rows = conn.raw_rows(OF_TENANT, [tenant.into()]).await?;
    rows.iter().map(|row| Ok((read(row)?, row.get("own")?))).collect()
}

pub(super) async fn list(conn: &PlatformConn, selection: &Selection) -> Result<Found<FeatureFlag>, DbError> {
    conn.list(&FLAGS, &Scope::everything(), selection, read).await
}

pub(super) async fn find(conn: &PlatformConn, name: &FlagName) -> Result<Option<FeatureFlag>, DbError> {
    conn.raw_row(FIND, [name.to_string().into()]).await?.as_ref().map(read).transpose()
}

pub(super) async fn lock(conn: &PlatformConn, name: &FlagName) -> Result<Option<FeatureFlag>, DbError> {
    conn.raw_row(LOCK, [name.to_string().into()]).await?.as_ref().map(read).transpose()
}

pub(super) async fn insert(conn: &PlatformConn, flag: &FeatureFlag) -> Result<(), DbError> {
    let values: [Value; 6] = [
        flag.name.as_str().into(),
        flag.description.as_str().into(),
        flag.is_enabled.into(),
        flag.percentage.into(),
        flag.created_at.into(),
        flag.updated_at.into(),
    ];
    conn.run(INSERT, values).await.map(drop)
}

pub(super) async fn update(conn: &PlatformConn, flag: &FeatureFlag) -> Result<(), DbError> {
    let values: [Value; 5] = [
        flag.name.as_str().into(),
        flag.description.as_str().into(),
        flag.is_enabled.into(),
        flag.percentage.into(),
        flag.updated_at.into(),
    ];
    conn.run(UPDATE, values).await.map(drop)
}

pub(super) async fn delete(conn: &PlatformConn, name: &FlagName) -> Result<u64, DbError> {
    conn.run(DELETE, [name.to_string().into()]).await
}

pub(super) async fn forget_values(conn: &PlatformConn, name: &FlagName) -> Result<u64, DbError> {
    conn.run(FORGET_VALUES, [name.to_string().into()]).await
}

/// The value of one tenant, whose row is locked; none if there is no such tenant.
pub(super) async fn value(
    conn: &PlatformConn,
    name: &FlagName,
    tenant: TenantId,
) -> Result<Option<Option<bool>>, DbError> {
    let row = conn.raw_row(VALUE, [tenant.into(), name.to_string().into()]).await?;
    row.map(|row| row.get("value")).transpose()
}

pub(super) async fn set_value(
    conn: &PlatformConn,
    name: &FlagName,
    tenant: TenantId,
    value: Option<bool>,
    now: chrono::DateTime<chrono::Utc>,
) -> Result<(), DbError> {
    let values: [Value; 4] = [tenant.into(), name.to_string().into(), Value::Bool(value), now.into()];
    conn.run(SET_VALUE, values).await.map(drop)
}

fn read(row: &Row) -> Result<FeatureFlag, DbError> {
    Ok(FeatureFlag {
        name: row.get("name")?,
        description: row.get("description")?,
        is_enabled: row.get("is_enabled")?,
        percentage: row.get("percentage")?,
        created_at: row.get("created_at")?,
        updated_at: row.get("updated_at")?,
    })
}
