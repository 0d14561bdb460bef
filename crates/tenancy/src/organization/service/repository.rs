//! The SQL of organizations.

use elder_access::{DbError, Found, Row, Scope, Source, Stored, TenantConn};
use elder_kernel::{TenantId, collection::Selection};
use sea_orm::Value;
use uuid::Uuid;

use crate::organization::{Ancestor, Line, Node, Organization, OrganizationId};

const ORGANIZATIONS: Source = Source {
    table: "organizations",
    joins: &[],
    columns: "*",
    stored: &[("name", Stored::As("name_folded"))],
};
const FIND: &str = "select * from organizations where tenant_id = $1 and id = $2";
const LOCK: &str = "select * from organizations where tenant_id = $1 and id = $2 for update";
const LINE: &str = "
    with recursive line as (
        select id, parent_id, name, 0 as distance from organizations where tenant_id = $1 and id = $2
        union all
        select above.id, above.parent_id, above.name, line.distance + 1
        from line join organizations above on above.tenant_id = $1 and above.id = line.parent_id
    )
    select id, name from line order by distance";
const SUBTREE: &str = "
    with recursive tree as (
        select id, parent_id, name, is_active, 0 as depth, array[id] as path
        from organizations where tenant_id = $1 and id = $2
        union all
        select below.id, below.parent_id, below.name, below.is_active, tree.depth + 1, tree.path || below.id
        from tree join organizations below on below.tenant_id = $1 and below.parent_id = tree.id
    )
    select id, parent_id, name, is_active, depth, path from tree order by path";
// `offset 0` keeps each step down on the index of the children, however large the planner takes the tree to be.
const ALL_BELOW: &str = "tenant_id = $1 and id in (
    with recursive tree as (
        select top.id from organizations top where top.tenant_id = $1 and top.parent_id = $2
        union all
        select below.id from tree, lateral (
            select child.id from organizations child
            where child.tenant_id = $1 and child.parent_id = tree.id offset 0) below
    )
    select id from tree)";
// Of two roots of a reach, one may lie below the other.
const ALL_AMONG: &str = "tenant_id = $1 and id in (
    with recursive tree as (
        select top.id from organizations top where top.tenant_id = $1 and top.id = any(($2)::uuid[])
        union
        select below.id from tree, lateral (
            select child.id from organizations child
            where child.tenant_id = $1 and child.parent_id = tree.id offset 0) below
    )
    select id from tree)";
const HEIGHT: &str = "
    with recursive tree as (
        select id, 1 as level from organizations where tenant_id = $1 and id = $2
        union all
        select below.id, tree.level + 1
        from tree join organizations below on below.tenant_id = $1 and below.parent_id = tree.id
    )
    select max(level) as height from tree";
const INSERT: &str = "
    insert into organizations (tenant_id, id, parent_id, name, name_folded, description, settings, created_at, updated_at)
    values ($1, $2, $3, $4, $5, $6, $7, $8, $8)";
const UPDATE: &str = "
    update organizations
    set name = $3, name_folded = $4, description = $5, settings = $6, is_active = $7, updated_at = $8,
        version = version + 1
    where tenant_id = $1 and id = $2";
const MOVE: &str = "
    update organizations set parent_id = $3, updated_at = $4, version = version + 1
    where tenant_id = $1 and id = $2 returning *";
const DELETE: &str = "delete from organizations where tenant_id = $1 and id = $2";
const LOCK_SHAPE: &str = "select pg_advisory_xact_lock(hashtext('elder.organizations'), $1)";
const SHARE_SHAPE: &str = "select pg_advisory_xact_lock_shared(hashtext('elder.organizations'), $1)";

/// Which organizations a list has.
pub(super) enum Branch {
    /// The roots of the tenant.
    Roots,
    /// Those right below one.
    Below(OrganizationId),
    /// These.
    Among(Vec<OrganizationId>),
    /// All of the tenant.
    All,
    /// All that lie below one, however deep.
    AllBelow(OrganizationId),
    /// These and all that lie below them.
    AllAmong(Vec<OrganizationId>),
}

impl Branch {
    fn scope(self, tenant: TenantId) -> Scope {
        match self {
            Self::Roots => Scope::of("tenant_id = $1 and parent_id is null", [tenant.into()]),
            Self::Below(parent) => {
                Scope::of("tenant_id = $1 and parent_id = $2", [tenant.into(), parent.into()])
            }
            Self::Among(ids) => {
                Scope::of("tenant_id = $1 and id = any($2)", [tenant.into(), uuids(ids).into()])
            }
            Self::All => Scope::of("tenant_id = $1", [tenant.into()]),
            Self::AllBelow(parent) => Scope::of(ALL_BELOW, [tenant.into(), parent.into()]),
            Self::AllAmong(ids) => Scope::of(ALL_AMONG, [tenant.into(), uuids(ids).into()]),
        }
    }
}

fn uuids(ids: Vec<OrganizationId>) -> Vec<Uuid> {
    ids.into_iter().map(OrganizationId::uuid).collect()
}

pub(super) async fn list(
    conn: &TenantConn,
    tenant: TenantId,
    branch: Branch,
    selection: &Selection,
) -> Result<Found<Organization>, DbError> {
    conn.list(&ORGANIZATIONS, &branch.scope(tenant), selection, Row::read).await
}

pub(super) async fn find(
    conn: &TenantConn,
    tenant: TenantId,
    id: OrganizationId,
) -> Result<Option<Organization>, DbError> {
    conn.row(FIND, [tenant.into(), id.into()]).await
}

pub(super) async fn lock(
    conn: &TenantConn,
    tenant: TenantId,
    id: OrganizationId,
) -> Result<Option<Organization>, DbError> {
    conn.row(LOCK, [tenant.into(), id.into()]).await
}

/// The organization and what lies above it; empty if there is none.
pub(super) async fn line(conn: &TenantConn, tenant: TenantId, id: OrganizationId) -> Result<Line, DbError> {
    conn.rows::<Ancestor>(LINE, [tenant.into(), id.into()]).await.map(Line)
}

pub(super) async fn subtree(
    conn: &TenantConn,
    tenant: TenantId,
    id: OrganizationId,
) -> Result<Vec<Node>, DbError> {
    let rows = conn.raw_rows(SUBTREE, [tenant.into(), id.into()]).await?;
    let node = |row: &elder_access::Row| {
        Ok(Node {
            id: OrganizationId::from_uuid(row.get("id")?),
            parent_id: row.get::<Option<Uuid>>("parent_id")?.map(OrganizationId::from_uuid),
            name: row.get("name")?,
            is_active: row.get("is_active")?,
            depth: row.get("depth")?,
            path: row.get::<Vec<Uuid>>("path")?.into_iter().map(OrganizationId::from_uuid).collect(),
        })
    };
    rows.iter().map(node).collect()
}

/// How many levels the subtree has.
pub(super) async fn height(
    conn: &TenantConn,
    tenant: TenantId,
    id: OrganizationId,
) -> Result<usize, DbError> {
    let row = conn.raw_row(HEIGHT, [tenant.into(), id.into()]).await?;
    let height = row.map(|row| row.get::<Option<i32>>("height")).transpose()?.flatten();
    Ok(height.and_then(|height| usize::try_from(height).ok()).unwrap_or_default())
}

pub(super) async fn insert(conn: &TenantConn, tenant: TenantId, new: &Organization) -> Result<(), DbError> {
    let values: [Value; 8] = [
        tenant.into(),
        new.id.into(),
        new.parent_id.into(),
        new.name.clone().into(),
        elder_kernel::fold(&new.name).into(),
        new.description.clone().into(),
        new.settings.clone().into(),
        new.created_at.into(),
    ];
    conn.run(INSERT, values).await.map(drop)
}

pub(super) async fn update(conn: &TenantConn, tenant: TenantId, new: &Organization) -> Result<(), DbError> {
    let values: [Value; 8] = [
        tenant.into(),
        new.id.into(),
        new.name.clone().into(),
        elder_kernel::fold(&new.name).into(),
        new.description.clone().into(),
        new.settings.clone().into(),
        new.is_active.into(),
        new.updated_at.into(),
    ];
    conn.run(UPDATE, values).await.map(drop)
}

/// Hangs the whole subtree elsewhere.
pub(super) async fn relocate(
    conn: &TenantConn,
    tenant: TenantId,
    id: OrganizationId,
    parent: Option<OrganizationId>,
    now: chrono::DateTime<chrono::Utc>,
) -> Result<Option<Organization>, DbError> {
    conn.row(MOVE, [tenant.into(), id.into(), parent.into(), now.into()]).await
}

pub(super) async fn delete(conn: &TenantConn, tenant: TenantId, id: OrganizationId) -> Result<u64, DbError> {
    conn.run(DELETE, [tenant.into(), id.into()]).await
}

/// Waits until nobody else changes the shape of the tenant's tree, and keeps others from it until the end.
pub(super) async fn lock_shape(conn: &TenantConn, tenant: TenantId) -> Result<(), DbError> {
    conn.run(LOCK_SHAPE, [tenant.into()]).await.map(drop)
}

/// Waits until nothing is moved, and keeps others from moving until the end. Organizations can still be added.
pub(super) async fn share_shape(conn: &TenantConn, tenant: TenantId) -> Result<(), DbError> {
    conn.run(SHARE_SHAPE, [tenant.into()]).await.map(drop)
}

#[cfg(test)]
mod tests;
