//! SQL on `compliance_reports`, and on those of whom a report tells.

pub(super) mod integrations;
pub(super) mod people;

use chrono::{DateTime, Utc};
use elder_access::{DbError, Found, Row, Scope, Source, Stored, TenantConn};
use elder_api_types::{OrganizationId, UserId, compliance_framework::FrameworkName};
use elder_audit::event::About;
use elder_kernel::{Id, TenantId, collection::Selection};
use sea_orm::Value;
use uuid::Uuid;

use crate::report::{
    ComplianceReport, ComplianceReportFormat, ComplianceReportId, ComplianceReportKind, ComplianceReportState,
};

const REPORTS: Source = Source {
    table: "compliance_reports",
    joins: &[],
    columns: "*",
    stored: &[("from", Stored::As("since")), ("to", Stored::As("until"))],
};
const FIND: &str = "select * from compliance_reports where tenant_id = $1 and id = $2";
const LOCK: &str = "select * from compliance_reports where tenant_id = $1 and id = $2 for update";
const INSERT: &str = "
    insert into compliance_reports (tenant_id, id, kind, framework, organization_id, user_id, since, until, format,
        schedule_id, deliver_at, created_at, created_by, expires_at)
    values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)";
const DELETE: &str = "delete from compliance_reports where tenant_id = $1 and id = $2";
/// An organization with those below it, and everybody who has a role there, whoever gave it.
const WITHIN: &str = "
    with recursive below (id) as (
        select o.id from organizations o where o.tenant_id = $1 and o.id = $2
        union
        select o.id from below b join organizations o on o.tenant_id = $1 and o.parent_id = b.id
    ), people (id) as (
        select a.user_id from portal_user_org_assignments a where a.tenant_id = $1 and a.organization_id in (select id from below)
        union
        select g.user_id from sso_grants g where g.tenant_id = $1 and g.organization_id in (select id from below)
        union
        select s.user_id from scim_users s
        where s.tenant_id = $1
          and s.configuration_id in (
            select r.configuration_id from scim_role_mappings r
            where r.tenant_id = $1 and r.organization_id in (select id from below))
          and exists (
            select from mapped_roles($1, s.user_id) m where m.organization_id in (select id from below))
    )
    select array(select id from below)::uuid[] as organizations, array(select id from people)::uuid[] as people";
const ORGANIZATION: &str = "select name as label from organizations where tenant_id = $1 and id = $2";
const USER: &str = "select email as label from portal_users where tenant_id = $1 and id = $2";

pub(super) async fn list(
    conn: &TenantConn,
    tenant: TenantId,
    selection: &Selection,
) -> Result<Found<ComplianceReport>, DbError> {
    conn.list(&REPORTS, &Scope::of("tenant_id = $1", [tenant.into()]), selection, shown).await
}

pub(super) async fn find(
    conn: &TenantConn,
    tenant: TenantId,
    id: ComplianceReportId,
) -> Result<Option<ComplianceReport>, DbError> {
    conn.raw_row(FIND, [tenant.into(), id.into()]).await?.as_ref().map(shown).transpose()
}

pub(super) async fn lock(
    conn: &TenantConn,
    tenant: TenantId,
    id: ComplianceReportId,
) -> Result<Option<ComplianceReport>, DbError> {
    conn.raw_row(LOCK, [tenant.into(), id.into()]).await?.as_ref().map(shown).transpose()
}

pub(super) async fn insert(
    conn: &TenantConn,
    tenant: TenantId,
    report: &ComplianceReport,
    deliver_at: Option<DateTime<Utc>>,
) -> Result<u64, DbError> {
    let values: [Value; 14] = [
        tenant.into(),
        report.id.into(),
        report.kind.name().into(),
        Value::String(report.framework.map(|framework| framework.name().to_owned())),
        Value::Uuid(report.organization_id.map(Id::uuid)),
        Value::Uuid(report.user_id.map(Id::uuid)),
        report.from.into(),
        report.to.into(),
        report.format.name().into(),
        Value::Uuid(report.schedule_id.map(Id::uuid)),
        Value::ChronoDateTimeUtc(deliver_at),
        report.created_at.into(),
        Value::Uuid(report.created_by.map(Id::uuid)),
        report.expires_at.into(),
    ];
    conn.run(INSERT, values).await
}

pub(super) async fn delete(
    conn: &TenantConn,
    tenant: TenantId,
    id: ComplianceReportId,
) -> Result<u64, DbError> {
    conn.run(DELETE, [tenant.into(), id.into()]).await
}

/// An organization's report is about those below it too, and about everybody who has a role there now.
pub(super) async fn within(
    conn: &TenantConn,
    tenant: TenantId,
    organization: OrganizationId,
) -> Result<About, DbError> {
    let Some(row) = conn.raw_row(WITHIN, [tenant.into(), organization.into()]).await? else {
        return Ok(About::default());
    };
    let (organizations, people): (Vec<Uuid>, Vec<Uuid>) = (row.get("organizations")?, row.get("people")?);
    let mut organizations: Vec<_> = organizations.into_iter().map(Id::from_uuid).collect();
    // One that was deleted has its events still.
    if organizations.is_empty() {
        organizations.push(organization);
    }
    Ok(About { people: people.into_iter().map(Id::from_uuid).collect(), organizations })
}

/// What an organization is called; none if it is no more.
pub(super) async fn organization_name(
    conn: &TenantConn,
    tenant: TenantId,
    id: OrganizationId,
) -> Result<Option<String>, DbError> {
    conn.raw_row(ORGANIZATION, [tenant.into(), id.into()]).await?.map(|row| row.get("label")).transpose()
}

/// The address of a user; none if there is no such account any more.
pub(super) async fn user_name(
    conn: &TenantConn,
    tenant: TenantId,
    id: UserId,
) -> Result<Option<String>, DbError> {
    conn.raw_row(USER, [tenant.into(), id.into()]).await?.map(|row| row.get("label")).transpose()
}

pub(super) fn shown(row: &Row) -> Result<ComplianceReport, DbError> {
    let word = |column: &str| row.get::<String>(column);
    let (kind, format, state) = (word("kind")?, word("format")?, word("state")?);
    let framework: Option<String> = row.get("framework")?;
    let unknown = |word: &str| DbError::defect(Unknown(word.to_owned()));
    Ok(ComplianceReport {
        id: Id::from_uuid(row.get("id")?),
        kind: ComplianceReportKind::named(&kind).ok_or_else(|| unknown(&kind))?,
        framework: framework.as_deref().and_then(FrameworkName::named),
        organization_id: row.get::<Option<Uuid>>("organization_id")?.map(Id::from_uuid),
        user_id: row.get::<Option<Uuid>>("user_id")?.map(Id::from_uuid),
        from: row.get("since")?,
        to: row.get("until")?,
        format: ComplianceReportFormat::named(&format).ok_or_else(|| unknown(&format))?,
        state: ComplianceReportState::named(&state).ok_or_else(|| unknown(&state))?,
        error: row.get("error")?,
        progress: row.get("progress")?,
        events: row.get("events")?,
        size: row.get("size")?,
        sha256: row.get("sha256")?,
        checkpoint: row.get("checkpoint")?,
        schedule_id: row.get::<Option<Uuid>>("schedule_id")?.map(Id::from_uuid),
        created_at: row.get("created_at")?,
        created_by: row.get::<Option<Uuid>>("created_by")?.map(Id::from_uuid),
        completed_at: row.get("completed_at")?,
        expires_at: row.get("expires_at")?,
    })
}

/// Nothing else writes there.
#[derive(Debug, thiserror::Error)]
#[error("`{0}` is no word of a report")]
struct Unknown(String);
