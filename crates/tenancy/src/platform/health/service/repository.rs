//! The SQL of health.

use elder_access::{DbError, PlatformConn};

use crate::platform::health::OutboxHealth;

const PING: &str = "select 1";
// Bounded, so that the question stays cheap when the answer is bad.
const OUTBOX: &str = "
    select (select count(*) from (select from outbox where published_at is null limit 100000) as waiting) as backlog,
           (select min(time) from outbox where published_at is null) as oldest_at";

pub(super) async fn ping(conn: &PlatformConn) -> Result<(), DbError> {
    conn.raw_row(PING, []).await.map(drop)
}

pub(super) async fn outbox(conn: &PlatformConn) -> Result<OutboxHealth, DbError> {
    match conn.raw_row(OUTBOX, []).await? {
        Some(row) => Ok(OutboxHealth { backlog: row.get("backlog")?, oldest_at: row.get("oldest_at")? }),
        None => Ok(OutboxHealth { backlog: 0, oldest_at: None }),
    }
}
