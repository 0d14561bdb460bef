//! Measures what controls rest on, now.

mod repository;

use elder_access::{DbError, Found, TenantTx, markers::ComplianceRead};
use elder_audit::event::ReadsLog;
use elder_kernel::collection::Selection;
use serde_json::{Map, Value, json};

use super::{
    ComplianceControl, ComplianceControls, ComplianceEvidence, ComplianceFramework, EvidenceState,
    FrameworkName,
    catalogue::{self, Control},
    measure::{Facts, measure},
};
use crate::Error;

/// The frameworks, each as it stands now. They are few, and in no table.
pub(super) async fn list(
    tx: &TenantTx<ComplianceRead>,
    selection: &Selection,
) -> Result<Found<ComplianceFramework>, Error> {
    let facts = repository::facts(tx).await?;
    let all = FrameworkName::ALL.iter().map(|name| summed(*name, &controls(*name, &facts))).collect();
    Ok(Found::in_memory(selection, all, shown))
}

fn shown(framework: &ComplianceFramework) -> Map<String, Value> {
    match json!(framework) {
        Value::Object(shown) => shown,
        _ => Map::new(),
    }
}

/// The controls of a framework, as they stand now.
///
/// # Errors
/// [`DbError`].
pub(crate) async fn measured<A: ReadsLog>(
    tx: &TenantTx<A>,
    name: FrameworkName,
) -> Result<ComplianceControls, DbError> {
    let controls = controls(name, &repository::facts(tx).await?);
    Ok(ComplianceControls { framework: summed(name, &controls), measured_at: tx.seam().now(), controls })
}

fn controls(name: FrameworkName, facts: &Facts) -> Vec<ComplianceControl> {
    catalogue::of(name).controls.iter().map(|control| stands(control, facts)).collect()
}

fn stands(control: &Control, facts: &Facts) -> ComplianceControl {
    let evidence: Vec<_> = control
        .checks
        .iter()
        .map(|check| {
            let (state, found) = measure(*check, facts);
            ComplianceEvidence {
                check: check.name().to_owned(),
                title: check.title().to_owned(),
                state,
                found,
                measured_by: check.measured_by().to_owned(),
                link: check.link().to_owned(),
            }
        })
        .collect();
    let are = |state| evidence.iter().all(|evidence: &ComplianceEvidence| evidence.state == state);
    let state = if are(EvidenceState::Met) {
        EvidenceState::Met
    } else if are(EvidenceState::NotMet) {
        EvidenceState::NotMet
    } else {
        EvidenceState::Partly
    };
    ComplianceControl { id: control.id.to_owned(), title: control.title.to_owned(), state, evidence }
}

fn summed(name: FrameworkName, controls: &[ComplianceControl]) -> ComplianceFramework {
    let number = |count: usize| u32::try_from(count).unwrap_or(u32::MAX);
    let count = |state| number(controls.iter().filter(|control| control.state == state).count());
    let framework = catalogue::of(name);
    ComplianceFramework {
        id: name,
        name: framework.name.to_owned(),
        edition: framework.edition.to_owned(),
        controls: number(controls.len()),
        met: count(EvidenceState::Met),
        partly: count(EvidenceState::Partly),
        not_met: count(EvidenceState::NotMet),
    }
}
