//! Templates: what a report is to tell of, under a name.

pub(crate) mod routes;
pub(crate) mod service;

use elder_api_types::{
    compliance_framework::FrameworkName,
    compliance_report::{ComplianceReportFormat, ComplianceReportKind},
};
use elder_kernel::{
    ComplianceTemplate as Kind, Organization, User,
    collection::{Collection, Field},
};

pub use elder_api_types::{
    ComplianceTemplateId,
    compliance_template::{ComplianceTemplate, ComplianceTemplatePatch, NewComplianceTemplate, ReportPeriod},
};

/// The templates of a tenant, as they are listed.
#[derive(Debug)]
pub(crate) enum ComplianceTemplates {}

impl Collection for ComplianceTemplates {
    const NAME: &'static str = "compliance_templates";
    const FIELDS: &'static [Field] = &[
        Field::id::<Kind>("id").sortable(),
        Field::folded("name").sortable(),
        Field::word("kind", ComplianceReportKind::NAMES),
        Field::word("framework", FrameworkName::NAMES),
        Field::id::<Organization>("organization_id"),
        Field::id::<User>("user_id"),
        Field::word("period", ReportPeriod::NAMES),
        Field::word("format", ComplianceReportFormat::NAMES),
        Field::integer("version").unfiltered(),
        Field::time("created_at").sortable(),
        Field::id::<User>("created_by"),
        Field::time("updated_at").sortable(),
    ];
}
