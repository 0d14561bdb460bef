//! Frameworks: which of their controls rest on what Elder does, and whether that is there now.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

words! {
    /// A framework that auditors go by.
    FrameworkName {
        /// SOC 2: the Trust Services Criteria of the AICPA.
        Soc2 = "soc2",
        /// ISO/IEC 27001:2022, Annex A.
        Iso27001 = "iso27001",
        /// The Security Rule of HIPAA (45 CFR Part 164, Subpart C).
        Hipaa = "hipaa",
        /// The General Data Protection Regulation (EU) 2016/679.
        Gdpr = "gdpr",
    }
}

words! {
    /// Whether something is there.
    EvidenceState {
        /// All of it.
        Met = "met",
        /// A part of it.
        Partly = "partly",
        /// Nothing of it.
        NotMet = "not_met",
    }
}

/// A framework, and how its controls stand at this moment.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ComplianceFramework {
    /// Its name in the API.
    pub id: FrameworkName,
    /// Its name.
    #[schema(example = "SOC 2")]
    pub name: String,
    /// The edition that the ids of controls are of.
    pub edition: String,
    /// How many of its controls are looked at here. A framework has more: what Elder has no part in is left out.
    #[schema(minimum = 0)]
    pub controls: u32,
    /// Of them: whose evidence is all there.
    #[schema(minimum = 0)]
    pub met: u32,
    /// Of whose evidence a part is there.
    #[schema(minimum = 0)]
    pub partly: u32,
    /// Of whose evidence nothing is there.
    #[schema(minimum = 0)]
    pub not_met: u32,
}

/// The controls of a framework that rest on what Elder does.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ComplianceControls {
    /// The framework.
    pub framework: ComplianceFramework,
    /// When that was measured: now.
    pub measured_at: DateTime<Utc>,
    /// The controls, in the framework's order.
    pub controls: Vec<ComplianceControl>,
}

/// A control, and what it rests on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ComplianceControl {
    /// The framework's own id of it.
    #[schema(example = "CC6.1")]
    pub id: String,
    /// What it is about, in words of Elder's own: the framework's text is what counts.
    pub title: String,
    /// Whether its evidence is there. That does not say that the control is fulfilled: people and paper belong to it too.
    pub state: EvidenceState,
    /// What was looked at.
    pub evidence: Vec<ComplianceEvidence>,
}

/// Something that was measured.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ComplianceEvidence {
    /// The name of the check; the same in every framework.
    #[schema(example = "second_factor_required")]
    pub check: String,
    /// What it looks at.
    pub title: String,
    /// Whether it is there.
    pub state: EvidenceState,
    /// What was found.
    #[schema(example = "A second factor is demanded of admins; 3 of 12 active people have one.")]
    pub found: String,
    /// How it was measured.
    pub measured_by: String,
    /// The route of the API that shows it.
    #[schema(example = "/api/v2/tenant/settings")]
    pub link: String,
}
