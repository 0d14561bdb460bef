//! SQL on `devices`.

use chrono::{DateTime, Utc};
use elder_access::{DbError, Found, Row, Scope, Source, TenantConn};
use elder_crypto::TokenHash;
use elder_kernel::{Id, Session, TenantId, User, collection::Selection};
use sea_orm::Value;

use crate::device::{Device, DeviceId};

macro_rules! columns {
    () => {
        "id, name, user_agent, ip, first_seen_at, last_seen_at, remembered_until"
    };
}

const DEVICES: Source = Source { table: "devices", joins: &[], columns: columns!(), stored: &[] };
const GET: &str =
    concat!("select ", columns!(), " from devices where tenant_id = $1 and user_id = $2 and id = $3");
const LOCK: &str = concat!(
    "select ",
    columns!(),
    " from devices where tenant_id = $1 and user_id = $2 and id = $3 for update"
);
const OF_SESSION: &str = "select device_id from sessions where tenant_id = $1 and id = $2";
const TOUCH: &str = "
    update devices set user_agent = $3, ip = $4, last_seen_at = $5 where tenant_id = $1 and id = $2 returning name";
/// Says whether any device of the user came from there before.
const INSERT: &str = "
    insert into devices (tenant_id, id, user_id, secret_hash, name, user_agent, ip, first_seen_at, last_seen_at)
    values ($1, $2, $3, $4, $5, $6, $7, $8, $8)
    returning exists (select from devices other
        where other.tenant_id = $1 and other.user_id = $3 and other.user_agent is not distinct from $6
          and other.ip is not distinct from $7) as is_familiar";
const REMEMBER: &str = "update devices set remembered_until = $3 where tenant_id = $1 and id = $2";
const DISTRUST: &str = "
    update devices set remembered_until = null, failed_login_attempts = 0, failed_since = null, failed_in_a_row = 0,
        locked_until = null
    where tenant_id = $1 and user_id = $2";
const RENAME: &str = "update devices set name = $3 where tenant_id = $1 and id = $2";
const DELETE: &str = "delete from devices where tenant_id = $1 and id = $2";

/// A device that nobody has signed in with before.
pub(super) struct Fresh<'a> {
    pub(super) id: DeviceId,
    pub(super) user: Id<User>,
    pub(super) hash: &'a TokenHash,
    pub(super) name: &'a str,
    pub(super) agent: Option<&'a str>,
    pub(super) ip: Option<&'a str>,
    pub(super) now: DateTime<Utc>,
}

pub(super) async fn list(
    conn: &TenantConn,
    tenant: TenantId,
    user: Id<User>,
    selection: &Selection,
) -> Result<Found<Device>, DbError> {
    let scope = Scope::of("tenant_id = $1 and user_id = $2", [tenant.into(), user.into()]);
    conn.list(&DEVICES, &scope, selection, read).await
}

pub(super) async fn get(
    conn: &TenantConn,
    tenant: TenantId,
    user: Id<User>,
    id: DeviceId,
) -> Result<Option<Device>, DbError> {
    conn.raw_row(GET, [tenant.into(), user.into(), id.into()]).await?.as_ref().map(read).transpose()
}

pub(super) async fn lock(
    conn: &TenantConn,
    tenant: TenantId,
    user: Id<User>,
    id: DeviceId,
) -> Result<Option<Device>, DbError> {
    conn.raw_row(LOCK, [tenant.into(), user.into(), id.into()]).await?.as_ref().map(read).transpose()
}

/// The device with which a session was started.
pub(super) async fn of_session(
    conn: &TenantConn,
    tenant: TenantId,
    session: Id<Session>,
) -> Result<Option<DeviceId>, DbError> {
    let row = conn.raw_row(OF_SESSION, [tenant.into(), session.into()]).await?;
    let id = row.map(|row| row.get::<Option<uuid::Uuid>>("device_id")).transpose()?;
    Ok(id.flatten().map(Id::from_uuid))
}

/// Notes a sign-in, and gives the device's name.
pub(super) async fn touch(
    conn: &TenantConn,
    tenant: TenantId,
    id: DeviceId,
    agent: Option<&str>,
    ip: Option<&str>,
    now: DateTime<Utc>,
) -> Result<Option<String>, DbError> {
    let values: [Value; 5] = [tenant.into(), id.into(), agent.into(), ip.into(), now.into()];
    conn.raw_row(TOUCH, values).await?.map(|row| row.get("name")).transpose()
}

/// Says whether this program is new at this address.
pub(super) async fn insert(conn: &TenantConn, tenant: TenantId, new: Fresh<'_>) -> Result<bool, DbError> {
    let values: [Value; 8] = [
        tenant.into(),
        new.id.into(),
        new.user.into(),
        new.hash.as_bytes().to_vec().into(),
        new.name.into(),
        new.agent.into(),
        new.ip.into(),
        new.now.into(),
    ];
    let row = conn.raw_row(INSERT, values).await?;
    row.map_or(Ok(true), |row| row.get::<bool>("is_familiar").map(|is_familiar| !is_familiar))
}

pub(super) async fn remember(
    conn: &TenantConn,
    tenant: TenantId,
    id: DeviceId,
    until: DateTime<Utc>,
) -> Result<(), DbError> {
    conn.run(REMEMBER, [tenant.into(), id.into(), until.into()]).await.map(drop)
}

pub(super) async fn distrust(conn: &TenantConn, tenant: TenantId, user: Id<User>) -> Result<(), DbError> {
    conn.run(DISTRUST, [tenant.into(), user.into()]).await.map(drop)
}

pub(super) async fn rename(
    conn: &TenantConn,
    tenant: TenantId,
    id: DeviceId,
    name: &str,
) -> Result<(), DbError> {
    conn.run(RENAME, [tenant.into(), id.into(), name.into()]).await.map(drop)
}

pub(super) async fn delete(conn: &TenantConn, tenant: TenantId, id: DeviceId) -> Result<(), DbError> {
    conn.run(DELETE, [tenant.into(), id.into()]).await.map(drop)
}

fn read(row: &Row) -> Result<Device, DbError> {
    Ok(Device {
        id: Id::from_uuid(row.get("id")?),
        name: row.get("name")?,
        is_current: false,
        user_agent: row.get("user_agent")?,
        ip: row.get("ip")?,
        first_seen_at: row.get("first_seen_at")?,
        last_seen_at: row.get("last_seen_at")?,
        remembered_until: row.get("remembered_until")?,
    })
}
