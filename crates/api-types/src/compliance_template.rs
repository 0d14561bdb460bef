//! Templates of reports: what one is to tell of, under a name.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::{
    compliance_framework::FrameworkName,
    compliance_report::{ComplianceReportFormat, ComplianceReportKind, alone, fits},
    ids::{ComplianceTemplateId, OrganizationId, UserId},
    name::Name,
};

words! {
    /// A time by the calendar that ended before a report was asked for.
    ReportPeriod {
        /// The day before.
        LastDay = "last_day",
        /// The week before, from Monday on.
        LastWeek = "last_week",
        /// The month before.
        LastMonth = "last_month",
        /// The quarter before.
        LastQuarter = "last_quarter",
        /// The year before.
        LastYear = "last_year",
    }
}

/// What a report is to be, under a name.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ComplianceTemplate {
    /// Its id.
    pub id: ComplianceTemplateId,
    /// Its name.
    #[schema(example = "Access of the sales department")]
    pub name: String,
    /// What its reports tell of.
    pub kind: ComplianceReportKind,
    /// Of `controls`, the framework.
    #[schema(required)]
    pub framework: Option<FrameworkName>,
    /// The organization that they are about, with those below it.
    #[schema(required)]
    pub organization_id: Option<OrganizationId>,
    /// The user that they are about.
    #[schema(required)]
    pub user_id: Option<UserId>,
    /// The time that they cover.
    pub period: ReportPeriod,
    /// Their form.
    pub format: ComplianceReportFormat,
    /// Grows with every change.
    pub version: i64,
    /// When it was made.
    pub created_at: DateTime<Utc>,
    /// Who made it; null if that was no person.
    #[schema(required)]
    pub created_by: Option<UserId>,
    /// When it last changed.
    pub updated_at: DateTime<Utc>,
}

/// A template to be made.
#[derive(Debug, Clone, Serialize, Deserialize, garde::Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewComplianceTemplate {
    /// Its name, unique in the tenant whatever the letter case.
    #[garde(skip)]
    pub name: Name<120>,
    /// What its reports are to tell of.
    #[garde(skip)]
    pub kind: ComplianceReportKind,
    /// The framework: for `controls`, and for no other.
    #[garde(custom(fits(self.kind)))]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub framework: Option<FrameworkName>,
    /// The organization that they are to be about, with those below it.
    #[garde(custom(alone(self.user_id, self.kind)))]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub organization_id: Option<OrganizationId>,
    /// The user that they are to be about.
    #[garde(skip)]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub user_id: Option<UserId>,
    /// The time that they cover.
    #[garde(skip)]
    pub period: ReportPeriod,
    /// Their form.
    #[garde(skip)]
    pub format: ComplianceReportFormat,
}

/// A merge patch of a template (RFC 7396). What its reports tell of, and about whom, stays: that is another template.
#[derive(Debug, Clone, Default, Serialize, Deserialize, garde::Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ComplianceTemplatePatch {
    /// Another name.
    #[garde(skip)]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<Name<120>>,
    /// Another time.
    #[garde(skip)]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub period: Option<ReportPeriod>,
    /// Another form.
    #[garde(skip)]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub format: Option<ComplianceReportFormat>,
}
