//! SQL of sessions as people see them.

use chrono::{DateTime, Utc};
use elder_access::{DbError, Found, Row, Scope, Source, TenantConn};
use elder_kernel::{Id, Session, TenantId, User, collection::Selection};

use crate::session::SessionView;

const SESSIONS: Source = Source {
    table: "sessions",
    joins: &[],
    columns: "id, ip, user_agent, amr, created_at, last_seen_at, idle_expires_at, expires_at",
    stored: &[],
};
const LIVE_OF_USER: &str = "tenant_id = $1 and user_id = $2 and ended_at is null
    and least(idle_expires_at, expires_at) > $3";
const BELONGS: &str = "select from sessions where tenant_id = $1 and user_id = $2 and id = $3";

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

fn read(row: &Row) -> Result<SessionView, DbError> {
    Ok(SessionView {
        id: Id::from_uuid(row.get("id")?),
        is_current: false,
        ip: row.get("ip")?,
        user_agent: row.get("user_agent")?,
        amr: row.get("amr")?,
        created_at: row.get("created_at")?,
        last_seen_at: row.get("last_seen_at")?,
        idle_expires_at: row.get("idle_expires_at")?,
        expires_at: row.get("expires_at")?,
    })
}
