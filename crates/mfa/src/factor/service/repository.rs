//! SQL of second factors, whatever their kind.

use std::sync::Arc;

use elder_access::{DbError, Row, TenantConn};
use elder_api_types::{language::Language, regional::Locale, settings::SecondFactor};
use elder_kernel::{Id, TenantId, User};

use crate::factor::{Factor, FactorId};

const READER: &str = "select email, locale from portal_users where tenant_id = $1 and id = $2";
const LIST: &str = "
    select id, kind, name, created_at, last_used_at from mfa_factors
    where tenant_id = $1 and user_id = $2 and confirmed_at is not null order by id";
const LOCK: &str = "
    select id, kind, name, created_at, last_used_at from mfa_factors
    where tenant_id = $1 and user_id = $2 and id = $3 and confirmed_at is not null for update";
const CODES_LEFT: &str = "
    select count(*)::bigint as codes from backup_codes where tenant_id = $1 and user_id = $2 and used_at is null";
const RENAME: &str = "update mfa_factors set name = $3 where tenant_id = $1 and id = $2";
const REMOVE: &str = "delete from mfa_factors where tenant_id = $1 and id = $2";
const REMOVE_ALL: &str = "delete from mfa_factors where tenant_id = $1 and user_id = $2";
const REMOVE_CODES: &str = "delete from backup_codes where tenant_id = $1 and user_id = $2";

/// Where somebody reads mails, and in which language.
pub(super) async fn reader(
    conn: &TenantConn,
    tenant: TenantId,
    user: Id<User>,
) -> Result<Option<(String, Option<Language>)>, DbError> {
    let Some(row) = conn.raw_row(READER, [tenant.into(), user.into()]).await? else { return Ok(None) };
    let locale = row.get::<Option<String>>("locale")?.map(|tag| Language::from(Locale::stored(tag)));
    Ok(Some((row.get("email")?, locale)))
}

pub(super) async fn list(
    conn: &TenantConn,
    tenant: TenantId,
    user: Id<User>,
) -> Result<Vec<Factor>, DbError> {
    conn.raw_rows(LIST, [tenant.into(), user.into()]).await?.iter().map(read).collect()
}

pub(super) async fn lock(
    conn: &TenantConn,
    tenant: TenantId,
    user: Id<User>,
    id: FactorId,
) -> Result<Option<Factor>, DbError> {
    let row = conn.raw_row(LOCK, [tenant.into(), user.into(), id.into()]).await?;
    row.as_ref().map(read).transpose()
}

pub(super) async fn codes_left(conn: &TenantConn, tenant: TenantId, user: Id<User>) -> Result<u32, DbError> {
    let row = conn.raw_row(CODES_LEFT, [tenant.into(), user.into()]).await?;
    let codes = row.map_or(Ok(0), |row| row.get::<i64>("codes"))?;
    Ok(u32::try_from(codes).unwrap_or_default())
}

pub(super) async fn rename(
    conn: &TenantConn,
    tenant: TenantId,
    id: FactorId,
    name: &str,
) -> Result<(), DbError> {
    conn.run(RENAME, [tenant.into(), id.into(), name.into()]).await.map(drop)
}

pub(super) async fn remove(conn: &TenantConn, tenant: TenantId, id: FactorId) -> Result<(), DbError> {
    conn.run(REMOVE, [tenant.into(), id.into()]).await.map(drop)
}

pub(super) async fn remove_all(conn: &TenantConn, tenant: TenantId, user: Id<User>) -> Result<u64, DbError> {
    conn.run(REMOVE_ALL, [tenant.into(), user.into()]).await
}

pub(super) async fn remove_codes(conn: &TenantConn, tenant: TenantId, user: Id<User>) -> Result<(), DbError> {
    conn.run(REMOVE_CODES, [tenant.into(), user.into()]).await.map(drop)
}

fn read(row: &Row) -> Result<Factor, DbError> {
    Ok(Factor {
        id: Id::from_uuid(row.get("id")?),
        kind: SecondFactor::named(row.get("kind")?).ok_or_else(|| DbError::Driver(Arc::new(UnknownKind)))?,
        name: row.get("name")?,
        created_at: row.get("created_at")?,
        last_used_at: row.get("last_used_at")?,
    })
}

/// A kind that the check of the table lets nobody write.
#[derive(Debug, thiserror::Error)]
#[error("a second factor is of an unknown kind")]
struct UnknownKind;
