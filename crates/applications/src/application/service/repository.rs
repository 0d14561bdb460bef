//! SQL on `applications`.

use elder_access::{DbError, Found, PlatformConn, Row, Scope, Source, Stored, TenantConn};
use elder_kernel::{Id, TenantId, collection::Selection, fold};
use sea_orm::Value;
use uuid::Uuid;

use crate::application::{Application, ApplicationId};

const APPLICATIONS: Source = Source {
    table: "applications",
    joins: &[],
    columns: "*",
    stored: &[("name", Stored::As("name_folded"))],
};
const FIND: &str = "select * from applications where tenant_id = $1 and id = $2";
const LOCK: &str = "select * from applications where tenant_id = $1 and id = $2 for update";
const ANYWHERE: &str = "
    select a.* from applications a join tenants t on t.id = a.tenant_id where a.id = $1 and t.is_active";
const INSERT: &str = "
    insert into applications (tenant_id, id, name, name_folded, redirect_uris, allowed_origins, version, updated_at,
        created_at, created_by)
    values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)";
const UPDATE: &str = "
    update applications set name = $3, name_folded = $4, redirect_uris = $5, allowed_origins = $6, version = $7,
        updated_at = $8
    where tenant_id = $1 and id = $2";
const DELETE: &str = "delete from applications where tenant_id = $1 and id = $2";

pub(super) async fn list(
    conn: &TenantConn,
    tenant: TenantId,
    selection: &Selection,
) -> Result<Found<Application>, DbError> {
    conn.list(&APPLICATIONS, &Scope::of("tenant_id = $1", [tenant.into()]), selection, read).await
}

pub(super) async fn find(
    conn: &TenantConn,
    tenant: TenantId,
    id: ApplicationId,
) -> Result<Option<Application>, DbError> {
    conn.raw_row(FIND, [tenant.into(), id.into()]).await?.as_ref().map(read).transpose()
}

pub(super) async fn lock(
    conn: &TenantConn,
    tenant: TenantId,
    id: ApplicationId,
) -> Result<Option<Application>, DbError> {
    conn.raw_row(LOCK, [tenant.into(), id.into()]).await?.as_ref().map(read).transpose()
}

pub(super) async fn anywhere(
    conn: &PlatformConn,
    id: ApplicationId,
) -> Result<Option<(TenantId, Application)>, DbError> {
    let row = conn.raw_row(ANYWHERE, [id.into()]).await?;
    row.map(|row| Ok((TenantId(row.get("tenant_id")?), read(&row)?))).transpose()
}

pub(super) async fn insert(
    conn: &TenantConn,
    tenant: TenantId,
    application: &Application,
) -> Result<u64, DbError> {
    let made = [application.created_at.into(), Value::Uuid(application.created_by.map(Id::uuid))];
    conn.run(INSERT, columns(tenant, application).into_iter().chain(made)).await
}

pub(super) async fn update(
    conn: &TenantConn,
    tenant: TenantId,
    application: &Application,
) -> Result<u64, DbError> {
    conn.run(UPDATE, columns(tenant, application)).await
}

pub(super) async fn delete(conn: &TenantConn, tenant: TenantId, id: ApplicationId) -> Result<u64, DbError> {
    conn.run(DELETE, [tenant.into(), id.into()]).await
}

fn columns(tenant: TenantId, application: &Application) -> [Value; 8] {
    [
        tenant.into(),
        application.id.into(),
        application.name.as_str().into(),
        fold(&application.name).into(),
        application.redirect_uris.clone().into(),
        application.allowed_origins.clone().into(),
        application.version.into(),
        application.updated_at.into(),
    ]
}

fn read(row: &Row) -> Result<Application, DbError> {
    Ok(Application {
        id: Id::from_uuid(row.get("id")?),
        name: row.get("name")?,
        redirect_uris: row.get("redirect_uris")?,
        allowed_origins: row.get("allowed_origins")?,
        version: row.get("version")?,
        created_at: row.get("created_at")?,
        created_by: row.get::<Option<Uuid>>("created_by")?.map(Id::from_uuid),
        updated_at: row.get("updated_at")?,
    })
}
