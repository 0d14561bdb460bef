//! SQL on `compliance_templates`, and on the calendar.

use chrono::{DateTime, Utc};
use elder_access::{DbError, Found, Row, Scope, Source, Stored, TenantConn};
use elder_api_types::{
    compliance_framework::FrameworkName,
    compliance_report::{ComplianceReportFormat, ComplianceReportKind},
};
use elder_kernel::{Id, TenantId, collection::Selection, fold};
use sea_orm::Value;
use uuid::Uuid;

use crate::template::{ComplianceTemplate, ComplianceTemplateId, ReportPeriod};

const TEMPLATES: Source = Source {
    table: "compliance_templates",
    joins: &[],
    columns: "*",
    stored: &[("name", Stored::As("name_folded"))],
};
const FIND: &str = "select * from compliance_templates where tenant_id = $1 and id = $2";
const LOCK: &str = "select * from compliance_templates where tenant_id = $1 and id = $2 for update";
const ONE_AT_A_TIME: &str = "select pg_advisory_xact_lock(hashtext('elder.compliance_templates'), $1)::text";
const COUNT: &str = "select count(*) from compliance_templates where tenant_id = $1";
const INSERT: &str = "
    insert into compliance_templates (tenant_id, id, name, name_folded, kind, framework, organization_id, user_id, period,
        format, created_at, created_by, updated_at)
    values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $11)";
const UPDATE: &str = "
    update compliance_templates set name = $3, name_folded = $4, period = $5, format = $6, version = $7, updated_at = $8
    where tenant_id = $1 and id = $2";
const DELETE: &str = "delete from compliance_templates where tenant_id = $1 and id = $2";
/// The last whole day, week and so on, by the clocks of a zone.
const PERIOD: &str = "
    select (ends - lasts) at time zone $2::text as since, ends at time zone $2::text as until
    from (
        select date_trunc(unit, $3::timestamptz at time zone $2::text) as ends, lasts
        from (values
            ('last_day', 'day', interval '1 day'), ('last_week', 'week', interval '1 week'),
            ('last_month', 'month', interval '1 month'), ('last_quarter', 'quarter', interval '3 months'),
            ('last_year', 'year', interval '1 year')
        ) periods (name, unit, lasts)
        where name = $1
    ) period";

pub(super) async fn list(
    conn: &TenantConn,
    tenant: TenantId,
    selection: &Selection,
) -> Result<Found<ComplianceTemplate>, DbError> {
    conn.list(&TEMPLATES, &Scope::of("tenant_id = $1", [tenant.into()]), selection, shown).await
}

pub(super) async fn find(
    conn: &TenantConn,
    tenant: TenantId,
    id: ComplianceTemplateId,
) -> Result<Option<ComplianceTemplate>, DbError> {
    conn.raw_row(FIND, [tenant.into(), id.into()]).await?.as_ref().map(shown).transpose()
}

pub(super) async fn lock(
    conn: &TenantConn,
    tenant: TenantId,
    id: ComplianceTemplateId,
) -> Result<Option<ComplianceTemplate>, DbError> {
    conn.raw_row(LOCK, [tenant.into(), id.into()]).await?.as_ref().map(shown).transpose()
}

/// How many there are. Until the transaction ends, no other adds one.
pub(super) async fn count(conn: &TenantConn, tenant: TenantId) -> Result<i64, DbError> {
    conn.raw_row(ONE_AT_A_TIME, [tenant.into()]).await?;
    conn.raw_row(COUNT, [tenant.into()]).await?.map_or(Ok(0), |row| row.get("count"))
}

pub(super) async fn insert(
    conn: &TenantConn,
    tenant: TenantId,
    template: &ComplianceTemplate,
) -> Result<u64, DbError> {
    let values: [Value; 12] = [
        tenant.into(),
        template.id.into(),
        template.name.as_str().into(),
        fold(&template.name).into(),
        template.kind.name().into(),
        Value::String(template.framework.map(|framework| framework.name().to_owned())),
        Value::Uuid(template.organization_id.map(Id::uuid)),
        Value::Uuid(template.user_id.map(Id::uuid)),
        template.period.name().into(),
        template.format.name().into(),
        template.created_at.into(),
        Value::Uuid(template.created_by.map(Id::uuid)),
    ];
    conn.run(INSERT, values).await
}

pub(super) async fn update(
    conn: &TenantConn,
    tenant: TenantId,
    template: &ComplianceTemplate,
) -> Result<u64, DbError> {
    let values: [Value; 8] = [
        tenant.into(),
        template.id.into(),
        template.name.as_str().into(),
        fold(&template.name).into(),
        template.period.name().into(),
        template.format.name().into(),
        template.version.into(),
        template.updated_at.into(),
    ];
    conn.run(UPDATE, values).await
}

pub(super) async fn delete(
    conn: &TenantConn,
    tenant: TenantId,
    id: ComplianceTemplateId,
) -> Result<u64, DbError> {
    conn.run(DELETE, [tenant.into(), id.into()]).await
}

pub(super) async fn period(
    conn: &TenantConn,
    period: ReportPeriod,
    zone: &str,
    now: DateTime<Utc>,
) -> Result<(DateTime<Utc>, DateTime<Utc>), DbError> {
    let row = conn.raw_row(PERIOD, [period.name().into(), zone.into(), now.into()]).await?;
    row.map_or(Ok((now, now)), |row| Ok((row.get("since")?, row.get("until")?)))
}

fn shown(row: &Row) -> Result<ComplianceTemplate, DbError> {
    let word = |column: &str| row.get::<String>(column);
    let (kind, period, format) = (word("kind")?, word("period")?, word("format")?);
    let framework: Option<String> = row.get("framework")?;
    let unknown = |word: &str| DbError::defect(Unknown(word.to_owned()));
    Ok(ComplianceTemplate {
        id: Id::from_uuid(row.get("id")?),
        name: row.get("name")?,
        kind: ComplianceReportKind::named(&kind).ok_or_else(|| unknown(&kind))?,
        framework: framework.as_deref().and_then(FrameworkName::named),
        organization_id: row.get::<Option<Uuid>>("organization_id")?.map(Id::from_uuid),
        user_id: row.get::<Option<Uuid>>("user_id")?.map(Id::from_uuid),
        period: ReportPeriod::named(&period).ok_or_else(|| unknown(&period))?,
        format: ComplianceReportFormat::named(&format).ok_or_else(|| unknown(&format))?,
        version: row.get("version")?,
        created_at: row.get("created_at")?,
        created_by: row.get::<Option<Uuid>>("created_by")?.map(Id::from_uuid),
        updated_at: row.get("updated_at")?,
    })
}

/// Nothing else writes there.
#[derive(Debug, thiserror::Error)]
#[error("`{0}` is no word of a template")]
struct Unknown(String);
