//! SQL on `audit_searches`.

use elder_access::{DbError, Found, Row, Scope, Source, Stored, TenantConn};
use elder_api_types::UserId;
use elder_kernel::{Id, TenantId, collection::Selection, fold};
use sea_orm::Value;
use uuid::Uuid;

use crate::search::{AuditSearch, AuditSearchId};

const SEARCHES: Source = Source {
    table: "audit_searches",
    joins: &[],
    columns: "*",
    stored: &[("name", Stored::As("name_folded")), ("is_shared", Stored::As("(owner_id is null)"))],
};
const SEEN: &str = "tenant_id = $1 and (owner_id is null or owner_id = $2)";
const FIND: &str = "
    select * from audit_searches where tenant_id = $1 and id = $3 and (owner_id is null or owner_id = $2)";
const LOCK: &str = "
    select * from audit_searches where tenant_id = $1 and id = $3 and (owner_id is null or owner_id = $2) for update";
const KEEP_SHARED: &str =
    "select id from audit_searches where tenant_id = $1 and id = $2 and owner_id is null for share";
const IS_USED: &str =
    "select exists (select from audit_alerts where tenant_id = $1 and search_id = $2) as is_used";
const ONE_AT_A_TIME: &str = "select pg_advisory_xact_lock(hashtext('elder.audit_searches'), $1)::text";
const COUNT: &str =
    "select count(*) from audit_searches where tenant_id = $1 and owner_id is not distinct from $2";
const INSERT: &str = "
    insert into audit_searches (tenant_id, id, name, name_folded, description, filter, owner_id, created_at, created_by,
        updated_at)
    values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $8)";
const UPDATE: &str = "
    update audit_searches set name = $3, name_folded = $4, description = $5, filter = $6, owner_id = $7, version = $8,
        updated_at = $9
    where tenant_id = $1 and id = $2";
const DELETE: &str = "delete from audit_searches where tenant_id = $1 and id = $2";

fn id(id: Option<UserId>) -> Value {
    Value::Uuid(id.map(Id::uuid))
}

pub(super) async fn list(
    conn: &TenantConn,
    tenant: TenantId,
    viewer: Option<UserId>,
    selection: &Selection,
) -> Result<Found<AuditSearch>, DbError> {
    conn.list(&SEARCHES, &Scope::of(SEEN, [tenant.into(), id(viewer)]), selection, read).await
}

pub(super) async fn find(
    conn: &TenantConn,
    tenant: TenantId,
    viewer: Option<UserId>,
    search: AuditSearchId,
) -> Result<Option<AuditSearch>, DbError> {
    conn.raw_row(FIND, [tenant.into(), id(viewer), search.into()]).await?.as_ref().map(read).transpose()
}

pub(super) async fn lock(
    conn: &TenantConn,
    tenant: TenantId,
    viewer: Option<UserId>,
    search: AuditSearchId,
) -> Result<Option<AuditSearch>, DbError> {
    conn.raw_row(LOCK, [tenant.into(), id(viewer), search.into()]).await?.as_ref().map(read).transpose()
}

pub(super) async fn keep_shared(
    conn: &TenantConn,
    tenant: TenantId,
    search: AuditSearchId,
) -> Result<bool, DbError> {
    Ok(conn.raw_row(KEEP_SHARED, [tenant.into(), search.into()]).await?.is_some())
}

/// Whether an alert counts the events of a search.
pub(super) async fn is_used(
    conn: &TenantConn,
    tenant: TenantId,
    search: AuditSearchId,
) -> Result<bool, DbError> {
    let row = conn.raw_row(IS_USED, [tenant.into(), search.into()]).await?;
    row.map_or(Ok(false), |row| row.get("is_used"))
}

pub(super) async fn one_at_a_time(conn: &TenantConn, tenant: TenantId) -> Result<(), DbError> {
    conn.raw_row(ONE_AT_A_TIME, [tenant.into()]).await.map(drop)
}

/// How many are somebody's own; of nobody, how many are shared.
pub(super) async fn count(
    conn: &TenantConn,
    tenant: TenantId,
    owner: Option<UserId>,
) -> Result<i64, DbError> {
    conn.raw_row(COUNT, [tenant.into(), id(owner)]).await?.map_or(Ok(0), |row| row.get("count"))
}

pub(super) async fn insert(
    conn: &TenantConn,
    tenant: TenantId,
    search: &AuditSearch,
) -> Result<u64, DbError> {
    let values: [Value; 9] = [
        tenant.into(),
        search.id.into(),
        search.name.as_str().into(),
        fold(&search.name).into(),
        Value::String(search.description.clone()),
        search.filter.as_str().into(),
        id(search.owner_id),
        search.created_at.into(),
        id(search.created_by),
    ];
    conn.run(INSERT, values).await
}

pub(super) async fn update(
    conn: &TenantConn,
    tenant: TenantId,
    search: &AuditSearch,
) -> Result<u64, DbError> {
    let values: [Value; 9] = [
        tenant.into(),
        search.id.into(),
        search.name.as_str().into(),
        fold(&search.name).into(),
        Value::String(search.description.clone()),
        search.filter.as_str().into(),
        id(search.owner_id),
        search.version.into(),
        search.updated_at.into(),
    ];
    conn.run(UPDATE, values).await
}

pub(super) async fn delete(
    conn: &TenantConn,
    tenant: TenantId,
    search: AuditSearchId,
) -> Result<u64, DbError> {
    conn.run(DELETE, [tenant.into(), search.into()]).await
}

fn read(row: &Row) -> Result<AuditSearch, DbError> {
    let owner: Option<Uuid> = row.get("owner_id")?;
    Ok(AuditSearch {
        id: Id::from_uuid(row.get("id")?),
        name: row.get("name")?,
        description: row.get("description")?,
        filter: row.get("filter")?,
        is_shared: owner.is_none(),
        owner_id: owner.map(Id::from_uuid),
        version: row.get("version")?,
        created_at: row.get("created_at")?,
        created_by: row.get::<Option<Uuid>>("created_by")?.map(Id::from_uuid),
        updated_at: row.get("updated_at")?,
    })
}
