//! SQL on `entitlements`.

use chrono::{DateTime, Utc};
use elder_access::{DbError, Found, Row, Scope, Source, Stored, TenantConn};
use elder_kernel::{Id, TenantId, collection::Selection, fold};
use sea_orm::Value;
use uuid::Uuid;

use crate::entitlement::{DirectoryId, Entitlement, EntitlementId, EntitlementKind};

/// Those who hold what anybody may hold are not counted: they may be everybody.
macro_rules! columns {
    () => {
        "entitlements.*, case when entitlements.max_holders is not null then (
            select count(distinct a.user_id) from entitlement_assignments a
            where a.tenant_id = entitlements.tenant_id and a.entitlement_id = entitlements.id) end as holders"
    };
}

const ENTITLEMENTS: Source = Source {
    table: "entitlements",
    joins: &[],
    columns: columns!(),
    stored: &[
        ("value", Stored::As("value_folded")),
        ("display", Stored::As("display_folded")),
        ("directory_id", Stored::As("configuration_id")),
    ],
};
const FIND: &str = concat!("select ", columns!(), " from entitlements where tenant_id = $1 and id = $2");
const HOLD_ALL: &str = concat!("select pg_advisory_xact_lock(", catalogue!(), ")::text");
const LOCK: &str =
    concat!("select ", columns!(), " from entitlements where tenant_id = $1 and id = $2 for update");
const OFFERED: &str = concat!(
    "select ",
    columns!(),
    " from entitlements where tenant_id = $1 and kind = $2 and (configuration_id is null or configuration_id = $3)
    order by value_folded"
);
const COUNT: &str = "select count(*) as total from entitlements where tenant_id = $1";
const INSERT: &str = "
    insert into entitlements (tenant_id, id, display, display_folded, category, description, permissions, is_supported,
        max_holders, version, updated_at, kind, value, value_folded, configuration_id, created_at, created_by)
    values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17)";
const UPDATE: &str = "
    update entitlements set display = $3, display_folded = $4, category = $5, description = $6, permissions = $7,
        is_supported = $8, max_holders = $9, version = $10, updated_at = $11
    where tenant_id = $1 and id = $2";
const ADOPT: &str = "
    insert into entitlement_assignments (tenant_id, id, user_id, entitlement_id, configuration_id, assigned_at)
    select s.tenant_id, gen_random_uuid(), s.user_id, $2, s.configuration_id, $6 from scim_users s
    where s.tenant_id = $1 and ($3::uuid is null or s.configuration_id = $3)
        and $5 = any (case $4 when 'role' then s.roles else s.entitlements end)
    on conflict do nothing";
const HOLDERS: &str = "
    select count(distinct user_id) as total from entitlement_assignments where tenant_id = $1 and entitlement_id = $2";
const DELETE: &str = "delete from entitlements where tenant_id = $1 and id = $2";

pub(super) async fn list(
    conn: &TenantConn,
    tenant: TenantId,
    selection: &Selection,
) -> Result<Found<Entitlement>, DbError> {
    conn.list(&ENTITLEMENTS, &Scope::of("tenant_id = $1", [tenant.into()]), selection, read).await
}

pub(super) async fn find(
    conn: &TenantConn,
    tenant: TenantId,
    id: EntitlementId,
) -> Result<Option<Entitlement>, DbError> {
    conn.raw_row(FIND, [tenant.into(), id.into()]).await?.as_ref().map(read).transpose()
}

/// Holds the catalogue: nobody changes it, nor gives anything of it, until the end.
pub(super) async fn hold_all(conn: &TenantConn, tenant: TenantId) -> Result<(), DbError> {
    conn.raw_row(HOLD_ALL, [tenant.into()]).await.map(drop)
}

pub(super) async fn lock(
    conn: &TenantConn,
    tenant: TenantId,
    id: EntitlementId,
) -> Result<Option<Entitlement>, DbError> {
    conn.raw_row(LOCK, [tenant.into(), id.into()]).await?.as_ref().map(read).transpose()
}

pub(super) async fn offered(
    conn: &TenantConn,
    tenant: TenantId,
    (directory, kind): (DirectoryId, EntitlementKind),
) -> Result<Vec<Entitlement>, DbError> {
    let rows = conn.raw_rows(OFFERED, [tenant.into(), kind.name().into(), directory.into()]).await?;
    rows.iter().map(read).collect()
}

pub(super) async fn count(conn: &TenantConn, tenant: TenantId) -> Result<i64, DbError> {
    let row = conn.raw_row(COUNT, [tenant.into()]).await?;
    row.map_or(Ok(0), |row| row.get("total"))
}

/// How many people hold it.
pub(super) async fn holders(conn: &TenantConn, tenant: TenantId, id: EntitlementId) -> Result<i64, DbError> {
    let row = conn.raw_row(HOLDERS, [tenant.into(), id.into()]).await?;
    row.map_or(Ok(0), |row| row.get("total"))
}

pub(super) async fn insert(
    conn: &TenantConn,
    tenant: TenantId,
    entitlement: &Entitlement,
) -> Result<u64, DbError> {
    let made: [Value; 6] = [
        entitlement.kind.name().into(),
        entitlement.value.as_str().into(),
        fold(&entitlement.value).into(),
        Value::Uuid(entitlement.directory_id.map(Id::uuid)),
        entitlement.created_at.into(),
        Value::Uuid(entitlement.created_by.map(Id::uuid)),
    ];
    conn.run(INSERT, columns(tenant, entitlement).into_iter().chain(made)).await
}

pub(super) async fn update(
    conn: &TenantConn,
    tenant: TenantId,
    entitlement: &Entitlement,
) -> Result<u64, DbError> {
    conn.run(UPDATE, columns(tenant, entitlement)).await
}

/// Notes of everybody of whom a directory says it that they hold it; how many these are.
pub(super) async fn adopt(
    conn: &TenantConn,
    tenant: TenantId,
    entitlement: &Entitlement,
    now: DateTime<Utc>,
) -> Result<u64, DbError> {
    let values: [Value; 6] = [
        tenant.into(),
        entitlement.id.into(),
        Value::Uuid(entitlement.directory_id.map(Id::uuid)),
        entitlement.kind.name().into(),
        fold(&entitlement.value).into(),
        now.into(),
    ];
    conn.run(ADOPT, values).await
}

pub(super) async fn delete(conn: &TenantConn, tenant: TenantId, id: EntitlementId) -> Result<u64, DbError> {
    conn.run(DELETE, [tenant.into(), id.into()]).await
}

fn columns(tenant: TenantId, entitlement: &Entitlement) -> [Value; 11] {
    [
        tenant.into(),
        entitlement.id.into(),
        entitlement.display.as_str().into(),
        fold(&entitlement.display).into(),
        entitlement.category.clone().into(),
        entitlement.description.clone().into(),
        entitlement.permissions.clone().into(),
        entitlement.is_supported.into(),
        entitlement.max_holders.into(),
        entitlement.version.into(),
        entitlement.updated_at.into(),
    ]
}

fn read(row: &Row) -> Result<Entitlement, DbError> {
    Ok(Entitlement {
        id: Id::from_uuid(row.get("id")?),
        kind: EntitlementKind::named(row.get("kind")?),
        value: row.get("value")?,
        display: row.get("display")?,
        category: row.get("category")?,
        description: row.get("description")?,
        permissions: row.get("permissions")?,
        is_supported: row.get("is_supported")?,
        max_holders: row.get("max_holders")?,
        holders: row.get("holders")?,
        directory_id: row.get::<Option<Uuid>>("configuration_id")?.map(Id::from_uuid),
        version: row.get("version")?,
        created_at: row.get("created_at")?,
        created_by: row.get::<Option<Uuid>>("created_by")?.map(Id::from_uuid),
        updated_at: row.get("updated_at")?,
    })
}
