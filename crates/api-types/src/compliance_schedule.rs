//! Schedules of reports: when they are made by themselves, and who is told.

use chrono::{DateTime, Utc};
use elder_kernel::Secret;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::{
    ids::{ComplianceReportId, ComplianceScheduleId, ComplianceTemplateId, UserId},
    name::Name,
    regional::TimeZone,
};

words! {
    /// How often.
    ReportFrequency {
        /// Each day.
        Daily = "daily",
        /// Each week, on Monday unless `day` says otherwise.
        Weekly = "weekly",
        /// Each month, on its first day unless `day` says otherwise.
        Monthly = "monthly",
    }
}

/// How those are told for whom reports are made. The report itself is fetched with a right to it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(tag = "kind", rename_all = "snake_case", deny_unknown_fields)]
pub enum ReportDelivery {
    /// A mail with a link.
    Mail {
        /// To these users, while they are active.
        #[schema(min_items = 1, max_items = 20)]
        recipients: Vec<UserId>,
    },
    /// POST of JSON, signed by the rules of Standard Webhooks.
    Webhook {
        /// The URL.
        #[schema(max_length = 2048, example = "https://grc.example.com/elder")]
        url: String,
    },
}

/// When reports are made by themselves.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ComplianceSchedule {
    /// Its id.
    pub id: ComplianceScheduleId,
    /// Its name.
    #[schema(example = "Monthly access review")]
    pub name: String,
    /// What is made.
    pub template_id: ComplianceTemplateId,
    /// How often.
    pub frequency: ReportFrequency,
    /// Of `weekly`, the day of the week from 1 for Monday; of `monthly`, the day of the month, or its last if it has fewer.
    #[schema(required, minimum = 1, maximum = 31)]
    pub day: Option<i32>,
    /// At which hour.
    #[schema(minimum = 0, maximum = 23)]
    pub hour: i32,
    /// In which time zone.
    pub time_zone: TimeZone,
    /// How those are told for whom it is. A secret is never shown.
    pub delivery: ReportDelivery,
    /// Whether reports are made.
    pub is_active: bool,
    /// By whose right: who set it up, or has set it going last.
    #[schema(required)]
    pub owner_id: Option<UserId>,
    /// When the next one is made.
    pub next_run_at: DateTime<Utc>,
    /// When the last one was.
    #[schema(required)]
    pub last_run_at: Option<DateTime<Utc>>,
    /// The last one.
    #[schema(required)]
    pub last_report_id: Option<ComplianceReportId>,
    /// Why the last one was not made, or nobody could be told; null if all went well.
    #[schema(required)]
    pub last_error: Option<String>,
    /// Grows with every change by people.
    pub version: i64,
    /// When it was set up.
    pub created_at: DateTime<Utc>,
    /// When it last changed.
    pub updated_at: DateTime<Utc>,
}

/// A schedule to be set up.
#[derive(Debug, Deserialize, garde::Validate, ToSchema)]
#[cfg_attr(feature = "client", derive(Serialize))]
#[serde(deny_unknown_fields)]
pub struct NewComplianceSchedule {
    /// Its name, unique in the tenant whatever the letter case.
    #[garde(skip)]
    pub name: Name<120>,
    /// What is made.
    #[garde(skip)]
    pub template_id: ComplianceTemplateId,
    /// How often.
    #[garde(skip)]
    pub frequency: ReportFrequency,
    /// Of `weekly`, the day of the week from 1 for Monday; of `monthly`, the day of the month, or its last if it has fewer.
    #[garde(range(min = 1, max = 31))]
    #[schema(minimum = 1, maximum = 31)]
    #[serde(default)]
    #[cfg_attr(feature = "client", serde(skip_serializing_if = "Option::is_none"))]
    pub day: Option<i32>,
    /// At which hour.
    #[garde(range(min = 0, max = 23))]
    #[schema(minimum = 0, maximum = 23)]
    pub hour: i32,
    /// In which time zone.
    #[garde(skip)]
    pub time_zone: TimeZone,
    /// How those are told for whom it is.
    #[garde(skip)]
    pub delivery: ReportDelivery,
    /// Of a webhook, what it is signed with: `whsec_` and the base64 of 24 to 64 bytes.
    #[garde(skip)]
    #[schema(value_type = Option<String>, format = "password", write_only, max_length = 2048)]
    #[cfg_attr(feature = "client", serde(serialize_with = "crate::secret::exposed_if_there"))]
    pub secret: Option<Secret<String>>,
}

/// A merge patch of a schedule (RFC 7396).
#[derive(Debug, Default, Deserialize, garde::Validate, ToSchema)]
#[cfg_attr(feature = "client", derive(Serialize))]
#[serde(deny_unknown_fields)]
pub struct ComplianceSchedulePatch {
    /// Another name.
    #[garde(skip)]
    #[cfg_attr(feature = "client", serde(skip_serializing_if = "Option::is_none"))]
    pub name: Option<Name<120>>,
    /// Another hour.
    #[garde(range(min = 0, max = 23))]
    #[schema(minimum = 0, maximum = 23)]
    #[cfg_attr(feature = "client", serde(skip_serializing_if = "Option::is_none"))]
    pub hour: Option<i32>,
    /// Another time zone.
    #[garde(skip)]
    #[cfg_attr(feature = "client", serde(skip_serializing_if = "Option::is_none"))]
    pub time_zone: Option<TimeZone>,
    /// Whether reports are made. Who says `true` becomes the owner.
    #[garde(skip)]
    #[cfg_attr(feature = "client", serde(skip_serializing_if = "Option::is_none"))]
    pub is_active: Option<bool>,
}
