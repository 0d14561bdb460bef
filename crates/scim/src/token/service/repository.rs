//! SQL on `scim_tokens`.

use chrono::{DateTime, Utc};
use elder_access::{DbError, Found, Row, Scope, Source, TenantConn};
use elder_crypto::TokenHash;
use elder_kernel::{Id, TenantId, collection::Selection};
use sea_orm::Value;
use uuid::Uuid;

use crate::{
    directory::DirectoryId,
    token::{ScimToken, ScimTokenId},
};

const TOKENS: Source = Source {
    table: "scim_tokens",
    joins: &[],
    columns: "id, configuration_id, name, can_write, expires_at, revoked_at, last_used_at, created_at, created_by",
    stored: &[],
};

const INSERT: &str = "
    insert into scim_tokens
        (tenant_id, id, configuration_id, name, secret_hash, can_write, expires_at, created_at, created_by)
    values ($1, $2, $3, $4, $5, $6, $7, $8, $9)";

const REVOKE: &str = "
    update scim_tokens set revoked_at = $4
    where tenant_id = $1 and configuration_id = $2 and id = $3 and revoked_at is null";

const EXISTS: &str = "select from scim_tokens where tenant_id = $1 and configuration_id = $2 and id = $3";

pub(super) async fn list(
    conn: &TenantConn,
    tenant: TenantId,
    directory: DirectoryId,
    selection: &Selection,
) -> Result<Found<ScimToken>, DbError> {
    let scope = Scope::of("tenant_id = $1 and configuration_id = $2", [tenant.into(), directory.into()]);
    conn.list(&TOKENS, &scope, selection, read).await
}

pub(super) async fn insert(
    conn: &TenantConn,
    tenant: TenantId,
    token: &ScimToken,
    hash: &TokenHash,
) -> Result<u64, DbError> {
    let values = [
        tenant.into(),
        token.id.into(),
        token.directory_id.into(),
        token.name.as_str().into(),
        hash.as_bytes().to_vec().into(),
        token.can_write.into(),
        Value::ChronoDateTimeUtc(token.expires_at),
        token.created_at.into(),
        Value::Uuid(token.created_by.map(Id::uuid)),
    ];
    conn.run(INSERT, values).await
}

pub(super) async fn revoke(
    conn: &TenantConn,
    tenant: TenantId,
    (directory, id): (DirectoryId, ScimTokenId),
    now: DateTime<Utc>,
) -> Result<u64, DbError> {
    conn.run(REVOKE, [tenant.into(), directory.into(), id.into(), now.into()]).await
}

pub(super) async fn exists(
    conn: &TenantConn,
    tenant: TenantId,
    directory: DirectoryId,
    id: ScimTokenId,
) -> Result<bool, DbError> {
    Ok(conn.raw_row(EXISTS, [tenant.into(), directory.into(), id.into()]).await?.is_some())
}

fn read(row: &Row) -> Result<ScimToken, DbError> {
    Ok(ScimToken {
        id: Id::from_uuid(row.get("id")?),
        directory_id: Id::from_uuid(row.get("configuration_id")?),
        name: row.get("name")?,
        can_write: row.get("can_write")?,
        expires_at: row.get("expires_at")?,
        revoked_at: row.get("revoked_at")?,
        last_used_at: row.get("last_used_at")?,
        created_at: row.get("created_at")?,
        created_by: row.get::<Option<Uuid>>("created_by")?.map(Id::from_uuid),
    })
}
