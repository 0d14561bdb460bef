//! SQL on `scim_users`.

use elder_access::{DbError, Row, TenantConn};
use elder_kernel::{Directory, Id, TenantId, User, fold};
use elder_scim_protocol::{resource::Resource, schema::USER_TYPE};
use sea_orm::Value;
use serde_json::{Map, Value as Json};
use uuid::Uuid;

use crate::{
    Deprovisioning, Provider,
    user::{Pushed, is_active},
};

macro_rules! select {
    ($rest:literal) => {
        concat!(
            "select user_id, resource, version, created_at, updated_at from scim_users
            where tenant_id = $1 and configuration_id = $2 ",
            $rest
        )
    };
}

const FIND: &str = select!("and user_id = $3");
const BY_USER_NAME: &str = select!("and user_name_folded = $3");
const BY_EXTERNAL_ID: &str = select!("and external_id = $3 order by user_id limit $4");
const PAGE: &str = select!("order by user_id offset $3 limit $4");
const AFTER: &str = select!("and user_id > $3 order by user_id limit $4");

const COUNT: &str = "select count(*) as total from scim_users where tenant_id = $1 and configuration_id = $2";

const PROVIDER: &str = "select provider from scim_configurations where tenant_id = $1 and id = $2";

const LOCK: &str = "
    select u.user_id, u.resource, u.version, u.created_at, u.updated_at, c.provider, c.deprovisioning
    from scim_users u
    join scim_configurations c on c.tenant_id = u.tenant_id and c.id = u.configuration_id
    where u.tenant_id = $1 and u.configuration_id = $2 and u.user_id = $3
    for update of u";

const INSERT: &str = "
    insert into scim_users (tenant_id, configuration_id, user_id, user_name, user_name_folded, external_id, is_active,
        resource, version, updated_at, created_at)
    values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $10)";

const UPDATE: &str = "
    update scim_users set user_name = $4, user_name_folded = $5, external_id = $6, is_active = $7, resource = $8,
        version = $9, updated_at = $10
    where tenant_id = $1 and configuration_id = $2 and user_id = $3";

const DELETE: &str = "
    delete from scim_users where tenant_id = $1 and configuration_id = $2 and user_id = $3";

/// A user that is held until the transaction ends, and the settings by which it is changed.
pub(super) struct Held {
    pub(super) user: Pushed,
    pub(super) provider: Provider,
    pub(super) deprovisioning: Deprovisioning,
}

pub(super) async fn provider(
    conn: &TenantConn,
    tenant: TenantId,
    directory: Id<Directory>,
) -> Result<Option<Provider>, DbError> {
    let row = conn.raw_row(PROVIDER, [tenant.into(), directory.into()]).await?;
    row.map(|row| Ok(Provider::named(row.get("provider")?).unwrap_or_default())).transpose()
}

pub(super) async fn find(
    conn: &TenantConn,
    tenant: TenantId,
    directory: Id<Directory>,
    id: Id<User>,
) -> Result<Option<Pushed>, DbError> {
    one(conn, FIND, [tenant.into(), directory.into(), id.into()]).await
}

pub(super) async fn by_user_name(
    conn: &TenantConn,
    tenant: TenantId,
    directory: Id<Directory>,
    name: &str,
) -> Result<Option<Pushed>, DbError> {
    one(conn, BY_USER_NAME, [tenant.into(), directory.into(), fold(name).into()]).await
}

pub(super) async fn by_external_id(
    conn: &TenantConn,
    tenant: TenantId,
    directory: Id<Directory>,
    (id, most): (&str, u64),
) -> Result<Vec<Pushed>, DbError> {
    many(conn, BY_EXTERNAL_ID, [tenant.into(), directory.into(), id.into(), number(most)]).await
}

pub(super) async fn page(
    conn: &TenantConn,
    tenant: TenantId,
    directory: Id<Directory>,
    (offset, most): (u64, u64),
) -> Result<Vec<Pushed>, DbError> {
    many(conn, PAGE, [tenant.into(), directory.into(), number(offset), number(most)]).await
}

pub(super) async fn after(
    conn: &TenantConn,
    tenant: TenantId,
    directory: Id<Directory>,
    (after, most): (Option<Id<User>>, u64),
) -> Result<Vec<Pushed>, DbError> {
    // From the very first: an `or` would keep the index from beginning anywhere else.
    let after = after.map_or(Uuid::nil(), Id::uuid).into();
    many(conn, AFTER, [tenant.into(), directory.into(), after, number(most)]).await
}

pub(super) async fn count(
    conn: &TenantConn,
    tenant: TenantId,
    directory: Id<Directory>,
) -> Result<u64, DbError> {
    let row = conn.raw_row(COUNT, [tenant.into(), directory.into()]).await?;
    let total: i64 = row.map(|row| row.get("total")).transpose()?.unwrap_or_default();
    Ok(u64::try_from(total).unwrap_or_default())
}

pub(super) async fn lock(
    conn: &TenantConn,
    tenant: TenantId,
    directory: Id<Directory>,
    id: Id<User>,
) -> Result<Option<Held>, DbError> {
    let Some(row) = conn.raw_row(LOCK, [tenant.into(), directory.into(), id.into()]).await? else {
        return Ok(None);
    };
    Ok(Some(Held {
        user: read(&row)?,
        provider: Provider::named(row.get("provider")?).unwrap_or_default(),
        deprovisioning: Deprovisioning::named(row.get("deprovisioning")?).unwrap_or_default(),
    }))
}

pub(super) async fn insert(
    conn: &TenantConn,
    tenant: TenantId,
    directory: Id<Directory>,
    user: &Pushed,
) -> Result<u64, DbError> {
    conn.run(INSERT, values(tenant, directory, user)).await
}

pub(super) async fn update(
    conn: &TenantConn,
    tenant: TenantId,
    directory: Id<Directory>,
    user: &Pushed,
) -> Result<u64, DbError> {
    conn.run(UPDATE, values(tenant, directory, user)).await
}

pub(super) async fn delete(
    conn: &TenantConn,
    tenant: TenantId,
    directory: Id<Directory>,
    id: Id<User>,
) -> Result<u64, DbError> {
    conn.run(DELETE, [tenant.into(), directory.into(), id.into()]).await
}

async fn one(conn: &TenantConn, sql: &'static str, values: [Value; 3]) -> Result<Option<Pushed>, DbError> {
    conn.raw_row(sql, values).await?.as_ref().map(read).transpose()
}

async fn many(conn: &TenantConn, sql: &'static str, values: [Value; 4]) -> Result<Vec<Pushed>, DbError> {
    conn.raw_rows(sql, values).await?.iter().map(read).collect()
}

fn number(number: u64) -> Value {
    i64::try_from(number).unwrap_or(i64::MAX).into()
}

fn values(tenant: TenantId, directory: Id<Directory>, user: &Pushed) -> [Value; 10] {
    let name = user.resource.user_name().unwrap_or_default();
    [
        tenant.into(),
        directory.into(),
        user.id.into(),
        name.into(),
        fold(name).into(),
        user.resource.external_id().map(str::to_owned).into(),
        is_active(&user.resource).into(),
        Json::Object(user.resource.attributes().clone()).into(),
        user.version.into(),
        user.updated_at.into(),
    ]
}

fn read(row: &Row) -> Result<Pushed, DbError> {
    let attributes = match row.get("resource")? {
        Json::Object(attributes) => attributes,
        _ => Map::new(),
    };
    Ok(Pushed {
        id: Id::from_uuid(row.get("user_id")?),
        resource: Resource::stored(&USER_TYPE, attributes),
        version: row.get("version")?,
        created_at: row.get("created_at")?,
        updated_at: row.get("updated_at")?,
    })
}

#[cfg(test)]
mod tests;
