//! Reports: files for auditors, made of the audit log and of who has what now.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::{
    compliance_framework::FrameworkName,
    ids::{ComplianceReportId, ComplianceScheduleId, OrganizationId, UserId},
};

words! {
    /// What a report tells of.
    ComplianceReportKind {
        /// Who has an account now, with which roles and from where they come, and what changed of that in the time.
        UserAccess = "user_access",
        /// How roles, grants, entitlements and the rights of programs changed.
        PermissionChanges = "permission_changes",
        /// Who has read what is marked as sensitive.
        DataAccess = "data_access",
        /// Sign-ins that failed, and what that led to.
        FailedAuthentication = "failed_authentication",
        /// What admins and operators did.
        AdminActions = "admin_actions",
        /// Directories, keys, identity providers and streams: which there are, and what they did.
        IntegrationActivity = "integration_activity",
        /// The controls of a framework, and what they rest on at this moment.
        Controls = "controls",
    }
}

words! {
    /// The form of a report.
    ComplianceReportFormat {
        /// Pages for people, of at most 10,000 rows.
        Pdf = "pdf",
        /// One table (RFC 4180) whose first column says what a row is of. A cell that a spreadsheet would take for a formula
        /// begins with an apostrophe.
        Csv = "csv",
        /// One JSON object.
        Json = "json",
    }
}

words! {
    /// How far a report is.
    ComplianceReportState {
        /// It waits to be written.
        Queued = "queued",
        /// It is being written.
        Running = "running",
        /// It can be downloaded.
        Completed = "completed",
        /// It was given up; `error` says why.
        Failed = "failed",
    }
}

/// A report for auditors.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ComplianceReport {
    /// Its id.
    pub id: ComplianceReportId,
    /// What it tells of.
    pub kind: ComplianceReportKind,
    /// Of `controls`, the framework.
    #[schema(required)]
    pub framework: Option<FrameworkName>,
    /// The organization that it is about, with those below it; null if it is not about one alone.
    #[schema(required)]
    pub organization_id: Option<OrganizationId>,
    /// The user that it is about; null if it is not about one alone.
    #[schema(required)]
    pub user_id: Option<UserId>,
    /// From when on events are in it.
    pub from: DateTime<Utc>,
    /// Events before this moment are in it.
    pub to: DateTime<Utc>,
    /// Its form.
    pub format: ComplianceReportFormat,
    /// How far it is.
    pub state: ComplianceReportState,
    /// Why it was given up.
    #[schema(required)]
    pub error: Option<String>,
    /// How much of it is written, in percent.
    #[schema(minimum = 0, maximum = 100)]
    pub progress: i32,
    /// Of how many events of the audit log it tells.
    #[schema(minimum = 0)]
    pub events: i64,
    /// How many bytes are written.
    #[schema(minimum = 0)]
    pub size: i64,
    /// The SHA-256 of the file in hexadecimal digits, once it is whole.
    #[schema(required)]
    pub sha256: Option<String>,
    /// The signed checkpoint under which all its events are: what was sealed later is not in it. Null until it is begun,
    /// and where nothing was sealed.
    #[schema(required)]
    pub checkpoint: Option<String>,
    /// The schedule by which it was made; null if it was asked for, or if the schedule is gone.
    #[schema(required)]
    pub schedule_id: Option<ComplianceScheduleId>,
    /// When it was asked for.
    pub created_at: DateTime<Utc>,
    /// Who asked for it, or owned the schedule; null if that was no person.
    #[schema(required)]
    pub created_by: Option<UserId>,
    /// When it was whole, or given up.
    #[schema(required)]
    pub completed_at: Option<DateTime<Utc>>,
    /// When it will be deleted.
    pub expires_at: DateTime<Utc>,
}

/// A report to be made. It is about an organization, a user, or, if it names neither, the whole tenant.
#[derive(Debug, Clone, Serialize, Deserialize, garde::Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewComplianceReport {
    /// What it is to tell of.
    #[garde(skip)]
    pub kind: ComplianceReportKind,
    /// The framework: for `controls`, and for no other.
    #[garde(custom(fits(self.kind)))]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub framework: Option<FrameworkName>,
    /// The organization that it is to be about, with those below it.
    #[garde(custom(alone(self.user_id, self.kind)))]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub organization_id: Option<OrganizationId>,
    /// The user that it is to be about.
    #[garde(skip)]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub user_id: Option<UserId>,
    /// From when on. Default: 90 days before `to`.
    #[garde(skip)]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from: Option<DateTime<Utc>>,
    /// Until when; this moment is not in it. Default: now.
    #[garde(skip)]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub to: Option<DateTime<Utc>>,
    /// Its form.
    #[garde(skip)]
    pub format: ComplianceReportFormat,
}

pub(crate) fn fits(kind: ComplianceReportKind) -> impl FnOnce(&Option<FrameworkName>, &()) -> garde::Result {
    move |framework, ()| {
        let good = framework.is_some() == (kind == ComplianceReportKind::Controls);
        good.then_some(())
            .ok_or_else(|| garde::Error::new("a framework goes with `controls`, and with no other kind"))
    }
}

pub(crate) fn alone(
    user: Option<UserId>,
    kind: ComplianceReportKind,
) -> impl FnOnce(&Option<OrganizationId>, &()) -> garde::Result {
    move |organization, ()| {
        let named = usize::from(user.is_some()) + usize::from(organization.is_some());
        let most = usize::from(kind != ComplianceReportKind::Controls);
        let words = "a report is about an organization or about a user; `controls` is about the whole tenant";
        (named <= most).then_some(()).ok_or_else(|| garde::Error::new(words))
    }
}
