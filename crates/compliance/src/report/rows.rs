//! The sections of reports: which columns they have, and what stands in them.

use std::collections::HashMap;

use chrono::{DateTime, SecondsFormat, Utc};
use elder_api_types::{
    audit::AuditEvent,
    compliance_framework::{ComplianceControl, EvidenceState},
};
use elder_audit::file::details;
use elder_kernel::{Id, User};
use serde_json::{Value, json};
use uuid::Uuid;

use super::ComplianceReportKind;
use crate::paper::{Cells, Column, Section};

const fn column(key: &'static str, title: &'static str, width: f32) -> Column {
    Column { key, title, width }
}

const EVENT: &[Column] = &[
    column("seq", "Place", 34.0),
    column("timestamp", "Time (UTC)", 84.0),
    column("actor", "Who", 114.0),
    column("actor_id", "", 0.0),
    column("action", "Action", 110.0),
    column("subject", "To what", 128.0),
    column("subject_id", "", 0.0),
    column("organization_id", "", 0.0),
    column("outcome", "Outcome", 46.0),
    column("address", "From", 66.0),
    column("details", "Details", 187.0),
    column("event_id", "", 0.0),
];

macro_rules! events {
    ($name:ident, $title:literal, $note:literal, $empty:literal) => {
        static $name: Section =
            Section { key: "events", title: $title, note: $note, empty: $empty, columns: EVENT };
    };
}

events!(
    CHANGES,
    "What changed in the time",
    "Accounts, roles, second factors and the rights of programs, as the audit log has them.",
    "Nothing changed in this time."
);
events!(
    RIGHTS,
    "Changes of rights",
    "Roles, grants, memberships, entitlements, invitations, and the rights of programs.",
    "No right changed in this time."
);
events!(
    READS,
    "Access to what is sensitive",
    "Exports, reports and archives that were asked for or downloaded. Single reads by the API are events of the category api_access, and not here.",
    "Nobody has read what is marked as sensitive in this time."
);
events!(
    FAILURES,
    "Failed authentication",
    "Refused sign-ins and proofs, codes and tokens that were used twice, and accounts that were locked for it.",
    "Nothing failed in this time."
);
events!(
    ADMIN,
    "Actions of admins and operators",
    "Configuration, rights, accounts and organizations, and what was done in another's name.",
    "No admin has changed anything in this time."
);
events!(
    INTEGRATION,
    "What integrations did, and what was done to them",
    "What directories pushed, and every change of keys, service accounts, applications, identity providers and streams.",
    "Nothing happened in this time."
);

static PEOPLE: Section = Section {
    key: "people",
    title: "Who has what now",
    note: "Every account, as it is at the moment of this report and not as it was in the time. A role says where it holds, and \
        by whose word: a person's, a directory's, or an identity provider's.",
    empty: "There are no accounts.",
    columns: &[
        column("user_id", "", 0.0),
        column("email", "Account", 130.0),
        column("name", "Name", 95.0),
        column("state", "State", 40.0),
        column("roles", "Roles", 150.0),
        column("entitlements", "Entitlements", 75.0),
        column("sources", "Comes from", 76.0),
        column("factors", "Second factors", 50.0),
        column("api_keys", "Keys", 28.0),
        column("last_sign_in", "Last sign-in (UTC)", 88.0),
        column("created", "Since (UTC)", 88.0),
    ],
};

static INTEGRATIONS: Section = Section {
    key: "integrations",
    title: "Which there are now",
    note: "As they are at the moment of this report. Keys and tokens that have ended stay in the list until they are deleted.",
    empty: "There are no integrations.",
    columns: &[
        column("kind", "Kind", 80.0),
        column("id", "", 0.0),
        column("name", "Name", 150.0),
        column("belongs_to", "Belongs to", 170.0),
        column("state", "State", 70.0),
        column("created", "Since (UTC)", 90.0),
        column("last_used", "Last used (UTC)", 90.0),
        column("ends", "Ends (UTC)", 90.0),
    ],
};

static CONTROLS: Section = Section {
    key: "controls",
    title: "Controls",
    note: "The titles are words of Elder's own: the framework's text is what counts. What is found here was measured at the moment of this report.",
    empty: "No control of this framework is looked at.",
    columns: &[
        column("control", "Control", 56.0),
        column("title", "About", 150.0),
        column("control_state", "State", 46.0),
        column("evidence", "Evidence", 130.0),
        column("state", "There", 46.0),
        column("found", "Found", 190.0),
        column("measured_by", "Measured by", 140.0),
        column("link", "", 0.0),
    ],
};

/// The sections of a kind of report, in their order.
pub(super) fn sections(kind: ComplianceReportKind) -> &'static [&'static Section] {
    static USER_ACCESS: [&Section; 2] = [&PEOPLE, &CHANGES];
    static PERMISSION_CHANGES: [&Section; 1] = [&RIGHTS];
    static DATA_ACCESS: [&Section; 1] = [&READS];
    static FAILED_AUTHENTICATION: [&Section; 1] = [&FAILURES];
    static ADMIN_ACTIONS: [&Section; 1] = [&ADMIN];
    static INTEGRATION_ACTIVITY: [&Section; 2] = [&INTEGRATIONS, &INTEGRATION];
    static OF_CONTROLS: [&Section; 1] = [&CONTROLS];
    match kind {
        ComplianceReportKind::UserAccess => &USER_ACCESS,
        ComplianceReportKind::PermissionChanges => &PERMISSION_CHANGES,
        ComplianceReportKind::DataAccess => &DATA_ACCESS,
        ComplianceReportKind::FailedAuthentication => &FAILED_AUTHENTICATION,
        ComplianceReportKind::AdminActions => &ADMIN_ACTIONS,
        ComplianceReportKind::IntegrationActivity => &INTEGRATION_ACTIVITY,
        ComplianceReportKind::Controls => &OF_CONTROLS,
    }
}

/// The addresses of people, by their accounts.
pub(super) type Names = HashMap<Uuid, String>;

/// The people of whom an event tells.
pub(super) fn people_in(event: &AuditEvent) -> impl Iterator<Item = Uuid> {
    let subject = event.resource_id.as_deref().and_then(|id| id.parse::<Id<User>>().ok());
    [event.actor_user_id, event.impersonator_id, subject].into_iter().flatten().map(Id::uuid)
}

/// The row of an event.
pub(super) fn event_row(seq: u64, event: &AuditEvent, names: &Names) -> Cells {
    let named = |id: Id<User>| names.get(&id.uuid()).cloned().unwrap_or_else(|| id.to_string());
    let actor = match (event.actor_user_id, event.actor_key_id) {
        (Some(user), Some(key)) => format!("{} by key {key}", named(user)),
        (Some(user), None) => named(user),
        (None, Some(key)) => format!("{} {key}", event.actor_type),
        (None, None) => event.actor_type.clone(),
    };
    let actor = match event.impersonator_id {
        Some(impersonator) => format!("{actor}, in whose name {} acted", named(impersonator)),
        None => actor,
    };
    let subject = event.resource_id.as_deref().map(|id| match id.parse::<Id<User>>() {
        Ok(user) => format!("{} {}", event.resource_type, named(user)),
        Err(_) => format!("{} {id}", event.resource_type),
    });
    vec![
        seq.into(),
        moment(event.timestamp).into(),
        actor.into(),
        json!(event.actor_user_id),
        event.action.clone().into(),
        subject.unwrap_or_else(|| event.resource_type.clone()).into(),
        json!(event.resource_id),
        json!(event.organization_id),
        event.outcome.clone().into(),
        json!(event.actor_ip),
        details(event).into(),
        event.id.to_string().into(),
    ]
}

/// Somebody, and what they have.
pub(super) struct Person {
    pub(super) id: Id<User>,
    pub(super) email: String,
    pub(super) name: String,
    pub(super) is_active: bool,
    pub(super) roles: Vec<String>,
    pub(super) entitlements: Vec<String>,
    pub(super) sources: Vec<String>,
    pub(super) factors: Vec<String>,
    pub(super) api_keys: i64,
    pub(super) last_sign_in: Option<DateTime<Utc>>,
    pub(super) created: DateTime<Utc>,
}

pub(super) fn person_row(person: Person) -> Cells {
    vec![
        person.id.to_string().into(),
        person.email.into(),
        person.name.into(),
        if person.is_active { "active" } else { "inactive" }.into(),
        person.roles.into(),
        person.entitlements.into(),
        person.sources.into(),
        person.factors.into(),
        person.api_keys.into(),
        time(person.last_sign_in),
        moment(person.created).into(),
    ]
}

/// Something that connects the tenant with another system.
pub(super) struct Integration {
    pub(super) kind: String,
    pub(super) id: String,
    pub(super) name: String,
    pub(super) belongs_to: Option<String>,
    pub(super) state: String,
    pub(super) created: DateTime<Utc>,
    pub(super) last_used: Option<DateTime<Utc>>,
    pub(super) ends: Option<DateTime<Utc>>,
}

pub(super) fn integration_row(found: Integration) -> Cells {
    vec![
        found.kind.into(),
        found.id.into(),
        found.name.into(),
        json!(found.belongs_to),
        found.state.into(),
        moment(found.created).into(),
        time(found.last_used),
        time(found.ends),
    ]
}

/// The rows of a control: one for each thing that it rests on.
pub(super) fn control_rows(control: &ComplianceControl) -> impl Iterator<Item = Cells> {
    control.evidence.iter().map(|evidence| {
        vec![
            control.id.clone().into(),
            control.title.clone().into(),
            state(control.state).into(),
            evidence.title.clone().into(),
            state(evidence.state).into(),
            evidence.found.clone().into(),
            evidence.measured_by.clone().into(),
            evidence.link.clone().into(),
        ]
    })
}

const fn state(state: EvidenceState) -> &'static str {
    match state {
        EvidenceState::Met => "met",
        EvidenceState::Partly => "partly",
        EvidenceState::NotMet => "not met",
    }
}

/// A moment as reports have it.
pub(super) fn moment(at: DateTime<Utc>) -> String {
    at.to_rfc3339_opts(SecondsFormat::Secs, true)
}

fn time(at: Option<DateTime<Utc>>) -> Value {
    at.map_or(Value::Null, |at| moment(at).into())
}
