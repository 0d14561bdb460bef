//! SQL on `audit_checkpoints`, and on what is public of the keys.

use chrono::{DateTime, Utc};
use elder_access::{DbError, Found, Row, Scope, Source, TenantConn};
use elder_kernel::{TenantId, collection::Selection};

use crate::{checkpoint::AuditCheckpoint, tree::Digest};

const CHECKPOINTS: Source =
    Source { table: "audit_checkpoints", joins: &[], columns: "root, note, created_at, size", stored: &[] };
const FIND: &str =
    "select size, root, created_at, note from audit_checkpoints where tenant_id = $1 and size = $2";
const NEWEST: &str = "
    select size, root, created_at, note from audit_checkpoints where tenant_id = $1 order by size desc limit 1";
const KEYS: &str = "
    select s.origin, k.public_key, k.created_at from audit_signing_keys k cross join audit_sealer s
    where s.origin is not null order by k.created_at desc, k.public_key";

pub(super) async fn list(
    conn: &TenantConn,
    tenant: TenantId,
    selection: &Selection,
) -> Result<Found<AuditCheckpoint>, DbError> {
    conn.list(&CHECKPOINTS, &Scope::of("tenant_id = $1", [tenant.into()]), selection, read).await
}

pub(super) async fn find(
    conn: &TenantConn,
    tenant: TenantId,
    size: i64,
) -> Result<Option<AuditCheckpoint>, DbError> {
    conn.raw_row(FIND, [tenant.into(), size.into()]).await?.as_ref().map(read).transpose()
}

pub(super) async fn newest(conn: &TenantConn, tenant: TenantId) -> Result<Option<AuditCheckpoint>, DbError> {
    conn.raw_row(NEWEST, [tenant.into()]).await?.as_ref().map(read).transpose()
}

/// The origin of all logs with each public key, the newest first.
pub(super) async fn keys(conn: &TenantConn) -> Result<Vec<(String, Vec<u8>, DateTime<Utc>)>, DbError> {
    let rows = conn.raw_rows(KEYS, []).await?;
    rows.iter().map(|row| Ok((row.get("origin")?, row.get("public_key")?, row.get("created_at")?))).collect()
}

fn read(row: &Row) -> Result<AuditCheckpoint, DbError> {
    let root: Vec<u8> = row.get("root")?;
    Ok(AuditCheckpoint {
        size: row.get("size")?,
        root: Digest::from_bytes(&root).map(|root| root.to_string()).unwrap_or_default(),
        created_at: row.get("created_at")?,
        note: row.get("note")?,
    })
}
