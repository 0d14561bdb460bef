//! SQL on `api_keys`.

use std::sync::Arc;

use chrono::{DateTime, Utc};
use elder_access::{DbError, Found, Networks, Row, Scope, Source, TenantConn};
use elder_crypto::TokenHash;
use elder_kernel::{Id, TenantId, collection::Selection};
use sea_orm::Value;
use uuid::Uuid;

use super::Whose;
use crate::api_key::{ApiKey, ApiKeyId};

/// What is read of a key: all but its hashes.
macro_rules! columns {
    () => {
        "id, user_id, service_account_id, name, permissions, organization_ids, ip_allowlist, expires_at,
            revoked_at, rotated_at, previous_expires_at, last_used_at, created_at, created_by"
    };
}

/// One key.
macro_rules! key {
    ($lock:literal) => {
        concat!("select ", columns!(), " from api_keys where tenant_id = $1 and id = $2", $lock)
    };
}

const KEYS: Source = Source { table: "api_keys", joins: &[], columns: columns!(), stored: &[] };
const FIND: &str = key!("");
const LOCK: &str = key!(" for update");
const INSERT: &str = "
    insert into api_keys (tenant_id, id, user_id, service_account_id, name, secret_hash, permissions,
        organization_ids, ip_allowlist, expires_at, created_at, created_by)
    values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)";
const ROTATE: &str = "
    update api_keys set secret_hash = $3, previous_expires_at = $4,
        previous_hash = case when $4 is null then null else secret_hash end, rotated_at = $5, expires_at = $6
    where tenant_id = $1 and id = $2";
const REVOKE: &str = "update api_keys set revoked_at = $3 where tenant_id = $1 and id = $2";

pub(super) async fn list(
    conn: &TenantConn,
    tenant: TenantId,
    whose: Whose,
    selection: &Selection,
) -> Result<Found<ApiKey>, DbError> {
    let scope = match whose {
        Whose::Anybody => Scope::of("tenant_id = $1", [tenant.into()]),
        Whose::User(user) => Scope::of("tenant_id = $1 and user_id = $2", [tenant.into(), user.into()]),
        Whose::Account(account) => {
            Scope::of("tenant_id = $1 and service_account_id = $2", [tenant.into(), account.into()])
        }
    };
    conn.list(&KEYS, &scope, selection, read).await
}

pub(super) async fn find(
    conn: &TenantConn,
    tenant: TenantId,
    id: ApiKeyId,
) -> Result<Option<ApiKey>, DbError> {
    conn.raw_row(FIND, [tenant.into(), id.into()]).await?.as_ref().map(read).transpose()
}

/// Finds a key and keeps others from changing it until the end.
pub(super) async fn lock(
    conn: &TenantConn,
    tenant: TenantId,
    id: ApiKeyId,
) -> Result<Option<ApiKey>, DbError> {
    conn.raw_row(LOCK, [tenant.into(), id.into()]).await?.as_ref().map(read).transpose()
}

pub(super) async fn insert(
    conn: &TenantConn,
    tenant: TenantId,
    key: &ApiKey,
    hash: &TokenHash,
) -> Result<u64, DbError> {
    let organizations = key.organizations.as_ref();
    let organizations = organizations.map(|ids| ids.iter().map(|id| id.uuid()).collect::<Vec<_>>());
    let networks =
        serde_json::to_value(&key.ip_allowlist).map_err(|error| DbError::Driver(Arc::new(error)))?;
    let values: [Value; 12] = [
        tenant.into(),
        key.id.into(),
        Value::Uuid(key.user_id.map(Id::uuid)),
        Value::Uuid(key.service_account_id.map(Id::uuid)),
        key.name.as_str().into(),
        hash.as_bytes().to_vec().into(),
        key.permissions.clone().into(),
        organizations.into(),
        networks.into(),
        key.expires_at.into(),
        key.created_at.into(),
        Value::Uuid(key.created_by.map(Id::uuid)),
    ];
    conn.run(INSERT, values).await
}

/// Writes a new secret; the present one becomes the previous, if that is to be good for a while.
pub(super) async fn rotate(
    conn: &TenantConn,
    tenant: TenantId,
    key: &ApiKey,
    hash: &TokenHash,
) -> Result<u64, DbError> {
    let values: [Value; 6] = [
        tenant.into(),
        key.id.into(),
        hash.as_bytes().to_vec().into(),
        Value::ChronoDateTimeUtc(key.previous_expires_at),
        Value::ChronoDateTimeUtc(key.rotated_at),
        key.expires_at.into(),
    ];
    conn.run(ROTATE, values).await
}

pub(super) async fn revoke(
    conn: &TenantConn,
    tenant: TenantId,
    id: ApiKeyId,
    now: DateTime<Utc>,
) -> Result<u64, DbError> {
    conn.run(REVOKE, [tenant.into(), id.into(), now.into()]).await
}

fn read(row: &Row) -> Result<ApiKey, DbError> {
    let networks = row.get::<serde_json::Value>("ip_allowlist")?;
    let networks: Networks =
        serde_json::from_value(networks).map_err(|error| DbError::Driver(Arc::new(error)))?;
    let organizations = row.get::<Option<Vec<Uuid>>>("organization_ids")?;
    Ok(ApiKey {
        id: Id::from_uuid(row.get("id")?),
        name: row.get("name")?,
        user_id: row.get::<Option<Uuid>>("user_id")?.map(Id::from_uuid),
        service_account_id: row.get::<Option<Uuid>>("service_account_id")?.map(Id::from_uuid),
        permissions: row.get("permissions")?,
        organizations: organizations.map(|ids| ids.into_iter().map(Id::from_uuid).collect()),
        ip_allowlist: networks,
        expires_at: row.get("expires_at")?,
        revoked_at: row.get("revoked_at")?,
        rotated_at: row.get("rotated_at")?,
        previous_expires_at: row.get("previous_expires_at")?,
        last_used_at: row.get("last_used_at")?,
        created_at: row.get("created_at")?,
        created_by: row.get::<Option<Uuid>>("created_by")?.map(Id::from_uuid),
    })
}
