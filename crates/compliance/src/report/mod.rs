//! Reports: files for auditors, written by a job and kept for a while to be downloaded.

pub(crate) mod routes;
mod rows;
pub(crate) mod service;
mod subject;

use elder_api_types::compliance_framework::FrameworkName;
use elder_kernel::{
    ComplianceReport as Kind, ComplianceSchedule, Organization, User,
    collection::{Collection, Field},
};

pub use elder_api_types::{
    ComplianceReportId,
    compliance_report::{
        ComplianceReport, ComplianceReportFormat, ComplianceReportKind, ComplianceReportState,
        NewComplianceReport,
    },
};
pub use service::{forget_reports, writing::write_report};

/// The reports of a tenant, as they are listed.
#[derive(Debug)]
pub(crate) enum ComplianceReports {}

impl Collection for ComplianceReports {
    const NAME: &'static str = "compliance_reports";
    const FIELDS: &'static [Field] = &[
        Field::id::<Kind>("id").sortable(),
        Field::word("kind", ComplianceReportKind::NAMES),
        Field::word("framework", FrameworkName::NAMES),
        Field::id::<Organization>("organization_id"),
        Field::id::<User>("user_id"),
        Field::time("from"),
        Field::time("to"),
        Field::word("format", ComplianceReportFormat::NAMES),
        Field::word("state", ComplianceReportState::NAMES),
        Field::text("error"),
        Field::integer("progress"),
        Field::integer("events"),
        Field::integer("size"),
        Field::text("sha256"),
        Field::opaque("checkpoint"),
        Field::id::<ComplianceSchedule>("schedule_id"),
        Field::time("created_at").sortable(),
        Field::id::<User>("created_by"),
        Field::time("completed_at"),
        Field::time("expires_at"),
    ];
}

/// What a kind of report is called.
pub(crate) const fn title(kind: ComplianceReportKind) -> &'static str {
    match kind {
        ComplianceReportKind::UserAccess => "User access",
        ComplianceReportKind::PermissionChanges => "Permission changes",
        ComplianceReportKind::DataAccess => "Access to sensitive data",
        ComplianceReportKind::FailedAuthentication => "Failed authentication",
        ComplianceReportKind::AdminActions => "Actions of admins",
        ComplianceReportKind::IntegrationActivity => "Activity of integrations",
        ComplianceReportKind::Controls => "Controls",
    }
}
