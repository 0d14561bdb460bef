//! SQL of sessions as people see them.

use chrono::{DateTime, Utc};
use elder_access::{DbError, Row, TenantConn};
use elder_kernel::{Id, Session, TenantId, User};
use sea_orm::Value;
use uuid::Uuid;

use crate::session::SessionView;

const LIVE_OF_USER: &str = "
    select id, ip, user_agent, amr, created_at, last_seen_at, idle_expires_at, expires_at
    from sessions
    where tenant_id = $1 and user_id = $2 and ended_at is null and least(idle_expires_at, expires_at) > $3
      and id > $4
    order by id limit $5";
const BELONGS: &str = "select from sessions where tenant_id = $1 and user_id = $2 and id = $3";

pub(super) async fn live_of_user(
    conn: &TenantConn,
    tenant: TenantId,
    user: Id<User>,
    now: DateTime<Utc>,
    after: Option<Id<Session>>,
    rows: u64,
) -> Result<Vec<SessionView>, DbError> {
    let after = after.map_or(Uuid::nil(), Id::uuid);
    let most = i64::try_from(rows).unwrap_or(i64::MAX);
    let values: [Value; 5] = [tenant.into(), user.into(), now.into(), after.into(), most.into()];
    conn.raw_rows(LIVE_OF_USER, values).await?.iter().map(read).collect()
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
