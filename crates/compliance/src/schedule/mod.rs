//! Schedules: when reports are made by themselves, and who is told.

pub(crate) mod routes;
pub(crate) mod service;

use elder_kernel::{
    ComplianceReport, ComplianceSchedule as Kind, ComplianceTemplate, User,
    collection::{Collection, Field},
};

pub use elder_api_types::{
    ComplianceScheduleId,
    compliance_schedule::{
        ComplianceSchedule, ComplianceSchedulePatch, NewComplianceSchedule, ReportDelivery, ReportFrequency,
    },
};
pub use service::{
    running::have_reports_made,
    telling::{Told, tell_of_reports},
};

/// The schedules of a tenant, as they are listed.
#[derive(Debug)]
pub(crate) enum ComplianceSchedules {}

impl Collection for ComplianceSchedules {
    const NAME: &'static str = "compliance_schedules";
    const FIELDS: &'static [Field] = &[
        Field::id::<Kind>("id").sortable(),
        Field::folded("name").sortable(),
        Field::id::<ComplianceTemplate>("template_id"),
        Field::word("frequency", ReportFrequency::NAMES),
        Field::integer("day"),
        Field::integer("hour"),
        Field::text("time_zone"),
        Field::opaque("delivery"),
        Field::bool("is_active"),
        Field::id::<User>("owner_id"),
        Field::time("next_run_at").sortable(),
        Field::time("last_run_at"),
        Field::id::<ComplianceReport>("last_report_id"),
        Field::text("last_error"),
        Field::integer("version").unfiltered(),
        Field::time("created_at").sortable(),
        Field::time("updated_at").sortable(),
    ];
}
