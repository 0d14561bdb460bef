//! SQL of sign-ins of several steps.

use chrono::{DateTime, Utc};
use elder_access::{DbError, PlatformTx, Row, TenantConn, work::Housekeeping};
use elder_crypto::TokenHash;
use elder_kernel::{Id, SignInFlow, TenantId, User};
use sea_orm::Value;
use uuid::Uuid;

use crate::{
    Method,
    factor::FactorId,
    flow::{Flow, MOST_TRIES, Purpose},
};

const INSERT: &str = "
    insert into login_flows (tenant_id, id, user_id, purpose, secret_hash, methods, created_at, expires_at, device_id,
        sso_id)
    values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)";
const LOCK: &str = "
    select user_id, purpose, secret_hash, methods, device_id, factor_id, sso_id from login_flows
    where tenant_id = $1 and id = $2 and ended_at is null and expires_at > $3 and tries < $4 for update";
const COUNT: &str = "update login_flows set tries = tries + 1 where tenant_id = $1 and id = $2";
const SET_FACTOR: &str = "update login_flows set factor_id = $3 where tenant_id = $1 and id = $2";
const END: &str = "update login_flows set ended_at = $3 where tenant_id = $1 and id = $2";
const END_OF_USER: &str = "
    update login_flows set ended_at = $3 where tenant_id = $1 and user_id = $2 and ended_at is null";
const FORGET: &str = "
    with over as (delete from login_flows where expires_at <= $1)
    delete from webauthn_challenges where expires_at <= $1";

pub(super) async fn insert(
    conn: &TenantConn,
    tenant: TenantId,
    flow: &Flow,
    hash: &TokenHash,
    (now, end): (DateTime<Utc>, DateTime<Utc>),
) -> Result<(), DbError> {
    let methods: Vec<_> = flow.methods.iter().map(|method| method.amr().to_owned()).collect();
    let values: [Value; 10] = [
        tenant.into(),
        flow.id.into(),
        flow.user.into(),
        flow.purpose.name().into(),
        hash.as_bytes().to_vec().into(),
        methods.into(),
        now.into(),
        end.into(),
        Value::Uuid(flow.device.map(Id::uuid)),
        Value::Uuid(flow.rests_on.map(Id::uuid)),
    ];
    conn.run(INSERT, values).await.map(drop)
}

/// A flow that is not over and has tries left, with the hash of its secret.
pub(super) async fn lock(
    conn: &TenantConn,
    tenant: TenantId,
    id: Id<SignInFlow>,
    now: DateTime<Utc>,
) -> Result<Option<(Flow, TokenHash)>, DbError> {
    let values: [Value; 4] = [tenant.into(), id.into(), now.into(), MOST_TRIES.into()];
    let Some(row) = conn.raw_row(LOCK, values).await? else { return Ok(None) };
    let Some(purpose) = Purpose::named(row.get("purpose")?) else { return Ok(None) };
    let Ok(hash) = TokenHash::try_from(row.get::<&[u8]>("secret_hash")?) else { return Ok(None) };
    Ok(Some((read(&row, id, purpose)?, hash)))
}

pub(super) async fn count(conn: &TenantConn, tenant: TenantId, id: Id<SignInFlow>) -> Result<(), DbError> {
    conn.run(COUNT, [tenant.into(), id.into()]).await.map(drop)
}

pub(super) async fn set_factor(
    conn: &TenantConn,
    tenant: TenantId,
    id: Id<SignInFlow>,
    factor: FactorId,
) -> Result<(), DbError> {
    conn.run(SET_FACTOR, [tenant.into(), id.into(), factor.into()]).await.map(drop)
}

pub(super) async fn end(
    conn: &TenantConn,
    tenant: TenantId,
    id: Id<SignInFlow>,
    now: DateTime<Utc>,
) -> Result<(), DbError> {
    conn.run(END, [tenant.into(), id.into(), now.into()]).await.map(drop)
}

pub(super) async fn end_of_user(
    conn: &TenantConn,
    tenant: TenantId,
    user: Id<User>,
    now: DateTime<Utc>,
) -> Result<(), DbError> {
    conn.run(END_OF_USER, [tenant.into(), user.into(), now.into()]).await.map(drop)
}

pub(super) async fn forget(tx: PlatformTx<Housekeeping>, now: DateTime<Utc>) -> Result<(), DbError> {
    tx.settle(FORGET, [now.into()]).await
}

fn read(row: &Row, id: Id<SignInFlow>, purpose: Purpose) -> Result<Flow, DbError> {
    let methods = row.get::<Vec<&str>>("methods")?.into_iter().filter_map(Method::first);
    Ok(Flow {
        id,
        user: Id::from_uuid(row.get("user_id")?),
        purpose,
        methods: methods.collect(),
        device: row.get::<Option<Uuid>>("device_id")?.map(Id::from_uuid),
        factor: row.get::<Option<Uuid>>("factor_id")?.map(Id::from_uuid),
        rests_on: row.get::<Option<Uuid>>("sso_id")?.map(Id::from_uuid),
    })
}
