//! SQL on `privacy_requests` and the pieces of copies.

use chrono::{DateTime, Utc};
use elder_access::{
    DbError, Found, PlatformConn, PlatformTx, Row, Scope, Source, TenantConn, work::Housekeeping,
};
use elder_api_types::UserId;
use elder_kernel::{Id, TenantId, collection::Selection};
use sea_orm::Value;
use uuid::Uuid;

use crate::request::{PrivacyRequest, PrivacyRequestId, PrivacyRequestKind, PrivacyRequestState, Standing};

const REQUESTS: Source = Source { table: "privacy_requests", joins: &[], columns: "*", stored: &[] };
const FIND: &str = "select * from privacy_requests where tenant_id = $1 and id = $2";
const LOCK: &str = "select * from privacy_requests where tenant_id = $1 and id = $2 for update";
const CERTIFICATE: &str = "select certificate from privacy_requests where tenant_id = $1 and id = $2";
const KNOWN: &str = "
    select exists (select from portal_users where tenant_id = $1 and id = $2) as has_account,
        exists (select from audit_logs where tenant_id = $1 and resource_id = $3)
        or exists (select from audit_logs where tenant_id = $1 and actor_user_id = $2) as is_in_log";
const INSERT: &str = "
    insert into privacy_requests (tenant_id, id, kind, user_id, reason, created_at, created_by)
    values ($1, $2, $3, $4, $5, $6, $7)";
const DECIDE: &str = "
    update privacy_requests set state = $3, decided_at = $4, decided_by = $5, reject_reason = $6
    where tenant_id = $1 and id = $2";
const COMPLETE_COPY: &str = "
    update privacy_requests set state = 'completed', completed_at = $3, expires_at = $4, size = $5, sha256 = $6
    where tenant_id = $1 and id = $2";
const ADD_CHUNK: &str =
    "insert into privacy_request_chunks (tenant_id, request_id, number, sealed) values ($1, $2, $3, $4)";
const CHUNK: &str = "
    select sealed from privacy_request_chunks where tenant_id = $1 and request_id = $2 and number = $3";
const FORGET: &str = "
    delete from privacy_request_chunks c using privacy_requests r
    where r.expires_at <= $1 and c.tenant_id = r.tenant_id and c.request_id = r.id";

const TAKE: &str = "
    select * from privacy_requests
    where tenant_id = $1 and id = $2 and kind = 'erasure' and state = 'approved' for update";
/// The same lock as where admins are taken away, and the same as where holds are put.
const LOCK_ADMINS: &str = "select pg_advisory_xact_lock(hashtext('elder.admins'), $1)::text";
const LOCK_HOLDS: &str = "select pg_advisory_xact_lock(hashtext('elder.audit_removal'), $1)::text";
// Events by and about the person are looked through only where a hold is in force at all.
const STANDING: &str = "
    select exists (select from tenants t where t.id = $1 and t.legal_hold)
        or exists (select from legal_holds h where h.tenant_id = $1 and h.released_at is null) and (
            is_held($1, $2, $2, $3, null)
            or exists (
                select from audit_logs a where a.tenant_id = $1 and a.actor_user_id = $2
                and is_held(a.tenant_id, a.actor_user_id, a.impersonator_id, a.resource_id, a.organization_id))
            or exists (
                select from audit_logs a where a.tenant_id = $1 and a.resource_id = $3
                and is_held(a.tenant_id, a.actor_user_id, a.impersonator_id, a.resource_id, a.organization_id))
        ) as is_held,
        exists (
            select from portal_users u where u.tenant_id = $1 and u.id = $2 and u.is_active and (
                u.tenant_role = 'admin' and not exists (
                    select from portal_users o where o.tenant_id = $1 and o.id <> $2 and o.is_active
                      and o.tenant_role = 'admin')
                or u.global_role = 'admin' and not exists (
                    select from portal_users o where o.tenant_id = $1 and o.id <> $2 and o.is_active
                      and o.global_role = 'admin'))
        ) as is_last_admin";
const REFUSE: &str = "
    update privacy_requests set state = 'refused', error = $3 where tenant_id = $1 and id = $2";
const COMPLETE: &str = "
    update privacy_requests set state = 'completed', completed_at = $4, certificate = $3
    where tenant_id = $1 and id = $2";
const NOTE_AGAIN: &str = "
    insert into privacy_requests as r (tenant_id, id, kind, user_id, reason, state, created_at, decided_at, completed_at,
        is_registered)
    values ($1, $3, 'erasure', $2, '[erased]', 'completed', $4, $4, $4, true)
    on conflict (tenant_id, id) do update set state = 'completed', reason = '[erased]', error = null,
        decided_at = coalesce(r.decided_at, $4), completed_at = coalesce(r.completed_at, $4), is_registered = true";

/// Where somebody is known.
pub(super) struct Known {
    pub(super) has_account: bool,
    pub(super) is_in_log: bool,
}

pub(super) async fn list(
    conn: &TenantConn,
    tenant: TenantId,
    selection: &Selection,
) -> Result<Found<PrivacyRequest>, DbError> {
    conn.list(&REQUESTS, &Scope::of("tenant_id = $1", [tenant.into()]), selection, read).await
}

pub(super) async fn find(
    conn: &TenantConn,
    tenant: TenantId,
    id: PrivacyRequestId,
) -> Result<Option<PrivacyRequest>, DbError> {
    conn.raw_row(FIND, [tenant.into(), id.into()]).await?.as_ref().map(read).transpose()
}

pub(super) async fn lock(
    conn: &TenantConn,
    tenant: TenantId,
    id: PrivacyRequestId,
) -> Result<Option<PrivacyRequest>, DbError> {
    conn.raw_row(LOCK, [tenant.into(), id.into()]).await?.as_ref().map(read).transpose()
}

pub(super) async fn certificate(
    conn: &TenantConn,
    tenant: TenantId,
    id: PrivacyRequestId,
) -> Result<Option<String>, DbError> {
    let row = conn.raw_row(CERTIFICATE, [tenant.into(), id.into()]).await?;
    row.map_or(Ok(None), |row| row.get("certificate"))
}

pub(super) async fn known(conn: &TenantConn, tenant: TenantId, user: UserId) -> Result<Known, DbError> {
    let row = conn.raw_row(KNOWN, [tenant.into(), user.into(), user.to_string().into()]).await?;
    row.map_or(Ok(Known { has_account: false, is_in_log: false }), |row| {
        Ok(Known { has_account: row.get("has_account")?, is_in_log: row.get("is_in_log")? })
    })
}

pub(super) async fn insert(
    conn: &TenantConn,
    tenant: TenantId,
    request: &PrivacyRequest,
) -> Result<u64, DbError> {
    let values = [
        tenant.into(),
        request.id.into(),
        request.kind.name().into(),
        request.user_id.into(),
        request.reason.as_str().into(),
        request.created_at.into(),
        Value::Uuid(request.created_by.map(Id::uuid)),
    ];
    conn.run(INSERT, values).await
}

pub(super) async fn decide(
    conn: &TenantConn,
    tenant: TenantId,
    request: &PrivacyRequest,
) -> Result<(), DbError> {
    let values = [
        tenant.into(),
        request.id.into(),
        request.state.name().into(),
        Value::ChronoDateTimeUtc(request.decided_at),
        Value::Uuid(request.decided_by.map(Id::uuid)),
        Value::String(request.reject_reason.clone()),
    ];
    conn.run_last(DECIDE, values).await
}

/// Says that a copy is there until `expires_at`.
pub(super) async fn complete_copy(
    conn: &TenantConn,
    tenant: TenantId,
    id: PrivacyRequestId,
    (now, expires_at): (DateTime<Utc>, DateTime<Utc>),
    (size, sha256): (i64, String),
) -> Result<(), DbError> {
    let values = [tenant.into(), id.into(), now.into(), expires_at.into(), size.into(), sha256.into()];
    conn.run_last(COMPLETE_COPY, values).await
}

pub(super) async fn add_chunk(
    conn: &TenantConn,
    tenant: TenantId,
    id: PrivacyRequestId,
    number: i32,
    sealed: Vec<u8>,
) -> Result<u64, DbError> {
    conn.run(ADD_CHUNK, [tenant.into(), id.into(), number.into(), sealed.into()]).await
}

pub(super) async fn chunk(
    conn: &TenantConn,
    tenant: TenantId,
    id: PrivacyRequestId,
    number: i32,
) -> Result<Option<Vec<u8>>, DbError> {
    let row = conn.raw_row(CHUNK, [tenant.into(), id.into(), number.into()]).await?;
    row.map(|row| row.get("sealed")).transpose()
}

pub(super) async fn forget(tx: PlatformTx<Housekeeping>, now: DateTime<Utc>) -> Result<(), DbError> {
    tx.settle(FORGET, [now.into()]).await
}

pub(super) async fn take(
    conn: &PlatformConn,
    tenant: TenantId,
    id: PrivacyRequestId,
) -> Result<Option<PrivacyRequest>, DbError> {
    conn.raw_row(TAKE, [tenant.into(), id.into()]).await?.as_ref().map(read).transpose()
}

/// What stands against erasing somebody, as far as can be told before.
pub(super) async fn standing(conn: &TenantConn, tenant: TenantId, user: UserId) -> Result<Standing, DbError> {
    read_standing(conn.raw_row(STANDING, about(tenant, user)).await?)
}

/// The same behind the locks: no hold is put and no admin goes until the end of the transaction.
pub(super) async fn standing_now(
    conn: &PlatformConn,
    tenant: TenantId,
    user: UserId,
) -> Result<Standing, DbError> {
    conn.raw_row(LOCK_ADMINS, [tenant.into()]).await?;
    conn.raw_row(LOCK_HOLDS, [tenant.into()]).await?;
    read_standing(conn.raw_row(STANDING, about(tenant, user)).await?)
}

fn about(tenant: TenantId, user: UserId) -> [Value; 3] {
    [tenant.into(), user.into(), user.to_string().into()]
}

fn read_standing(row: Option<Row>) -> Result<Standing, DbError> {
    row.map_or(Ok(Standing { is_held: false, is_last_admin: false }), |row| {
        Ok(Standing { is_held: row.get("is_held")?, is_last_admin: row.get("is_last_admin")? })
    })
}

pub(super) async fn refuse(
    conn: &PlatformConn,
    tenant: TenantId,
    id: PrivacyRequestId,
    why: &str,
) -> Result<u64, DbError> {
    conn.run(REFUSE, [tenant.into(), id.into(), why.into()]).await
}

pub(super) async fn complete(
    conn: &PlatformConn,
    tenant: TenantId,
    id: PrivacyRequestId,
    certificate: &str,
    now: DateTime<Utc>,
) -> Result<u64, DbError> {
    conn.run(COMPLETE, [tenant.into(), id.into(), certificate.into(), now.into()]).await
}

/// Writes down that an erasure was repeated, in place of a request that a restored database may not have.
pub(super) async fn note_again(
    conn: &PlatformConn,
    tenant: TenantId,
    user: UserId,
    request: PrivacyRequestId,
    now: DateTime<Utc>,
) -> Result<u64, DbError> {
    conn.run(NOTE_AGAIN, [tenant.into(), user.into(), request.into(), now.into()]).await
}

/// Reads a row of `privacy_requests`.
fn read(row: &Row) -> Result<PrivacyRequest, DbError> {
    let (kind, state): (String, String) = (row.get("kind")?, row.get("state")?);
    let user = |column| Ok::<_, DbError>(row.get::<Option<Uuid>>(column)?.map(Id::from_uuid));
    Ok(PrivacyRequest {
        id: Id::from_uuid(row.get("id")?),
        kind: PrivacyRequestKind::named(&kind).ok_or_else(|| DbError::defect(Unknown(kind)))?,
        user_id: Id::from_uuid(row.get("user_id")?),
        reason: row.get("reason")?,
        state: PrivacyRequestState::named(&state).ok_or_else(|| DbError::defect(Unknown(state)))?,
        created_at: row.get("created_at")?,
        created_by: user("created_by")?,
        decided_at: row.get("decided_at")?,
        decided_by: user("decided_by")?,
        reject_reason: row.get("reject_reason")?,
        error: row.get("error")?,
        completed_at: row.get("completed_at")?,
        expires_at: row.get("expires_at")?,
        size: row.get("size")?,
        sha256: row.get("sha256")?,
    })
}

/// The schema lets no other word in.
#[derive(Debug, thiserror::Error)]
#[error("`{0}` is no word of a privacy request")]
struct Unknown(String);
