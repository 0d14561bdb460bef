//! The pages that are made of the tables in the code.

use elder_access::{Action, Feature, Level, PermissionRow, Tier, markers};
use elder_kernel::ErrorCode;

use super::markdown::{Page, code};

/// `docs/permissions.md`.
pub(super) fn permissions() -> String {
    let row = |row: &&PermissionRow| {
        let feature = row.feature.map_or_else(|| "-".to_owned(), |feature| code(Feature::name(feature)));
        let mode = if row.writes { "write" } else { "read" };
        [
            code(row.name),
            place(row).to_owned(),
            holder(row).to_owned(),
            mode.to_owned(),
            feature,
            row.description.to_owned(),
        ]
    };
    Page::new("Permissions", "crates/api-types/src/permission.rs")
        .paragraph("Each role holds what the roles below it hold: admin, maintainer, reader; globally admin, support.")
        .table(["Permission", "Where", "Least role", "Mode", "Licence", "What it allows"], markers::ALL.iter().map(row))
        .text()
}

fn place(row: &PermissionRow) -> &'static str {
    match row.tier {
        Tier::Global => "platform",
        Tier::Tenant => "tenant",
        Tier::Organization => "organization and below",
        Tier::Directory => "SCIM directory",
    }
}

fn holder(row: &PermissionRow) -> &'static str {
    match (row.tier, row.least) {
        (Tier::Directory, _) => "a token of the directory",
        (Tier::Global, Level::Reader) => "support",
        (_, Level::Reader) => "reader",
        (_, Level::Maintainer) => "maintainer",
        (_, Level::Admin) => "admin",
    }
}

/// `docs/reference/errors.md`.
pub(super) fn errors() -> String {
    let row = |error: &ErrorCode| {
        [
            code(error.slug()),
            error.status().to_string(),
            error.title().to_owned(),
            error.meaning().to_owned(),
            error.mender().name().to_owned(),
            error.remedy().to_owned(),
        ]
    };
    Page::new("Errors", "crates/kernel/src/error_code.rs")
        .paragraph(
            "Every error is a problem document (RFC 9457); `code` never changes its meaning. Its `type` leads to the \
             page of the code on the server that answered: `/problems/{code}`. `/problems` lists them all.",
        )
        .table(["Code", "Status", "Title", "When", "Who can mend it", "What to do"], ErrorCode::ALL.iter().map(row))
        .paragraph(
            "`internal_error` is a defect of Elder and nothing else: a text that is always the same, and the causes in \
             the log under the request id. That PostgreSQL refuses a statement by row-level security or a grant (42501) \
             is one too. No request leads there, because the tenant of a statement is that of its transaction and a \
             foreign id is `not_found` before anything is written. A 404 or 403 for it would tell the caller no more \
             and hide the defect among ordinary answers; a 500 is logged as an error and counted among the 5xx.",
        )
        .text()
}

/// `docs/reference/audit-actions.md`.
pub(super) fn audit_actions() -> String {
    let row = |action: &Action| {
        let category = action.category().name().to_owned();
        [code(action.name()), category, code(action.resource_type()), action.description().to_owned()]
    };
    Page::new("Audit actions", "crates/access/src/actions.rs")
        .paragraph("Every change is committed together with exactly one of these.")
        .table(["Action", "Category", "Resource", "What happened"], Action::ALL.iter().map(row))
        .text()
}

/// `docs/reference/events.md`. A denial changes nothing, so that it is audited and not told.
pub(super) fn events() -> String {
    let row = |action: &Action| {
        [
            code(&format!("elder.{}", action.name())),
            code(action.resource_type()),
            action.description().to_owned(),
        ]
    };
    let told = Action::ALL.iter().filter(|action| action.is_told());
    Page::new("Events", "crates/access/src/actions.rs")
        .paragraph(
            "A change puts its event into the outbox in the same transaction. `data` has `audit_event`, \
             `resource_type`, `resource_id` and `changes`, in which personal data is sealed as in the audit log.",
        )
        .table(["Type", "Resource", "What happened"], told.map(row))
        .text()
}

/// `docs/reference/configuration.md`.
pub(super) fn configuration() -> String {
    Page::new("Configuration", "crates/config")
        .paragraph(
            "Every setting with its default, as `config/elder.toml` has it. What is commented out has no default. \
             The environment goes over the file, the command line over both.",
        )
        .code("toml", &elder_config::reference_toml())
        .text()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_row_of_the_code_has_a_row_in_its_page() {
        for (page, rows) in [
            (permissions(), markers::ALL.len()),
            (errors(), ErrorCode::ALL.len()),
            (audit_actions(), Action::ALL.len()),
            (events(), Action::ALL.iter().filter(|action| action.is_told()).count()),
        ] {
            assert_eq!(page.lines().filter(|line| line.starts_with("| `")).count(), rows, "{page}");
        }
    }

    #[test]
    fn a_denial_is_audited_and_not_told() {
        assert!(audit_actions().contains("`access.denied`"));
        assert!(!events().contains("access.denied"));
    }
}
