//! Of which actions a report tells, by the catalogue: an action that is added later finds its place by its category.

use elder_access::{Action, Category};

use super::ComplianceReportKind;

/// The names of the actions that a kind of report tells of.
pub(super) fn actions(kind: ComplianceReportKind) -> Vec<&'static str> {
    let is_told = |action: &&Action| covers(kind, **action);
    Action::ALL.iter().filter(is_told).map(|action| action.name()).collect()
}

fn covers(kind: ComplianceReportKind, action: Action) -> bool {
    let name = action.name();
    let of = |types: &[&str]| types.contains(&action.resource_type());
    match kind {
        // Who may come in, and with what.
        ComplianceReportKind::UserAccess => {
            changes_rights(action)
                || changes_account(action)
                || name.starts_with("mfa.")
                || name == "device.deleted"
        }
        ComplianceReportKind::PermissionChanges => changes_rights(action),
        ComplianceReportKind::DataAccess => action.category() == Category::DataAccess,
        ComplianceReportKind::FailedAuthentication => can_fail(action),
        ComplianceReportKind::AdminActions => {
            let by_hand = matches!(action.category(), Category::Administration | Category::Configuration);
            by_hand
                || changes_rights(action)
                || changes_account(action)
                || of(&["organization"])
                || matches!(action, Action::Impersonated | Action::SessionsRevoked | Action::FactorsReset)
        }
        ComplianceReportKind::IntegrationActivity => {
            name.starts_with("scim.")
                || of(&["api_key", "service_account", "application", "idp", "audit_stream"])
                    && !matches!(action.category(), Category::DataAccess)
        }
        ComplianceReportKind::Controls => false,
    }
}

/// What gives or takes rights; refusals and limits are of the same category and change nothing.
fn changes_rights(action: Action) -> bool {
    let is_change = !matches!(action, Action::AccessDenied | Action::TenantRateLimited);
    is_change && action.category() == Category::Authorization
        || matches!(
            action,
            Action::GlobalRoleChanged | Action::ApiKeyCreated | Action::ApiKeyRotated | Action::ApiKeyRevoked
        )
}

/// What makes, changes or ends an account.
fn changes_account(action: Action) -> bool {
    matches!(action.category(), Category::DataChange) && action.resource_type() == "portal_user"
        || matches!(
            action,
            Action::Registered | Action::EmailChanged | Action::SsoLinked | Action::PlatformOwned
        )
}

/// What tells of a sign-in or a proof that failed, if not always.
fn can_fail(action: Action) -> bool {
    matches!(
        action,
        Action::SignInFailed
            | Action::SsoFailed
            | Action::SsoLogoutRefused
            | Action::CodeRefused
            | Action::RefreshReused
            | Action::UserLocked
            | Action::SignInBlocked
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_kind_tells_of_what_it_is_about_and_of_nothing_that_changes_nothing() {
        let told = |kind| actions(kind);
        assert!(told(ComplianceReportKind::DataAccess).contains(&"audit_export.downloaded"));
        assert!(told(ComplianceReportKind::DataAccess).contains(&"compliance_report.created"));
        assert!(told(ComplianceReportKind::PermissionChanges).contains(&"organization.member_assigned"));
        assert!(told(ComplianceReportKind::PermissionChanges).contains(&"scim.user.roles_changed"));
        assert!(told(ComplianceReportKind::UserAccess).contains(&"portal_user.deactivated"));
        assert!(told(ComplianceReportKind::AdminActions).contains(&"legal_hold.created"));
        assert!(told(ComplianceReportKind::IntegrationActivity).contains(&"scim.user.created"));
        assert!(told(ComplianceReportKind::FailedAuthentication).contains(&"session.refused"));
        for kind in ComplianceReportKind::ALL {
            let all = told(*kind);
            assert!(!all.contains(&"api.called") && !all.contains(&"access.denied"), "{kind:?}");
            assert_eq!(all.is_empty(), *kind == ComplianceReportKind::Controls, "{kind:?}");
        }
    }
}
