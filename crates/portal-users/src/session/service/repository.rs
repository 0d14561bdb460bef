//! SQL of sessions as people see them.

use chrono::{DateTime, Utc};
use elder_access::{DbError, Found, PlatformTx, Row, Scope, Source, Stored, TenantConn, work::Housekeeping};
use elder_kernel::{Id, Session, TenantId, User, collection::Selection};
use uuid::Uuid;

use crate::session::SessionView;

const SESSIONS: Source = Source {
    table: "sessions",
    joins: &[],
    columns: "id, device_id, (select d.name from devices d
        where d.tenant_id = sessions.tenant_id and d.id = sessions.device_id) as device_name,
        actor_user_id as impersonator_id, ip, user_agent, amr, created_at, last_seen_at, idle_expires_at, expires_at",
    stored: &[
        (
            "device_name",
            Stored::Among {
                rows: "devices d where d.tenant_id = sessions.tenant_id and d.id = sessions.device_id",
                column: "d.name",
            },
        ),
        ("impersonator_id", Stored::As("actor_user_id")),
    ],
};
const LIVE_OF_USER: &str = "tenant_id = $1 and user_id = $2 and ended_at is null
    and least(idle_expires_at, expires_at) > $3";
const BELONGS: &str = "select from sessions where tenant_id = $1 and user_id = $2 and id = $3";
/// Those that ended longer ago than their tenant keeps them, by whatever; nothing that a legal hold covers.
const FORGET: &str = "
    delete from sessions s using tenants t
    where t.id = s.tenant_id and not is_held(s.tenant_id, s.user_id, null, null, null)
      and coalesce(s.ended_at, least(s.idle_expires_at, s.expires_at)) <= $1::timestamptz
          - make_interval(days => coalesce((t.settings #>> '{retention,ended_sessions_days}')::int, $2))";
/// Those with which nobody has signed in for as long, whose sessions are forgotten, and which nobody relies on.
const FORGET_DEVICES: &str = "
    delete from devices d using tenants t
    where t.id = d.tenant_id and not is_held(d.tenant_id, d.user_id, null, null, null)
      and d.last_seen_at <= $1::timestamptz
          - make_interval(days => coalesce((t.settings #>> '{retention,ended_sessions_days}')::int, $2))
      and (d.remembered_until is null or d.remembered_until <= $1)
      and not exists (select from sessions s where s.tenant_id = d.tenant_id and s.device_id = d.id)";

pub(super) async fn live_of_user(
    conn: &TenantConn,
    tenant: TenantId,
    user: Id<User>,
    now: DateTime<Utc>,
    selection: &Selection,
) -> Result<Found<SessionView>, DbError> {
    let scope = Scope::of(LIVE_OF_USER, [tenant.into(), user.into(), now.into()]);
    conn.list(&SESSIONS, &scope, selection, read).await
}

pub(super) async fn belongs(
    conn: &TenantConn,
    tenant: TenantId,
    user: Id<User>,
    id: Id<Session>,
) -> Result<bool, DbError> {
    Ok(conn.raw_row(BELONGS, [tenant.into(), user.into(), id.into()]).await?.is_some())
}

pub(super) async fn forget(
    tx: PlatformTx<Housekeeping>,
    now: DateTime<Utc>,
    days: i32,
) -> Result<(), DbError> {
    tx.settle(FORGET, [now.into(), days.into()]).await
}

pub(super) async fn forget_devices(
    tx: PlatformTx<Housekeeping>,
    now: DateTime<Utc>,
    days: i32,
) -> Result<(), DbError> {
    tx.settle(FORGET_DEVICES, [now.into(), days.into()]).await
}

fn read(row: &Row) -> Result<SessionView, DbError> {
    Ok(SessionView {
        id: Id::from_uuid(row.get("id")?),
        is_current: false,
        device_id: row.get::<Option<Uuid>>("device_id")?.map(Id::from_uuid),
        device_name: row.get("device_name")?,
        impersonator_id: row.get::<Option<Uuid>>("impersonator_id")?.map(Id::from_uuid),
        ip: row.get("ip")?,
        user_agent: row.get("user_agent")?,
        amr: row.get("amr")?,
        created_at: row.get("created_at")?,
        last_seen_at: row.get("last_seen_at")?,
        idle_expires_at: row.get("idle_expires_at")?,
        expires_at: row.get("expires_at")?,
    })
}
