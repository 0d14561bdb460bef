//! The SQL of the licence.

use chrono::{DateTime, TimeDelta, Utc};
use elder_access::{DbError, PlatformConn, PlatformTx, Row as Found, work::Housekeeping};
use elder_api_types::license::{Most, RefusedLicense};
use elder_kernel::TenantId;
use sea_orm::Value;
use serde_json::json;

use crate::state::{Applied, Row};

const FIND: &str = "
    select installation, document, sealed_answer, answered_at, refused, latest_at, max_tenants, max_users, max_entities,
        ends_at from license_state";
const LOCK: &str = "
    select installation, document, sealed_answer, answered_at, refused, latest_at, max_tenants, max_users, max_entities,
        ends_at from license_state for update";
const FIRST_BEYOND: &str = "select id from tenants order by id offset $1 limit 1";
const APPLY: &str = "
    update license_state set max_tenants = $1, max_users = $2, max_entities = $3, ends_at = $4, updated_at = now()";
const KEEP_DOCUMENT: &str = "
    update license_state set max_tenants = $1, max_users = $2, max_entities = $3, ends_at = $4, document = $5,
        refused = null, updated_at = now()";
const KEEP_ANSWER: &str = "
    update license_state set max_tenants = $1, max_users = $2, max_entities = $3, ends_at = $4, sealed_answer = $5,
        answered_at = $6, refused = null, updated_at = now()";
const REFUSE: &str = "update license_state set refused = $1, updated_at = now()";
// The earlier of two clocks: one that is wrong ends no licence.
const NOTE_TIME: &str =
    "update license_state set latest_at = greatest(latest_at, least($1::timestamptz, now()))";
/// How far the time that is kept lags behind the present: it costs a write.
const LAG: TimeDelta = TimeDelta::minutes(1);

/// The row, with what is sealed of it.
pub(super) struct Stored {
    /// The row without its answer.
    pub(super) row: Row,
    /// The sealed answer, and when it came.
    pub(super) sealed: Option<(Vec<u8>, DateTime<Utc>)>,
}

pub(super) async fn find(conn: &PlatformConn) -> Result<Option<Stored>, DbError> {
    conn.raw_row(FIND, []).await?.as_ref().map(read).transpose()
}

pub(super) async fn lock(conn: &PlatformConn) -> Result<Option<Stored>, DbError> {
    conn.raw_row(LOCK, []).await?.as_ref().map(read).transpose()
}

/// The first of the tenants, in the order in which they were made, that is more than `most`.
pub(super) async fn first_beyond(conn: &PlatformConn, most: u32) -> Result<Option<TenantId>, DbError> {
    let row = conn.raw_row(FIRST_BEYOND, [i64::from(most).into()]).await?;
    row.map(|row| row.get("id").map(TenantId)).transpose()
}

pub(super) async fn apply(tx: PlatformTx<Housekeeping>, applied: &Applied) -> Result<(), DbError> {
    tx.settle(APPLY, limits(applied)).await
}

pub(super) async fn keep_document(
    conn: &PlatformConn,
    document: &str,
    applied: &Applied,
) -> Result<(), DbError> {
    conn.run(KEEP_DOCUMENT, limits(applied).into_iter().chain([document.into()])).await.map(drop)
}

pub(super) async fn keep_answer(
    conn: &PlatformConn,
    sealed: &[u8],
    at: DateTime<Utc>,
    applied: &Applied,
) -> Result<(), DbError> {
    conn.run(KEEP_ANSWER, answered(sealed, at, applied)).await.map(drop)
}

pub(super) async fn renew_answer(
    tx: PlatformTx<Housekeeping>,
    sealed: &[u8],
    at: DateTime<Utc>,
    applied: &Applied,
) -> Result<(), DbError> {
    tx.settle(KEEP_ANSWER, answered(sealed, at, applied)).await
}

pub(super) async fn refuse(conn: &PlatformConn, refused: &RefusedLicense) -> Result<(), DbError> {
    conn.run(REFUSE, [json!(refused).into()]).await.map(drop)
}

/// Keeps the time, so that a clock that is put back later gives nothing.
pub(super) async fn note_time(
    tx: PlatformTx<Housekeeping>,
    known: DateTime<Utc>,
    now: DateTime<Utc>,
) -> Result<(), DbError> {
    if now - known < LAG {
        return Ok(());
    }
    tx.settle(NOTE_TIME, [now.into()]).await
}

fn limits(applied: &Applied) -> Vec<Value> {
    vec![
        applied.max_tenants.number().into(),
        applied.max_users.number().into(),
        applied.max_entities.number().into(),
        Value::ChronoDateTimeUtc(applied.ends_at),
    ]
}

fn answered(sealed: &[u8], at: DateTime<Utc>, applied: &Applied) -> Vec<Value> {
    let mut values = limits(applied);
    values.extend([sealed.to_vec().into(), at.into()]);
    values
}

fn read(row: &Found) -> Result<Stored, DbError> {
    let most = |column| Ok::<_, DbError>(Most(u32::try_from(row.get::<i64>(column)?).ok()));
    let refused: Option<serde_json::Value> = row.get("refused")?;
    let refused: Option<RefusedLicense> = refused.and_then(|refused| serde_json::from_value(refused).ok());
    let (sealed, answered_at): (Option<Vec<u8>>, Option<DateTime<Utc>>) =
        (row.get("sealed_answer")?, row.get("answered_at")?);
    Ok(Stored {
        row: Row {
            installation: row.get("installation")?,
            document: row.get("document")?,
            answer: None,
            refused,
            latest_at: row.get("latest_at")?,
            applied: Applied {
                max_tenants: most("max_tenants")?,
                max_users: most("max_users")?,
                max_entities: most("max_entities")?,
                ends_at: row.get("ends_at")?,
            },
        },
        sealed: sealed.zip(answered_at),
    })
}
