//! SQL on `legal_holds`.

use elder_access::{DbError, Found, Row, Scope, Source, Stored, TenantConn};
use elder_api_types::{OrganizationId, UserId};
use elder_kernel::{Id, TenantId, collection::Selection};
use sea_orm::Value;
use uuid::Uuid;

use crate::legal_hold::{HoldScope, LegalHold, LegalHoldId};

macro_rules! columns {
    () => {
        "id, scope, organization_id, user_id, reason, created_at, created_by, release_asked_at, release_asked_by, release_reason, released_at, released_by"
    };
}
const HOLDS: Source = Source {
    table: "legal_holds",
    joins: &[],
    columns: columns!(),
    stored: &[("is_in_force", Stored::As("(released_at is null)"))],
};
const FIND: &str = concat!("select ", columns!(), " from legal_holds where tenant_id = $1 and id = $2");
const LOCK: &str =
    concat!("select ", columns!(), " from legal_holds where tenant_id = $1 and id = $2 for update");
/// The same lock as that of the job that takes events out.
const WAIT: &str = "select pg_advisory_xact_lock(hashtext('elder.audit_removal'), $1)::text";
// The lock on the row makes a deletion that has begun come to its end first, and one that comes later see the hold.
const KNOWS_ORGANIZATION: &str = "
    with here as (select from organizations where tenant_id = $1 and id = $2 for key share)
    select exists (select from here)
        or exists (select from audit_logs where tenant_id = $1 and resource_id = $3) as is_known";
const KNOWS_USER: &str = "
    with here as (select from portal_users where tenant_id = $1 and id = $2 for key share)
    select exists (select from here)
        or exists (select from audit_logs where tenant_id = $1 and resource_id = $3)
        or exists (select from audit_logs where tenant_id = $1 and actor_user_id = $2) as is_known";
const INSERT: &str = "
    insert into legal_holds (tenant_id, id, scope, organization_id, user_id, subject, reason, created_at, created_by)
    values ($1, $2, $3, $4, $5, $6, $7, $8, $9)";
const RELEASE: &str = "
    update legal_holds set released_at = $3, released_by = $4, release_reason = $5, release_asked_at = $6,
        release_asked_by = $7 where tenant_id = $1 and id = $2";

pub(super) async fn list(
    conn: &TenantConn,
    tenant: TenantId,
    selection: &Selection,
) -> Result<Found<LegalHold>, DbError> {
    conn.list(&HOLDS, &Scope::of("tenant_id = $1", [tenant.into()]), selection, read).await
}

pub(super) async fn find(
    conn: &TenantConn,
    tenant: TenantId,
    id: LegalHoldId,
) -> Result<Option<LegalHold>, DbError> {
    conn.raw_row(FIND, [tenant.into(), id.into()]).await?.as_ref().map(read).transpose()
}

pub(super) async fn lock(
    conn: &TenantConn,
    tenant: TenantId,
    id: LegalHoldId,
) -> Result<Option<LegalHold>, DbError> {
    conn.raw_row(LOCK, [tenant.into(), id.into()]).await?.as_ref().map(read).transpose()
}

/// Waits for what is taken out of the log right now.
pub(super) async fn wait(conn: &TenantConn, tenant: TenantId) -> Result<(), DbError> {
    conn.raw_row(WAIT, [tenant.into()]).await.map(drop)
}

pub(super) async fn knows_organization(
    conn: &TenantConn,
    tenant: TenantId,
    id: OrganizationId,
) -> Result<bool, DbError> {
    is_known(conn.raw_row(KNOWS_ORGANIZATION, [tenant.into(), id.into(), id.to_string().into()]).await?)
}

pub(super) async fn knows_user(conn: &TenantConn, tenant: TenantId, id: UserId) -> Result<bool, DbError> {
    is_known(conn.raw_row(KNOWS_USER, [tenant.into(), id.into(), id.to_string().into()]).await?)
}

fn is_known(row: Option<Row>) -> Result<bool, DbError> {
    row.map_or(Ok(false), |row| row.get("is_known"))
}

pub(super) async fn insert(
    conn: &TenantConn,
    tenant: TenantId,
    hold: &LegalHold,
    subject: Option<String>,
) -> Result<(), DbError> {
    let values = [
        tenant.into(),
        hold.id.into(),
        hold.scope.name().into(),
        Value::Uuid(hold.organization_id.map(Id::uuid)),
        Value::Uuid(hold.user_id.map(Id::uuid)),
        Value::String(subject),
        hold.reason.as_str().into(),
        hold.created_at.into(),
        Value::Uuid(hold.created_by.map(Id::uuid)),
    ];
    conn.run_last(INSERT, values).await
}

pub(super) async fn release(conn: &TenantConn, tenant: TenantId, hold: &LegalHold) -> Result<(), DbError> {
    let values = [
        tenant.into(),
        hold.id.into(),
        hold.released_at.into(),
        Value::Uuid(hold.released_by.map(Id::uuid)),
        Value::String(hold.release_reason.clone()),
        Value::ChronoDateTimeUtc(hold.release_asked_at),
        Value::Uuid(hold.release_asked_by.map(Id::uuid)),
    ];
    conn.run_last(RELEASE, values).await
}

fn read(row: &Row) -> Result<LegalHold, DbError> {
    let scope: String = row.get("scope")?;
    let released_at = row.get("released_at")?;
    Ok(LegalHold {
        id: Id::from_uuid(row.get("id")?),
        // The schema knows no other word.
        scope: match scope.as_str() {
            "organization" => HoldScope::Organization,
            "user" => HoldScope::User,
            _ => HoldScope::Tenant,
        },
        organization_id: row.get::<Option<Uuid>>("organization_id")?.map(Id::from_uuid),
        user_id: row.get::<Option<Uuid>>("user_id")?.map(Id::from_uuid),
        reason: row.get("reason")?,
        is_in_force: Option::is_none(&released_at),
        created_at: row.get("created_at")?,
        created_by: row.get::<Option<Uuid>>("created_by")?.map(Id::from_uuid),
        release_asked_at: row.get("release_asked_at")?,
        release_asked_by: row.get::<Option<Uuid>>("release_asked_by")?.map(Id::from_uuid),
        release_reason: row.get("release_reason")?,
        released_at,
        released_by: row.get::<Option<Uuid>>("released_by")?.map(Id::from_uuid),
    })
}
