//! What stands on the cover of a report: of whom, of when, for whom, and what ties it to the log.

use elder_api_types::TenantId;
use elder_audit::{file::Begun, note::Checkpoint};

use crate::{
    framework,
    paper::Cover,
    report::{
        ComplianceReport, ComplianceReportKind,
        rows::{moment, sections},
        title,
    },
};

/// What the whole tenant is called on a cover.
pub(super) const WHOLE: &str = "the whole tenant";

pub(super) fn of(tenant: TenantId, report: &ComplianceReport, begun: &Begun, scope: String) -> Cover {
    let requester = match (&begun.requester, report.created_by) {
        (Some(email), Some(id)) => format!("{email} ({id})"),
        (None, Some(id)) => id.to_string(),
        (_, None) => "a program".to_owned(),
    };
    let requester = match report.schedule_id {
        Some(schedule) => format!("{requester}, by the schedule {schedule}"),
        None => requester,
    };
    let name = match report.framework {
        Some(name) => format!("{}: {}", title(report.kind), framework::of(name).name),
        None => title(report.kind).to_owned(),
    };
    let mut facts = vec![
        ("report", "Report", name.clone()),
        ("tenant", "Tenant", format!("{} ({})", begun.tenant_name, begun.tenant_slug)),
        ("tenant_id", "Tenant's number", tenant.to_string()),
        ("scope", "About", scope),
    ];
    if report.kind == ComplianceReportKind::Controls {
        facts.push(("measured_at", "Measured", moment(report.created_at)));
    } else {
        facts.push(("period", "Period", format!("{} to {}", moment(report.from), moment(report.to))));
    }
    facts.extend([
        ("made_by", "Asked for by", requester),
        ("made_at", "Asked for at", moment(report.created_at)),
        ("id", "Number of the report", report.id.to_string()),
    ]);
    facts.extend(proof(report));
    Cover {
        foot: format!("{name} · {} · {}", begun.tenant_name, report.id),
        title: name,
        facts,
        notes: notes(report.kind),
        sections: sections(report.kind),
    }
}

/// What names the state of the log: whoever has the log or a copy of its checkpoints can compare.
fn proof(report: &ComplianceReport) -> Vec<(&'static str, &'static str, String)> {
    let signed: Option<Checkpoint> = report.checkpoint.as_ref().and_then(|note| note.parse().ok());
    let Some(signed) = signed else {
        return vec![("log", "Audit log", "nothing was sealed".to_owned())];
    };
    vec![
        ("log", "Audit log", signed.origin.clone()),
        ("log_size", "Size of the log", format!("{} events", signed.size)),
        ("log_root", "Root of the log", signed.root.to_string()),
    ]
}

fn notes(kind: ComplianceReportKind) -> Vec<String> {
    const LOG: &str = "Each event has its place in the audit log whose size and root stand above, and was under a signed \
        checkpoint when this was made. The proof of one (GET /api/v2/audit/events/{event_id}/proof) leads to that root, and an \
        export with proofs verifies all of them offline: `elder audit verify --export`. What was committed in the last second \
        before may be missing.";
    const NOW: &str = "What is said of the present was read from the configuration when this was made. It is not in the log, \
        and the log does not prove it.";
    const GONE: &str = "Events that retention had taken out before are not in it; the log says which went.";
    const LIMITS: &str = "A proof shows that an event is as Elder wrote it. It does not show that what it says is true, nor \
        that everything was written down.";
    let notes: &[&str] = match kind {
        ComplianceReportKind::Controls => &[
            NOW,
            "That evidence is there does not say that a control is fulfilled: people and paper belong to it too.",
        ],
        ComplianceReportKind::UserAccess | ComplianceReportKind::IntegrationActivity => {
            &[LOG, NOW, GONE, LIMITS]
        }
        _ => &[LOG, GONE, LIMITS],
    };
    notes.iter().map(|note| (*note).to_owned()).collect()
}
