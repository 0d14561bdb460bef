//! SQL of authenticator applications.

use chrono::{DateTime, Utc};
use elder_access::{DbError, Row, TenantConn};
use elder_kernel::{Id, TenantId, User};
use sea_orm::Value;

use crate::factor::FactorId;

const LABEL: &str = "
    select u.email, t.name from portal_users u join tenants t on t.id = u.tenant_id
    where u.tenant_id = $1 and u.id = $2";
const FORGET_UNCONFIRMED: &str =
    "delete from mfa_factors where tenant_id = $1 and user_id = $2 and confirmed_at is null";
const INSERT: &str = "
    insert into mfa_factors (tenant_id, id, user_id, kind, name, sealed_secret, created_at)
    values ($1, $2, $3, 'totp', $4, $5, $6)";
const UNCONFIRMED: &str = "
    select id, sealed_secret from mfa_factors
    where tenant_id = $1 and user_id = $2 and id = $3 and kind = 'totp' and confirmed_at is null and created_at > $4
    for update";
const CONFIRM: &str = "
    update mfa_factors set confirmed_at = $4, last_used_at = $4, last_step = $3 where tenant_id = $1 and id = $2";
const CONFIRMED: &str = "
    select id, sealed_secret from mfa_factors
    where tenant_id = $1 and user_id = $2 and kind = 'totp' and confirmed_at is not null order by id";
const USE_STEP: &str = "
    update mfa_factors set last_step = $3, last_used_at = $4
    where tenant_id = $1 and id = $2 and last_step < $3";

/// What an authenticator application shows beside the code.
pub(super) struct Label {
    pub(super) tenant: String,
    pub(super) email: String,
}

/// A secret as it is stored.
pub(super) struct Stored {
    pub(super) id: FactorId,
    pub(super) sealed_secret: Vec<u8>,
}

pub(super) async fn label(
    conn: &TenantConn,
    tenant: TenantId,
    user: Id<User>,
) -> Result<Option<Label>, DbError> {
    let row = conn.raw_row(LABEL, [tenant.into(), user.into()]).await?;
    row.map(|row| Ok(Label { tenant: row.get("name")?, email: row.get("email")? })).transpose()
}

pub(super) async fn forget_unconfirmed(
    conn: &TenantConn,
    tenant: TenantId,
    user: Id<User>,
) -> Result<(), DbError> {
    conn.run(FORGET_UNCONFIRMED, [tenant.into(), user.into()]).await.map(drop)
}

pub(super) async fn insert(
    conn: &TenantConn,
    tenant: TenantId,
    (user, id): (Id<User>, FactorId),
    name: &str,
    sealed_secret: Vec<u8>,
    now: DateTime<Utc>,
) -> Result<(), DbError> {
    let values: [Value; 6] =
        [tenant.into(), id.into(), user.into(), name.into(), sealed_secret.into(), now.into()];
    conn.run(INSERT, values).await.map(drop)
}

pub(super) async fn unconfirmed(
    conn: &TenantConn,
    tenant: TenantId,
    user: Id<User>,
    id: FactorId,
    since: DateTime<Utc>,
) -> Result<Option<Stored>, DbError> {
    let row = conn.raw_row(UNCONFIRMED, [tenant.into(), user.into(), id.into(), since.into()]).await?;
    row.as_ref().map(read).transpose()
}

pub(super) async fn confirm(
    conn: &TenantConn,
    tenant: TenantId,
    id: FactorId,
    step: i64,
    now: DateTime<Utc>,
) -> Result<(), DbError> {
    conn.run(CONFIRM, [tenant.into(), id.into(), step.into(), now.into()]).await.map(drop)
}

pub(super) async fn confirmed(
    conn: &TenantConn,
    tenant: TenantId,
    user: Id<User>,
) -> Result<Vec<Stored>, DbError> {
    conn.raw_rows(CONFIRMED, [tenant.into(), user.into()]).await?.iter().map(read).collect()
}

/// Whether the step is later than every one whose code was used; then it is the last one.
pub(super) async fn use_step(
    conn: &TenantConn,
    tenant: TenantId,
    id: FactorId,
    step: i64,
    now: DateTime<Utc>,
) -> Result<bool, DbError> {
    Ok(conn.run(USE_STEP, [tenant.into(), id.into(), step.into(), now.into()]).await? > 0)
}

fn read(row: &Row) -> Result<Stored, DbError> {
    Ok(Stored { id: Id::from_uuid(row.get("id")?), sealed_secret: row.get("sealed_secret")? })
}
