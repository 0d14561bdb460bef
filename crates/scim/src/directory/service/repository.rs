//! SQL on `scim_configurations`.

use chrono::{DateTime, Utc};
use elder_access::{DbError, Found, Row, Scope, Source, Stored, TenantConn};
use elder_kernel::{Id, TenantId, collection::Selection, fold};
use sea_orm::Value;

use crate::directory::{
    Conflicts, Deprovisioning, Directory, DirectoryId, DirectoryTest, Provider, Vocabulary,
};

macro_rules! columns {
    () => {
        "id, name, provider, deprovisioning, conflicts, max_removals, sync_groups, entitlements, is_active, last_activity_at,
        created_at, updated_at"
    };
}

const DIRECTORIES: Source = Source {
    table: "scim_configurations",
    joins: &[],
    columns: columns!(),
    stored: &[("name", Stored::As("name_folded"))],
};

const FIND: &str =
    concat!("select ", columns!(), " from scim_configurations where tenant_id = $1 and id = $2");

const LOCK: &str = concat!(
    "select ",
    columns!(),
    " from scim_configurations where tenant_id = $1 and id = $2 for no key update"
);

const SEEN: &str = "
    with good as (
        select can_write from scim_tokens
        where tenant_id = $1 and configuration_id = $2 and revoked_at is null
          and (expires_at is null or expires_at > $3)
    ), people as (
        select count(*) as users, count(*) filter (where is_active) as active_users from scim_users
        where tenant_id = $1 and configuration_id = $2
    )
    select c.is_active, c.last_activity_at, people.users, people.active_users,
        (select count(*) from good) as tokens, (select count(*) from good where can_write) as writing_tokens,
        (select count(*) from scim_groups where tenant_id = $1 and configuration_id = $2) as groups,
        (select coalesce(array_agg(m.value order by m.value), '{}') from scim_role_mappings m
          where m.tenant_id = $1 and m.configuration_id = $2 and m.source = 'group'
            and not exists (select from scim_groups g
                where g.tenant_id = $1 and g.configuration_id = $2 and g.display_name_folded = m.value_folded)
        ) as unknown_groups
    from scim_configurations c cross join people
    where c.tenant_id = $1 and c.id = $2";

const INSERT: &str = "
    insert into scim_configurations
        (tenant_id, id, name, name_folded, provider, deprovisioning, is_active, created_at, updated_at, sync_groups,
        conflicts, max_removals, entitlements)
    values ($1, $2, $3, $4, $5, $6, $7, $8, $8, $9, $10, $11, $12)";

const UPDATE: &str = "
    update scim_configurations
    set name = $3, name_folded = $4, provider = $5, deprovisioning = $6, is_active = $7, updated_at = $8,
        sync_groups = $9, conflicts = $10, max_removals = $11, entitlements = $12, version = version + 1
    where tenant_id = $1 and id = $2";

const DELETE: &str = "delete from scim_configurations where tenant_id = $1 and id = $2";

pub(super) async fn list(
    conn: &TenantConn,
    tenant: TenantId,
    selection: &Selection,
) -> Result<Found<Directory>, DbError> {
    conn.list(&DIRECTORIES, &Scope::of("tenant_id = $1", [tenant.into()]), selection, read).await
}

pub(super) async fn find(
    conn: &TenantConn,
    tenant: TenantId,
    id: DirectoryId,
) -> Result<Option<Directory>, DbError> {
    conn.raw_row(FIND, [tenant.into(), id.into()]).await?.as_ref().map(read).transpose()
}

/// Keeps others from changing it until the transaction ends; pushes go on.
pub(super) async fn lock(
    conn: &TenantConn,
    tenant: TenantId,
    id: DirectoryId,
) -> Result<Option<Directory>, DbError> {
    conn.raw_row(LOCK, [tenant.into(), id.into()]).await?.as_ref().map(read).transpose()
}

/// What a provider meets now, but for where.
pub(super) async fn seen(
    conn: &TenantConn,
    (tenant, id): (TenantId, DirectoryId),
    now: DateTime<Utc>,
) -> Result<Option<DirectoryTest>, DbError> {
    let Some(row) = conn.raw_row(SEEN, [tenant.into(), id.into(), now.into()]).await? else {
        return Ok(None);
    };
    let tokens: i64 = row.get("tokens")?;
    let status = match row.get("is_active")? {
        _ if tokens == 0 => 401,
        true => 200,
        false => 503,
    };
    Ok(Some(DirectoryTest {
        base_url: String::new(),
        directory_base_url: String::new(),
        status,
        tokens,
        writing_tokens: row.get("writing_tokens")?,
        users: row.get("users")?,
        active_users: row.get("active_users")?,
        groups: row.get("groups")?,
        unknown_groups: row.get("unknown_groups")?,
        last_activity_at: row.get("last_activity_at")?,
    }))
}

pub(super) async fn insert(
    conn: &TenantConn,
    tenant: TenantId,
    directory: &Directory,
) -> Result<u64, DbError> {
    conn.run(INSERT, values(tenant, directory)).await
}

pub(super) async fn update(
    conn: &TenantConn,
    tenant: TenantId,
    directory: &Directory,
) -> Result<u64, DbError> {
    conn.run(UPDATE, values(tenant, directory)).await
}

pub(super) async fn delete(conn: &TenantConn, tenant: TenantId, id: DirectoryId) -> Result<u64, DbError> {
    conn.run(DELETE, [tenant.into(), id.into()]).await
}

fn values(tenant: TenantId, directory: &Directory) -> [Value; 12] {
    [
        tenant.into(),
        directory.id.into(),
        directory.name.as_str().into(),
        fold(&directory.name).into(),
        directory.provider.name().into(),
        directory.deprovisioning.name().into(),
        directory.is_active.into(),
        directory.updated_at.into(),
        directory.sync_groups.into(),
        directory.conflicts.name().into(),
        i32::from(directory.max_removals).into(),
        directory.entitlements.name().into(),
    ]
}

fn read(row: &Row) -> Result<Directory, DbError> {
    Ok(Directory {
        id: Id::from_uuid(row.get("id")?),
        name: row.get("name")?,
        provider: Provider::named(row.get("provider")?).unwrap_or_default(),
        deprovisioning: Deprovisioning::named(row.get("deprovisioning")?).unwrap_or_default(),
        conflicts: Conflicts::named(row.get("conflicts")?).unwrap_or_default(),
        max_removals: u8::try_from(row.get::<i32>("max_removals")?).unwrap_or(u8::MAX),
        sync_groups: row.get("sync_groups")?,
        entitlements: Vocabulary::named(row.get("entitlements")?).unwrap_or_default(),
        is_active: row.get("is_active")?,
        last_activity_at: row.get("last_activity_at")?,
        created_at: row.get("created_at")?,
        updated_at: row.get("updated_at")?,
    })
}
