//! SQL of one-time tokens.

use chrono::{DateTime, TimeDelta, Utc};
use elder_access::{DbError, PlatformTx, Row, TenantConn, work::Housekeeping};
use elder_crypto::{Parsed, TokenHash};
use elder_kernel::{Id, TenantId, User};
use sea_orm::Value;
use uuid::Uuid;

use crate::one_time_token::{Draft, Found, MOST_AN_HOUR, Purpose};

/// One statement, whatever comes of it: time tells nobody whether a link was stored (P-08).
const INSERT: &str = "
    with meant as (
        select 1 as one where $10 and $12 > (
            select count(*) from one_time_tokens
            where tenant_id = $1 and email_folded = $5 and purpose = $4 and created_at > $11)
    ), ended as (
        update one_time_tokens set expires_at = $8
        where tenant_id = $1 and purpose = $4 and used_at is null and expires_at > $8
          and (user_id = $3 or (user_id is null and email_folded = $5)) and exists (select from meant)
    )
    insert into one_time_tokens (tenant_id, id, user_id, purpose, email_folded, secret_hash, data, created_at, expires_at)
    select $1, $2, $3, $4, $5, $6, $7, $8, $9 from meant
    returning id";
const FIND: &str = "
    select user_id, purpose, email_folded, data from one_time_tokens
    where tenant_id = $1 and id = $2 and secret_hash = $3 and used_at is null and expires_at > $4";
const REDEEM: &str = "
    update one_time_tokens set used_at = $4
    where tenant_id = $1 and id = $2 and secret_hash = $3 and used_at is null and expires_at > $4
    returning user_id, purpose, email_folded, data";
const IS_AGREED: &str = "
    select from one_time_tokens
    where tenant_id = $1 and user_id = $2 and purpose = $3 and used_at is not null and data->>'change' = $4";
const END_ALL: &str = "
    update one_time_tokens set expires_at = $3
    where tenant_id = $1 and user_id = $2 and used_at is null and expires_at > $3";
const FORGET: &str = "delete from one_time_tokens where expires_at < $1";

/// A token that was just drawn.
pub(super) struct Fresh<'a> {
    pub(super) id: Uuid,
    pub(super) hash: &'a TokenHash,
    pub(super) draft: &'a Draft<'a>,
    pub(super) created_at: DateTime<Utc>,
    /// Whether it is for anybody.
    pub(super) is_meant: bool,
}

/// Whether it was stored.
pub(super) async fn insert(conn: &TenantConn, tenant: TenantId, fresh: &Fresh<'_>) -> Result<bool, DbError> {
    let Fresh { id, hash, draft, created_at, is_meant } = *fresh;
    let values: [Value; 12] = [
        tenant.into(),
        id.into(),
        Value::Uuid(draft.user.map(Id::uuid)),
        draft.purpose.name().into(),
        draft.email.folded().into(),
        hash.as_bytes().to_vec().into(),
        draft.data.clone().into(),
        created_at.into(),
        (created_at + draft.lasts).into(),
        is_meant.into(),
        (created_at - TimeDelta::hours(1)).into(),
        MOST_AN_HOUR.into(),
    ];
    Ok(conn.raw_row(INSERT, values).await?.is_some())
}

pub(super) async fn find(
    conn: &TenantConn,
    tenant: TenantId,
    token: &Parsed,
    now: DateTime<Utc>,
) -> Result<Option<Found>, DbError> {
    one(conn, FIND, tenant, token, now).await
}

pub(super) async fn redeem(
    conn: &TenantConn,
    tenant: TenantId,
    token: &Parsed,
    now: DateTime<Utc>,
) -> Result<Option<Found>, DbError> {
    one(conn, REDEEM, tenant, token, now).await
}

async fn one(
    conn: &TenantConn,
    sql: &'static str,
    tenant: TenantId,
    token: &Parsed,
    now: DateTime<Utc>,
) -> Result<Option<Found>, DbError> {
    let hash = token.secret_hash.as_bytes().to_vec();
    let row = conn.raw_row(sql, [tenant.into(), token.id.into(), hash.into(), now.into()]).await?;
    Ok(row.as_ref().map(read).transpose()?.flatten())
}

/// None for a purpose that this version does not know.
fn read(row: &Row) -> Result<Option<Found>, DbError> {
    let Some(purpose) = Purpose::named(row.get("purpose")?) else { return Ok(None) };
    Ok(Some(Found {
        purpose,
        user: row.get::<Option<Uuid>>("user_id")?.map(Id::from_uuid),
        email: row.get("email_folded")?,
        data: row.get("data")?,
    }))
}

pub(super) async fn is_agreed(
    conn: &TenantConn,
    tenant: TenantId,
    user: Id<User>,
    purpose: Purpose,
    change: &str,
) -> Result<bool, DbError> {
    let values: [Value; 4] = [tenant.into(), user.into(), purpose.name().into(), change.into()];
    Ok(conn.raw_row(IS_AGREED, values).await?.is_some())
}

pub(super) async fn end_all(
    conn: &TenantConn,
    tenant: TenantId,
    user: Id<User>,
    now: DateTime<Utc>,
) -> Result<(), DbError> {
    conn.run(END_ALL, [tenant.into(), user.into(), now.into()]).await.map(drop)
}

pub(super) async fn forget(tx: PlatformTx<Housekeeping>, before: DateTime<Utc>) -> Result<(), DbError> {
    tx.settle(FORGET, [before.into()]).await
}
