//! SQL on `entitlement_assignments`.

use chrono::{DateTime, Utc};
use elder_access::{DbError, Found, Join, Row, Scope, Source, Stored, TenantConn};
use elder_kernel::{Id, TenantId, collection::Selection, fold};
use sea_orm::Value;
use uuid::Uuid;

use crate::{
    assignment::{EntitlementAssignment, EntitlementAssignmentId, Said, UserId},
    entitlement::{EntitlementId, EntitlementKind},
};

macro_rules! columns {
    () => {
        "entitlement_assignments.id, entitlement_assignments.user_id, entitlement_assignments.entitlement_id,
        entitlements.kind, entitlements.value, entitlements.display, entitlements.permissions,
        entitlement_assignments.configuration_id, entitlement_assignments.assigned_at,
        entitlement_assignments.assigned_by"
    };
}

macro_rules! same_entitlement {
    () => {
        "entitlements.tenant_id = entitlement_assignments.tenant_id
            and entitlements.id = entitlement_assignments.entitlement_id"
    };
}

const ASSIGNMENTS: Source = Source {
    table: "entitlement_assignments",
    joins: &[Join { table: "entitlements", on: same_entitlement!(), is_optional: false }],
    columns: columns!(),
    stored: &[
        ("id", Stored::As("entitlement_assignments.id")),
        ("entitlement_id", Stored::As("entitlement_assignments.entitlement_id")),
        ("kind", Stored::As("entitlements.kind")),
        ("value", Stored::As("entitlements.value_folded")),
        ("display", Stored::As("entitlements.display_folded")),
        ("directory_id", Stored::As("entitlement_assignments.configuration_id")),
    ],
};
const OF_USER: &str = "entitlement_assignments.tenant_id = $1 and entitlement_assignments.user_id = $2";
const FIND: &str = concat!(
    "select ",
    columns!(),
    " from entitlement_assignments join entitlements on ",
    same_entitlement!(),
    " where entitlement_assignments.tenant_id = $1 and entitlement_assignments.user_id = $2
        and entitlement_assignments.id = $3"
);
const EXISTS: &str = "select id from portal_users where tenant_id = $1 and id = $2";
/// With the catalogue as it is: whoever changes it has done so, or waits.
const HOLD: &str = concat!(
    "select pg_advisory_xact_lock_shared(",
    catalogue!(),
    ")::text from portal_users where tenant_id = $1 and id = $2 for no key update"
);
const INSERT: &str = "
    insert into entitlement_assignments (tenant_id, id, user_id, entitlement_id, assigned_at, assigned_by)
    values ($1, $2, $3, $4, $5, $6)";
const DELETE: &str = "delete from entitlement_assignments where tenant_id = $1 and id = $2";
/// What the directory may give of what it names, and what the person holds by it.
const ENTRIES: &str = "
    select e.id, e.kind, e.value, e.is_supported, a.id is not null as is_held from entitlements e
    left join entitlement_assignments a on a.tenant_id = e.tenant_id and a.entitlement_id = e.id
        and a.user_id = $2 and a.configuration_id = $3
    where e.tenant_id = $1 and e.id in (
        select h.entitlement_id from entitlement_assignments h
        where h.tenant_id = $1 and h.user_id = $2 and h.configuration_id = $3
        union all
        select s.id from entitlements s
        where s.tenant_id = $1 and s.kind = 'role' and s.value_folded = any ($4::text[])
            and (s.configuration_id is null or s.configuration_id = $3)
        union all
        select s.id from entitlements s
        where s.tenant_id = $1 and s.kind = 'entitlement' and s.value_folded = any ($5::text[])
            and (s.configuration_id is null or s.configuration_id = $3))
    order by e.kind, e.value_folded";
const TAKE: &str = "
    delete from entitlement_assignments
    where tenant_id = $1 and user_id = $2 and configuration_id = $3 and entitlement_id = any ($4::uuid[])";
const GIVE: &str = "
    insert into entitlement_assignments (tenant_id, id, user_id, entitlement_id, configuration_id, assigned_at)
    select $1, new.id, $2, new.entitlement_id, $3, $4 from unnest($5::uuid[], $6::uuid[]) as new (id, entitlement_id)
    on conflict do nothing";
/// In one order, so that nobody waits for each other.
const HOLD_LIMITED: &str = "
    select id from entitlements where tenant_id = $1 and id = any ($2::uuid[]) and max_holders is not null
    order by id for no key update";
const EXHAUSTED: &str = "
    select e.value, e.max_holders from entitlements e
    where e.tenant_id = $1 and e.id = any ($2::uuid[]) and e.max_holders < (
        select count(distinct a.user_id) from entitlement_assignments a
        where a.tenant_id = e.tenant_id and a.entitlement_id = e.id)
    order by e.value_folded limit 1";

/// A person of a tenant.
type Of = (TenantId, UserId);

/// An entry of the catalogue, seen by a directory that speaks of somebody.
pub(super) struct Entry {
    pub(super) id: EntitlementId,
    pub(super) kind: EntitlementKind,
    pub(super) value: String,
    pub(super) is_supported: bool,
    /// Whether they hold it by this directory.
    pub(super) is_held: bool,
}

pub(super) async fn list(
    conn: &TenantConn,
    (tenant, user): Of,
    selection: &Selection,
) -> Result<Found<EntitlementAssignment>, DbError> {
    conn.list(&ASSIGNMENTS, &Scope::of(OF_USER, [tenant.into(), user.into()]), selection, read).await
}

pub(super) async fn find(
    conn: &TenantConn,
    (tenant, user): Of,
    id: EntitlementAssignmentId,
) -> Result<Option<EntitlementAssignment>, DbError> {
    let row = conn.raw_row(FIND, [tenant.into(), user.into(), id.into()]).await?;
    row.as_ref().map(read).transpose()
}

pub(super) async fn exists(conn: &TenantConn, (tenant, user): Of) -> Result<bool, DbError> {
    Ok(conn.raw_row(EXISTS, [tenant.into(), user.into()]).await?.is_some())
}

/// Holds the person's row, and the catalogue beside others who give; whether there is such a person.
pub(super) async fn hold(conn: &TenantConn, (tenant, user): Of) -> Result<bool, DbError> {
    Ok(conn.raw_row(HOLD, [tenant.into(), user.into()]).await?.is_some())
}

pub(super) async fn insert(
    conn: &TenantConn,
    tenant: TenantId,
    assignment: &EntitlementAssignment,
) -> Result<u64, DbError> {
    let values: [Value; 6] = [
        tenant.into(),
        assignment.id.into(),
        assignment.user_id.into(),
        assignment.entitlement_id.into(),
        assignment.assigned_at.into(),
        Value::Uuid(assignment.assigned_by.map(Id::uuid)),
    ];
    conn.run(INSERT, values).await
}

pub(super) async fn delete(
    conn: &TenantConn,
    tenant: TenantId,
    id: EntitlementAssignmentId,
) -> Result<u64, DbError> {
    conn.run(DELETE, [tenant.into(), id.into()]).await
}

pub(super) async fn entries(
    conn: &TenantConn,
    tenant: TenantId,
    said: Said<'_>,
) -> Result<Vec<Entry>, DbError> {
    let folded = |values: &[String]| values.iter().map(|value| fold(value)).collect::<Vec<_>>();
    let values: [Value; 5] = [
        tenant.into(),
        said.user.into(),
        said.directory.into(),
        folded(said.roles).into(),
        folded(said.entitlements).into(),
    ];
    let entry = |row: &Row| {
        Ok(Entry {
            id: Id::from_uuid(row.get("id")?),
            kind: EntitlementKind::named(row.get("kind")?),
            value: row.get("value")?,
            is_supported: row.get("is_supported")?,
            is_held: row.get("is_held")?,
        })
    };
    conn.raw_rows(ENTRIES, values).await?.iter().map(entry).collect()
}

pub(super) async fn take(
    conn: &TenantConn,
    (tenant, said): (TenantId, Said<'_>),
    taken: &[EntitlementId],
) -> Result<u64, DbError> {
    let values: [Value; 4] = [tenant.into(), said.user.into(), said.directory.into(), uuids(taken).into()];
    conn.run(TAKE, values).await
}

pub(super) async fn give(
    conn: &TenantConn,
    (tenant, said, now): (TenantId, Said<'_>, DateTime<Utc>),
    (made, given): (&[EntitlementAssignmentId], &[EntitlementId]),
) -> Result<u64, DbError> {
    let values: [Value; 6] = [
        tenant.into(),
        said.user.into(),
        said.directory.into(),
        now.into(),
        uuids(made).into(),
        uuids(given).into(),
    ];
    conn.run(GIVE, values).await
}

/// Holds those of which there is a limited number, and says how many these are.
pub(super) async fn hold_limited(
    conn: &TenantConn,
    tenant: TenantId,
    given: &[EntitlementId],
) -> Result<usize, DbError> {
    Ok(conn.raw_rows(HOLD_LIMITED, [tenant.into(), uuids(given).into()]).await?.len())
}

/// The first entitlement that more people hold than may, and how many may.
pub(super) async fn exhausted(
    conn: &TenantConn,
    tenant: TenantId,
    given: &[EntitlementId],
) -> Result<Option<(String, i32)>, DbError> {
    let row = conn.raw_row(EXHAUSTED, [tenant.into(), uuids(given).into()]).await?;
    row.map(|row| Ok((row.get("value")?, row.get("max_holders")?))).transpose()
}

fn uuids<K>(ids: &[Id<K>]) -> Vec<Uuid> {
    ids.iter().map(|id| id.uuid()).collect()
}

fn read(row: &Row) -> Result<EntitlementAssignment, DbError> {
    Ok(EntitlementAssignment {
        id: Id::from_uuid(row.get("id")?),
        user_id: Id::from_uuid(row.get("user_id")?),
        entitlement_id: Id::from_uuid(row.get("entitlement_id")?),
        kind: EntitlementKind::named(row.get("kind")?),
        value: row.get("value")?,
        display: row.get("display")?,
        permissions: row.get("permissions")?,
        directory_id: row.get::<Option<Uuid>>("configuration_id")?.map(Id::from_uuid),
        assigned_at: row.get("assigned_at")?,
        assigned_by: row.get::<Option<Uuid>>("assigned_by")?.map(Id::from_uuid),
    })
}

#[cfg(test)]
mod tests;
