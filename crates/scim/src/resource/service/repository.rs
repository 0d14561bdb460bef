//! SQL that reads users and groups: the same statements on tables that name their key and their name differently.

use elder_access::{DbError, Row, TenantConn};
use elder_kernel::{Id, fold};
use elder_scim_protocol::resource::Resource;
use sea_orm::Value;
use serde_json::{Map, Value as Json};
use uuid::Uuid;

use crate::{
    Provider,
    resource::{Pushable, Pushed, Within},
};

const PROVIDER: &str = "select provider from scim_configurations where tenant_id = $1 and id = $2";

/// The statements that read one table of resources. The first two values of each are tenant and directory.
pub(crate) struct Reads {
    pub(crate) find: &'static str,
    pub(crate) by_name: &'static str,
    pub(crate) by_external_id: &'static str,
    /// By the key of a value of its list; none where the list is more than the rows that name it.
    pub(crate) by_listed: Option<&'static str>,
    pub(crate) by_ids: &'static str,
    /// A page in the order of ids, or of names: behind a place, after so many more, so many at most.
    pub(crate) after_id: &'static str,
    pub(crate) after_name: &'static str,
    pub(crate) before_name: &'static str,
    pub(crate) count: &'static str,
}

/// [`Reads`] of a table, by the names of its key and its folded name, and how it is seen that a resource is in a group.
macro_rules! reads {
    ($table:literal, $id:literal, $name:literal, $is_member:expr, $by_listed:expr) => {
        $crate::resource::service::Reads {
            find: $crate::resource::service::reads!(@select $table, $id, $is_member, concat!("and r.", $id, " = $3")),
            by_name: $crate::resource::service::reads!(@select $table, $id, $is_member, concat!("and r.", $name, " = $3")),
            by_external_id: $crate::resource::service::reads!(@select $table, $id, $is_member,
                concat!("and r.external_id = $3 order by r.", $id, " limit $4")),
            by_listed: $by_listed,
            by_ids: $crate::resource::service::reads!(@select $table, $id, $is_member,
                concat!("and r.", $id, " = any($3::uuid[])")),
            after_id: $crate::resource::service::reads!(@select $table, $id, $is_member,
                concat!("and r.", $id, " > $3 order by r.", $id, " offset $4 limit $5")),
            after_name: $crate::resource::service::reads!(@select $table, $id, $is_member,
                concat!("and r.", $name, " > $3 order by r.", $name, " offset $4 limit $5")),
            before_name: $crate::resource::service::reads!(@select $table, $id, $is_member,
                concat!("and r.", $name, " < $3 order by r.", $name, " desc offset $4 limit $5")),
            count: concat!("select count(*) as total from ", $table, " where tenant_id = $1 and configuration_id = $2"),
        }
    };
    (@select $table:literal, $id:literal, $is_member:expr, $rest:expr) => {
        concat!("select r.", $id, " as id, r.resource, r.version, r.created_at, r.updated_at, ", $is_member,
            " as is_member from ", $table, " r where r.tenant_id = $1 and r.configuration_id = $2 ", $rest)
    };
}
pub(crate) use reads;

pub(super) async fn provider(conn: &TenantConn, within: Within) -> Result<Option<Provider>, DbError> {
    let row = conn.raw_row(PROVIDER, [within.tenant.into(), within.directory.into()]).await?;
    row.map(|row| Ok(Provider::named(row.get("provider")?).unwrap_or_default())).transpose()
}

pub(super) async fn find<K: Pushable>(
    conn: &TenantConn,
    within: Within,
    id: Id<K>,
) -> Result<Option<Pushed<K>>, DbError> {
    Ok(many(conn, K::READS.find, within, [id.uuid().into()]).await?.pop())
}

pub(super) async fn by_name<K: Pushable>(
    conn: &TenantConn,
    within: Within,
    name: &str,
) -> Result<Vec<Pushed<K>>, DbError> {
    many(conn, K::READS.by_name, within, [fold(name).into()]).await
}

pub(super) async fn by_external_id<K: Pushable>(
    conn: &TenantConn,
    within: Within,
    (id, most): (&str, u64),
) -> Result<Vec<Pushed<K>>, DbError> {
    many(conn, K::READS.by_external_id, within, [id.into(), number(most)]).await
}

pub(super) async fn by_listed<K: Pushable>(
    conn: &TenantConn,
    (sql, within): (&'static str, Within),
    (key, most): (Uuid, u64),
) -> Result<Vec<Pushed<K>>, DbError> {
    many(conn, sql, within, [key.into(), number(most)]).await
}

pub(super) async fn by_ids<K: Pushable>(
    conn: &TenantConn,
    within: Within,
    ids: &[Uuid],
) -> Result<Vec<Pushed<K>>, DbError> {
    many(conn, K::READS.by_ids, within, [ids.to_vec().into()]).await
}

/// A page in the order of ids.
pub(super) async fn after_id<K: Pushable>(
    conn: &TenantConn,
    within: Within,
    (after, offset, most): (Option<Uuid>, u64, u64),
) -> Result<Vec<Pushed<K>>, DbError> {
    // From the very first: an `or` would keep the index from beginning anywhere else.
    let after = after.unwrap_or_default();
    many(conn, K::READS.after_id, within, [after.into(), number(offset), number(most)]).await
}

/// A page in the order of names, or backwards.
pub(super) async fn in_order_of_names<K: Pushable>(
    conn: &TenantConn,
    within: Within,
    (is_descending, behind, offset, most): (bool, Option<String>, u64, u64),
) -> Result<Vec<Pushed<K>>, DbError> {
    // Nothing is less than the empty text, and nothing that is sent greater than the last character.
    let (sql, first) =
        if is_descending { (K::READS.before_name, "\u{10ffff}") } else { (K::READS.after_name, "") };
    let behind = behind.unwrap_or_else(|| first.to_owned());
    many(conn, sql, within, [behind.into(), number(offset), number(most)]).await
}

pub(super) async fn count<K: Pushable>(conn: &TenantConn, within: Within) -> Result<u64, DbError> {
    let row = conn.raw_row(K::READS.count, [within.tenant.into(), within.directory.into()]).await?;
    let total: i64 = row.map(|row| row.get("total")).transpose()?.unwrap_or_default();
    Ok(u64::try_from(total).unwrap_or_default())
}

async fn many<K: Pushable>(
    conn: &TenantConn,
    sql: &'static str,
    within: Within,
    more: impl IntoIterator<Item = Value>,
) -> Result<Vec<Pushed<K>>, DbError> {
    let values = [within.tenant.into(), within.directory.into()].into_iter().chain(more);
    conn.raw_rows(sql, values).await?.iter().map(read).collect()
}

fn number(number: u64) -> Value {
    i64::try_from(number).unwrap_or(i64::MAX).into()
}

/// Reads what every statement on resources selects.
pub(crate) fn read<K: Pushable>(row: &Row) -> Result<Pushed<K>, DbError> {
    let attributes = match row.get("resource")? {
        Json::Object(attributes) => attributes,
        _ => Map::new(),
    };
    Ok(Pushed {
        id: Id::from_uuid(row.get("id")?),
        resource: Resource::stored(K::TYPE, attributes),
        version: row.get("version")?,
        created_at: row.get("created_at")?,
        updated_at: row.get("updated_at")?,
        is_member: row.get("is_member")?,
        list: Vec::new(),
    })
}
