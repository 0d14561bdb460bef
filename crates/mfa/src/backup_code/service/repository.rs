//! SQL of backup codes.

use base64::{Engine as _, engine::general_purpose::STANDARD};
use chrono::{DateTime, Utc};
use elder_access::{DbError, Row, TenantConn};
use elder_kernel::{Id, TenantId, User};
use sea_orm::Value;
use uuid::Uuid;

const REMOVE_ALL: &str = "delete from backup_codes where tenant_id = $1 and user_id = $2";
const INSERT: &str = "
    insert into backup_codes (tenant_id, id, user_id, sealed_hash, created_at)
    select $1, c.id, $2, decode(c.sealed, 'base64'), $5 from unnest($3::uuid[], $4::text[]) as c (id, sealed)";
const UNUSED: &str = "
    select id, sealed_hash from backup_codes where tenant_id = $1 and user_id = $2 and used_at is null order by id";
const USE_UP: &str =
    "update backup_codes set used_at = $3 where tenant_id = $1 and id = $2 and used_at is null";

pub(super) async fn remove_all(conn: &TenantConn, tenant: TenantId, user: Id<User>) -> Result<(), DbError> {
    conn.run(REMOVE_ALL, [tenant.into(), user.into()]).await.map(drop)
}

pub(super) async fn insert(
    conn: &TenantConn,
    tenant: TenantId,
    user: Id<User>,
    sealed: Vec<(Uuid, Vec<u8>)>,
    now: DateTime<Utc>,
) -> Result<(), DbError> {
    // An array of bytes has no parameter of its own.
    let (ids, sealed): (Vec<_>, Vec<_>) =
        sealed.into_iter().map(|(id, bytes)| (id, STANDARD.encode(bytes))).unzip();
    let values: [Value; 5] = [tenant.into(), user.into(), ids.into(), sealed.into(), now.into()];
    conn.run(INSERT, values).await.map(drop)
}

pub(super) async fn unused(
    conn: &TenantConn,
    tenant: TenantId,
    user: Id<User>,
) -> Result<Vec<(Uuid, Vec<u8>)>, DbError> {
    let read = |row: &Row| Ok((row.get("id")?, row.get("sealed_hash")?));
    conn.raw_rows(UNUSED, [tenant.into(), user.into()]).await?.iter().map(read).collect()
}

/// Whether it was this call that used the code up.
pub(super) async fn use_up(
    conn: &TenantConn,
    tenant: TenantId,
    id: Uuid,
    now: DateTime<Utc>,
) -> Result<bool, DbError> {
    Ok(conn.run(USE_UP, [tenant.into(), id.into(), now.into()]).await? > 0)
}
