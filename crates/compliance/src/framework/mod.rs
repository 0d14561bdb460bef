//! Frameworks: which of their controls rest on what Elder does, and whether that is there now.

mod catalogue;
mod check;
mod measure;
pub(crate) mod routes;
mod service;

use elder_kernel::collection::{Collection, Field};

pub(crate) use catalogue::of;
pub use elder_api_types::compliance_framework::{
    ComplianceControl, ComplianceControls, ComplianceEvidence, ComplianceFramework, EvidenceState,
    FrameworkName,
};
pub(crate) use service::measured;

/// The frameworks, as they are listed.
#[derive(Debug)]
pub(crate) enum Frameworks {}

impl Collection for Frameworks {
    const NAME: &'static str = "compliance_frameworks";
    const FIELDS: &'static [Field] = &[
        Field::text("id").sortable(),
        Field::text("name").sortable(),
        Field::text("edition"),
        Field::integer("controls"),
        Field::integer("met"),
        Field::integer("partly"),
        Field::integer("not_met"),
    ];
}
