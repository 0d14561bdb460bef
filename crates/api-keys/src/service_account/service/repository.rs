//! SQL on `service_accounts`.

use elder_access::{DbError, Found, Row, Scope, Source, Stored, TenantConn};
use elder_kernel::{Id, TenantId, collection::Selection, fold};
use sea_orm::Value;
use uuid::Uuid;

use crate::service_account::{ServiceAccount, ServiceAccountId};

const ACCOUNTS: Source = Source {
    table: "service_accounts",
    joins: &[],
    columns: "*",
    stored: &[("name", Stored::As("name_folded"))],
};
const FIND: &str = "select * from service_accounts where tenant_id = $1 and id = $2";
const LOCK: &str = "select * from service_accounts where tenant_id = $1 and id = $2 for update";
const INSERT: &str = "
    insert into service_accounts (tenant_id, id, name, name_folded, description, permissions, organization_ids,
        is_active, version, created_at, created_by, updated_at)
    values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)";
const UPDATE: &str = "
    update service_accounts set name = $3, name_folded = $4, description = $5, permissions = $6,
        organization_ids = $7, is_active = $8, version = $9, updated_at = $10
    where tenant_id = $1 and id = $2";
const DELETE: &str = "delete from service_accounts where tenant_id = $1 and id = $2";

pub(super) async fn list(
    conn: &TenantConn,
    tenant: TenantId,
    selection: &Selection,
) -> Result<Found<ServiceAccount>, DbError> {
    conn.list(&ACCOUNTS, &Scope::of("tenant_id = $1", [tenant.into()]), selection, read).await
}

pub(super) async fn find(
    conn: &TenantConn,
    tenant: TenantId,
    id: ServiceAccountId,
) -> Result<Option<ServiceAccount>, DbError> {
    conn.raw_row(FIND, [tenant.into(), id.into()]).await?.as_ref().map(read).transpose()
}

/// Finds an account and keeps others from changing it, and from making keys of it, until the end.
pub(super) async fn lock(
    conn: &TenantConn,
    tenant: TenantId,
    id: ServiceAccountId,
) -> Result<Option<ServiceAccount>, DbError> {
    conn.raw_row(LOCK, [tenant.into(), id.into()]).await?.as_ref().map(read).transpose()
}

pub(super) async fn insert(
    conn: &TenantConn,
    tenant: TenantId,
    account: &ServiceAccount,
) -> Result<u64, DbError> {
    let rest = [account.created_at.into(), Value::Uuid(account.created_by.map(Id::uuid))];
    let values = columns(tenant, account).into_iter().chain(rest).chain([account.updated_at.into()]);
    conn.run(INSERT, values).await
}

pub(super) async fn update(
    conn: &TenantConn,
    tenant: TenantId,
    account: &ServiceAccount,
) -> Result<u64, DbError> {
    conn.run(UPDATE, columns(tenant, account).into_iter().chain([account.updated_at.into()])).await
}

pub(super) async fn delete(
    conn: &TenantConn,
    tenant: TenantId,
    id: ServiceAccountId,
) -> Result<u64, DbError> {
    conn.run(DELETE, [tenant.into(), id.into()]).await
}

fn columns(tenant: TenantId, account: &ServiceAccount) -> [Value; 9] {
    let organizations = account.organizations.as_ref();
    let organizations = organizations.map(|ids| ids.iter().map(|id| id.uuid()).collect::<Vec<_>>());
    [
        tenant.into(),
        account.id.into(),
        account.name.as_str().into(),
        fold(&account.name).into(),
        account.description.clone().into(),
        account.permissions.clone().into(),
        organizations.into(),
        account.is_active.into(),
        account.version.into(),
    ]
}

fn read(row: &Row) -> Result<ServiceAccount, DbError> {
    let organizations = row.get::<Option<Vec<Uuid>>>("organization_ids")?;
    Ok(ServiceAccount {
        id: Id::from_uuid(row.get("id")?),
        name: row.get("name")?,
        description: row.get("description")?,
        permissions: row.get("permissions")?,
        organizations: organizations.map(|ids| ids.into_iter().map(Id::from_uuid).collect()),
        is_active: row.get("is_active")?,
        version: row.get("version")?,
        created_at: row.get("created_at")?,
        created_by: row.get::<Option<Uuid>>("created_by")?.map(Id::from_uuid),
        updated_at: row.get("updated_at")?,
    })
}
