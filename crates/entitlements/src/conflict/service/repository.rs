//! SQL on `entitlement_conflicts` and their members.

use elder_access::{DbError, Found, Join, Row, Scope, Source, Stored, TenantConn};
use elder_api_types::UserId;
use elder_kernel::{Id, TenantId, collection::Selection, fold};
use sea_orm::Value;
use uuid::Uuid;

use crate::{
    conflict::{EntitlementConflict, EntitlementConflictId, EntitlementViolation},
    entitlement::EntitlementId,
};

macro_rules! columns {
    () => {
        "entitlement_conflicts.*, array(
            select m.entitlement_id from entitlement_conflict_members m
            where m.tenant_id = entitlement_conflicts.tenant_id and m.conflict_id = entitlement_conflicts.id
            order by m.entitlement_id) as entitlement_ids"
    };
}

const CONFLICTS: Source = Source {
    table: "entitlement_conflicts",
    joins: &[],
    columns: columns!(),
    stored: &[("name", Stored::As("name_folded"))],
};
const VIOLATIONS: Source = Source {
    table: "entitlement_conflicts",
    joins: &[Join {
        table: "portal_users",
        on: "portal_users.tenant_id = entitlement_conflicts.tenant_id",
        is_optional: false,
    }],
    columns: "portal_users.id as user_id, array(
        select distinct a.entitlement_id from entitlement_assignments a
        join entitlement_conflict_members m on m.tenant_id = a.tenant_id and m.entitlement_id = a.entitlement_id
        where a.tenant_id = portal_users.tenant_id and a.user_id = portal_users.id
            and m.conflict_id = entitlement_conflicts.id
        order by a.entitlement_id) as entitlement_ids",
    stored: &[("user_id", Stored::As("portal_users.id"))],
};
const WHO_BREAKS_IT: &str = "entitlement_conflicts.tenant_id = $1 and entitlement_conflicts.id = $2
    and portal_users.id in (
        select a.user_id from entitlement_conflict_members m
        join entitlement_assignments a on a.tenant_id = m.tenant_id and a.entitlement_id = m.entitlement_id
        where m.tenant_id = $1 and m.conflict_id = $2
        group by a.user_id having count(distinct a.entitlement_id) > (
            select c.most from entitlement_conflicts c where c.tenant_id = $1 and c.id = $2))";
const FIND: &str =
    concat!("select ", columns!(), " from entitlement_conflicts where tenant_id = $1 and id = $2");
const LOCK: &str =
    concat!("select ", columns!(), " from entitlement_conflicts where tenant_id = $1 and id = $2 for update");
const BROKEN: &str = "
    select c.name, c.most, array_agg(distinct e.value) as held
    from entitlement_conflicts c
    join entitlement_conflict_members m on m.tenant_id = c.tenant_id and m.conflict_id = c.id
    join entitlement_assignments a on a.tenant_id = m.tenant_id and a.entitlement_id = m.entitlement_id
    join entitlements e on e.tenant_id = m.tenant_id and e.id = m.entitlement_id
    where c.tenant_id = $1 and a.user_id = $2 and exists (
        select from entitlement_conflict_members n
        where n.tenant_id = c.tenant_id and n.conflict_id = c.id and n.entitlement_id = any ($3::uuid[]))
    group by c.id, c.name, c.name_folded, c.most having count(distinct m.entitlement_id) > c.most
    order by c.name_folded limit 1";
const INSERT: &str = "
    insert into entitlement_conflicts (tenant_id, id, name, name_folded, description, most, version, updated_at,
        created_at, created_by)
    values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)";
const UPDATE: &str = "
    update entitlement_conflicts set name = $3, name_folded = $4, description = $5, most = $6, version = $7,
        updated_at = $8
    where tenant_id = $1 and id = $2";
const SET_MEMBERS: &str = "
    insert into entitlement_conflict_members (tenant_id, conflict_id, entitlement_id)
    select $1, $2, unnest($3::uuid[])";
const CLEAR_MEMBERS: &str =
    "delete from entitlement_conflict_members where tenant_id = $1 and conflict_id = $2";
const DELETE: &str = "delete from entitlement_conflicts where tenant_id = $1 and id = $2";

/// A rule that somebody breaks.
pub(super) struct Broken {
    pub(super) rule: String,
    pub(super) most: i32,
    /// The values of what they hold.
    pub(super) held: Vec<String>,
}

pub(super) async fn list(
    conn: &TenantConn,
    tenant: TenantId,
    selection: &Selection,
) -> Result<Found<EntitlementConflict>, DbError> {
    conn.list(&CONFLICTS, &Scope::of("tenant_id = $1", [tenant.into()]), selection, read).await
}

pub(super) async fn find(
    conn: &TenantConn,
    tenant: TenantId,
    id: EntitlementConflictId,
) -> Result<Option<EntitlementConflict>, DbError> {
    conn.raw_row(FIND, [tenant.into(), id.into()]).await?.as_ref().map(read).transpose()
}

pub(super) async fn lock(
    conn: &TenantConn,
    tenant: TenantId,
    id: EntitlementConflictId,
) -> Result<Option<EntitlementConflict>, DbError> {
    conn.raw_row(LOCK, [tenant.into(), id.into()]).await?.as_ref().map(read).transpose()
}

pub(super) async fn violations(
    conn: &TenantConn,
    (tenant, id): (TenantId, EntitlementConflictId),
    selection: &Selection,
) -> Result<Found<EntitlementViolation>, DbError> {
    let scope = Scope::of(WHO_BREAKS_IT, [tenant.into(), id.into()]);
    let read = |row: &Row| {
        Ok(EntitlementViolation {
            user_id: Id::from_uuid(row.get("user_id")?),
            entitlement_ids: members(row)?,
        })
    };
    conn.list(&VIOLATIONS, &scope, selection, read).await
}

/// The first rule about something of `given` that the person breaks.
pub(super) async fn broken(
    conn: &TenantConn,
    (tenant, user): (TenantId, UserId),
    given: &[EntitlementId],
) -> Result<Option<Broken>, DbError> {
    let given: Vec<Uuid> = given.iter().map(|id| id.uuid()).collect();
    let row = conn.raw_row(BROKEN, [tenant.into(), user.into(), given.into()]).await?;
    let broken =
        |row: Row| Ok(Broken { rule: row.get("name")?, most: row.get("most")?, held: row.get("held")? });
    row.map(broken).transpose()
}

pub(super) async fn insert(
    conn: &TenantConn,
    tenant: TenantId,
    rule: &EntitlementConflict,
) -> Result<u64, DbError> {
    let made = [rule.created_at.into(), Value::Uuid(rule.created_by.map(Id::uuid))];
    conn.run(INSERT, columns(tenant, rule).into_iter().chain(made)).await
}

pub(super) async fn update(
    conn: &TenantConn,
    tenant: TenantId,
    rule: &EntitlementConflict,
) -> Result<u64, DbError> {
    conn.run(UPDATE, columns(tenant, rule)).await
}

pub(super) async fn set_members(
    conn: &TenantConn,
    tenant: TenantId,
    rule: &EntitlementConflict,
) -> Result<u64, DbError> {
    let members: Vec<Uuid> = rule.entitlement_ids.iter().map(|id| id.uuid()).collect();
    conn.run(SET_MEMBERS, [tenant.into(), rule.id.into(), members.into()]).await
}

pub(super) async fn clear_members(
    conn: &TenantConn,
    tenant: TenantId,
    id: EntitlementConflictId,
) -> Result<u64, DbError> {
    conn.run(CLEAR_MEMBERS, [tenant.into(), id.into()]).await
}

pub(super) async fn delete(
    conn: &TenantConn,
    tenant: TenantId,
    id: EntitlementConflictId,
) -> Result<u64, DbError> {
    conn.run(DELETE, [tenant.into(), id.into()]).await
}

fn columns(tenant: TenantId, rule: &EntitlementConflict) -> [Value; 8] {
    [
        tenant.into(),
        rule.id.into(),
        rule.name.as_str().into(),
        fold(&rule.name).into(),
        rule.description.clone().into(),
        rule.most.into(),
        rule.version.into(),
        rule.updated_at.into(),
    ]
}

fn read(row: &Row) -> Result<EntitlementConflict, DbError> {
    Ok(EntitlementConflict {
        id: Id::from_uuid(row.get("id")?),
        name: row.get("name")?,
        description: row.get("description")?,
        entitlement_ids: members(row)?,
        most: row.get("most")?,
        version: row.get("version")?,
        created_at: row.get("created_at")?,
        created_by: row.get::<Option<Uuid>>("created_by")?.map(Id::from_uuid),
        updated_at: row.get("updated_at")?,
    })
}

fn members(row: &Row) -> Result<Vec<EntitlementId>, DbError> {
    Ok(row.get::<Vec<Uuid>>("entitlement_ids")?.into_iter().map(Id::from_uuid).collect())
}

#[cfg(test)]
mod tests;
