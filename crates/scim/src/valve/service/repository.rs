//! SQL on `scim_removals`, and on the people of the directory.

use chrono::{DateTime, Utc};
use elder_access::{DbError, TenantConn};
use elder_api_types::DirectoryId;
use elder_kernel::{Id, TenantId, User};
use sea_orm::Value;

use crate::resource::Within;

/// Whoever went too long ago to be counted is forgotten by the way, unless somebody else is just about it. The count
/// is of those who went before: a statement does not see what it writes.
const NOTE: &str = "
    with forgotten as (
        delete from scim_removals
        where tenant_id = $1 and configuration_id = $2 and user_id in (
            select user_id from scim_removals
            where tenant_id = $1 and configuration_id = $2 and removed_at <= $5 and user_id <> $3
            limit 100 for update skip locked)
    ), noted as (
        insert into scim_removals (tenant_id, configuration_id, user_id, removed_at) values ($1, $2, $3, $4)
        on conflict (tenant_id, configuration_id, user_id) do update set removed_at = excluded.removed_at
    )
    select max_removals,
        (select count(*) from scim_removals
         where tenant_id = $1 and configuration_id = $2 and removed_at > $5 and user_id <> $3) as before
    from scim_configurations where tenant_id = $1 and id = $2";

/// The valve of a directory is held together by all who go far from the limit, and alone by who is near it.
const SHARE: &str = "
    select case when $3 <= (
        select count(*) from (
            select from scim_users where tenant_id = $1 and configuration_id = $2 and is_active limit $3) active)
    then pg_advisory_xact_lock_shared(hashtextextended('elder.scim_valve' || $2::text, $1)) is not null
    else false end as is_shared";
const LOCK: &str = "select pg_advisory_xact_lock(hashtextextended('elder.scim_valve' || $2::text, $1))::text";

const REMOVED: &str = "
    select count(*) as number from scim_removals
    where tenant_id = $1 and configuration_id = $2 and removed_at > $3";

/// Those who are active and not about to go. No more are counted than matter: a large directory is not gone through for
/// each who leaves.
const OTHERS: &str = "
    select count(*) as number from (
        select from scim_users u
        where u.tenant_id = $1 and u.configuration_id = $2 and u.is_active
          and not exists (select from scim_removals r
            where r.tenant_id = $1 and r.configuration_id = $2 and r.user_id = u.user_id)
        limit $3) others";

const FORGET: &str = "
    delete from scim_removals where tenant_id = $1 and configuration_id = $2 and user_id = $3";

const FORGET_ALL: &str = "delete from scim_removals where tenant_id = $1 and configuration_id = $2";

const PAUSE: &str = "
    update scim_configurations set is_active = false, updated_at = $3, version = version + 1
    where tenant_id = $1 and id = $2 and is_active
    returning name";

/// Writes down that somebody goes now; gives how many percent of the directory's people may go, and how many do with
/// this one, as far as they are committed.
pub(super) async fn note(
    conn: &TenantConn,
    within: Within,
    (user, now, since): (Id<User>, DateTime<Utc>, DateTime<Utc>),
) -> Result<Option<(u64, u64)>, DbError> {
    let more: [Value; 3] = [user.into(), now.into(), since.into()];
    let Some(row) = conn.raw_row(NOTE, key(within).into_iter().chain(more)).await? else { return Ok(None) };
    let percent = u64::try_from(row.get::<i32>("max_removals")?).unwrap_or_default();
    Ok(Some((percent, unsigned(row.get("before")?) + 1)))
}

/// Holds the valve until the end, together with others, if at least so many people are active.
pub(super) async fn share(conn: &TenantConn, within: Within, people: u64) -> Result<bool, DbError> {
    let row = conn.raw_row(SHARE, key(within).into_iter().chain([signed(people).into()])).await?;
    row.map_or(Ok(false), |row| row.get("is_shared"))
}

/// Holds the valve until the end, alone.
pub(super) async fn lock(conn: &TenantConn, within: Within) -> Result<(), DbError> {
    conn.raw_row(LOCK, key(within)).await.map(drop)
}

/// How many went since then.
pub(super) async fn removed(conn: &TenantConn, within: Within, since: DateTime<Utc>) -> Result<u64, DbError> {
    number(conn, REMOVED, key(within).into_iter().chain([since.into()])).await
}

/// How many are left, if they are fewer than `most`.
pub(super) async fn others(conn: &TenantConn, within: Within, most: u64) -> Result<u64, DbError> {
    number(conn, OTHERS, key(within).into_iter().chain([signed(most).into()])).await
}

pub(super) async fn forget(conn: &TenantConn, within: Within, user: Id<User>) -> Result<(), DbError> {
    conn.run(FORGET, key(within).into_iter().chain([user.into()])).await.map(drop)
}

pub(super) async fn forget_all(
    conn: &TenantConn,
    tenant: TenantId,
    directory: DirectoryId,
) -> Result<(), DbError> {
    conn.run(FORGET_ALL, [tenant.into(), directory.into()]).await.map(drop)
}

/// Pauses the directory; gives its name, unless it was paused already.
pub(super) async fn pause(
    conn: &TenantConn,
    within: Within,
    now: DateTime<Utc>,
) -> Result<Option<String>, DbError> {
    let row = conn.raw_row(PAUSE, key(within).into_iter().chain([now.into()])).await?;
    row.map(|row| row.get("name")).transpose()
}

fn key(within: Within) -> [Value; 2] {
    [within.tenant.into(), within.directory.into()]
}

async fn number(
    conn: &TenantConn,
    sql: &'static str,
    values: impl IntoIterator<Item = Value>,
) -> Result<u64, DbError> {
    let row = conn.raw_row(sql, values).await?;
    row.map_or(Ok(0), |row| row.get("number")).map(unsigned)
}

fn unsigned(count: i64) -> u64 {
    u64::try_from(count).unwrap_or_default()
}

fn signed(count: u64) -> i64 {
    i64::try_from(count).unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests;
