//! The catalogue of audit actions: one row gives the audit name, the outbox event's type and its documentation.

/// What kind of event it is (audit.md).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Category {
    /// Sign-in and sign-out.
    Authentication,
    /// Who may do what, and denials.
    Authorization,
    /// A reading of what is sensitive.
    DataAccess,
    /// A change of data.
    DataChange,
    /// A change of settings.
    Configuration,
    /// What operators do.
    Administration,
    /// A call of the API, whatever it did.
    ApiAccess,
}

impl Category {
    /// Every name.
    pub const NAMES: &'static [&'static str] = &[
        "authentication",
        "authorization",
        "data_access",
        "data_change",
        "configuration",
        "administration",
        "api_access",
    ];

    /// The name in the database.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Authentication => "authentication",
            Self::Authorization => "authorization",
            Self::DataAccess => "data_access",
            Self::DataChange => "data_change",
            Self::Configuration => "configuration",
            Self::Administration => "administration",
            Self::ApiAccess => "api_access",
        }
    }
}

macro_rules! actions {
    ($($variant:ident = $name:literal, $category:ident, $resource:literal, $words:literal;)*) => {
        /// Something that is worth an audit event.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        pub enum Action { $(#[doc = $words] $variant,)* }

        impl Action {
            /// Every action, in the order of the table.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)*];

            /// `resource.verb_in_past_tense`.
            pub const fn name(self) -> &'static str {
                match self { $(Self::$variant => $name,)* }
            }

            /// Its category.
            pub const fn category(self) -> Category {
                match self { $(Self::$variant => Category::$category,)* }
            }

            /// The type of what it is about.
            pub const fn resource_type(self) -> &'static str {
                match self { $(Self::$variant => $resource,)* }
            }

            /// Whether it becomes an event of the outbox too: all but single denials and calls do.
            pub const fn is_told(self) -> bool {
                !matches!(self, Self::AccessDenied | Self::ApiCalled)
            }

            /// What happened, in words.
            pub const fn description(self) -> &'static str {
                match self { $(Self::$variant => $words,)* }
            }
        }
    };
}

actions! {
    AccessDenied        = "access.denied",               Authorization,  "route",         "A request lacked a permission or named another tenant.";
    ApiCalled           = "api.called",                  ApiAccess,      "route",         "The API was called by somebody who is known.";
    TenantCreated       = "tenant.created",              Administration, "tenant",        "A tenant was created.";
    TenantUpdated       = "tenant.updated",              Configuration,  "tenant",        "A tenant's name, settings or plan changed.";
    TenantActivated     = "tenant.activated",            Administration, "tenant",        "A tenant was activated again.";
    TenantDeactivated   = "tenant.deactivated",          Administration, "tenant",        "A tenant was deactivated and its sessions ended.";
    TenantDeletionScheduled = "tenant.deletion_scheduled", Administration, "tenant",      "A tenant's deletion was scheduled.";
    TenantDeletionCancelled = "tenant.deletion_cancelled", Administration, "tenant",      "A tenant's scheduled deletion was cancelled.";
    TenantRateLimited   = "tenant.rate_limited",         Authorization,  "tenant",        "Requests of a tenant were refused by a rate limit; told at most once a minute.";
    TenantDeleted       = "tenant.deleted",              Administration, "tenant",        "A tenant and every row of it were removed.";
    DomainClaimed       = "tenant_domain.claimed",       Configuration,  "tenant_domain", "A tenant claimed an e-mail domain.";
    DomainVerified      = "tenant_domain.verified",      Configuration,  "tenant_domain", "A tenant's e-mail domain was verified.";
    DomainProofMissing  = "tenant_domain.proof_missing", Configuration,  "tenant_domain", "The DNS record that proved an e-mail domain is not there any more.";
    DomainProofFound    = "tenant_domain.proof_found",   Configuration,  "tenant_domain", "The DNS record that proves an e-mail domain is there again.";
    DomainLost          = "tenant_domain.lost",          Configuration,  "tenant_domain", "An e-mail domain is not verified any more: its DNS record was missing for a week.";
    DomainReleased      = "tenant_domain.released",      Configuration,  "tenant_domain", "A tenant gave up an e-mail domain.";
    OrganizationCreated = "organization.created",        DataChange,     "organization",  "An organization was created.";
    OrganizationUpdated = "organization.updated",        DataChange,     "organization",  "An organization changed.";
    OrganizationMoved   = "organization.moved",          DataChange,     "organization",  "An organization was moved below another.";
    OrganizationDeleted = "organization.deleted",        DataChange,     "organization",  "An organization was deleted.";
    MemberAssigned      = "organization.member_assigned", Authorization, "organization",  "A user was given a role in an organization.";
    MemberRemoved       = "organization.member_removed", Authorization,  "organization",  "A user's role in an organization was taken.";
    RoleCreated         = "role.created",                Authorization,  "role",          "A custom role was created.";
    RoleUpdated         = "role.updated",                Authorization,  "role",          "A custom role changed.";
    RoleDeleted         = "role.deleted",                Authorization,  "role",          "A custom role was deleted.";
    GrantsChanged       = "portal_user.grants_changed",  Authorization,  "portal_user",   "A user's roles in the tenant changed.";
    GlobalRoleChanged   = "portal_user.global_role_changed", Administration, "portal_user", "A user's global role changed.";
    UserCreated         = "portal_user.created",         DataChange,     "portal_user",   "A user was created.";
    UserUpdated         = "portal_user.updated",         DataChange,     "portal_user",   "A user changed.";
    UserActivated       = "portal_user.activated",       DataChange,     "portal_user",   "A user was activated.";
    UserDeactivated     = "portal_user.deactivated",     DataChange,     "portal_user",   "A user was deactivated and signed out.";
    UserDeleted         = "portal_user.deleted",         DataChange,     "portal_user",   "A user was deleted.";
    PasswordChanged     = "portal_user.password_changed", Authentication, "portal_user",  "A user's password was set.";
    PasswordResetRequested = "portal_user.password_reset_requested", Authentication, "portal_user", "Somebody said that a password was forgotten.";
    PasswordReset       = "portal_user.password_reset",  Authentication, "portal_user",   "A user chose another password by a mailed link.";
    EmailVerificationSent = "portal_user.email_verification_sent", Authentication, "portal_user", "A user was sent a link that proves their address.";
    EmailVerified       = "portal_user.email_verified",  Authentication, "portal_user",   "A user proved their address.";
    EmailChangeRequested = "portal_user.email_change_requested", Authentication, "portal_user", "A user asked for another address.";
    EmailChangeConfirmed = "portal_user.email_change_confirmed", Authentication, "portal_user", "One of the two addresses agreed to a change of a user's address.";
    EmailChanged        = "portal_user.email_changed",   Authentication, "portal_user",   "A user's address changed after both addresses agreed.";
    RegistrationRequested = "portal_user.registration_requested", Authentication, "portal_user", "Somebody asked for an account.";
    Registered          = "portal_user.registered",      Authentication, "portal_user",   "Somebody got the account that they asked for.";
    InvitationCreated   = "invitation.created",          Authorization,  "invitation",    "Somebody was invited.";
    InvitationResent    = "invitation.resent",           Authorization,  "invitation",    "An invitation was sent again.";
    InvitationWithdrawn = "invitation.withdrawn",        Authorization,  "invitation",    "An invitation was withdrawn.";
    InvitationAccepted  = "invitation.accepted",         Authorization,  "invitation",    "An invitation was accepted, and the account made.";
    UserLocked          = "portal_user.locked",          Authentication, "portal_user",   "A user's account was locked for a while after failed sign-ins.";
    SignInBlocked       = "portal_user.sign_in_blocked", Authentication, "portal_user",   "A sign-in was refused though its proofs were right: it looked unlike its owner's.";
    SignedIn            = "session.started",             Authentication, "session",       "A user signed in.";
    Impersonated        = "session.impersonated",        Authentication, "session",       "Somebody began to act in a user's name.";
    SignInFailed        = "session.refused",             Authentication, "portal_user",   "A sign-in failed.";
    SessionRefreshed    = "session.refreshed",           Authentication, "session",       "A session's tokens were renewed.";
    RefreshReused       = "session.refresh_reused",      Authentication, "session",       "A refresh token was used a second time, and its session ended.";
    SignedOut           = "session.ended",               Authentication, "session",       "A session ended.";
    SessionsRevoked     = "session.revoked",             Authentication, "session",       "Sessions were ended by an admin.";
    EverybodySignedOut  = "platform.sessions_revoked",   Administration, "platform",      "Every session of every tenant was ended.";
    DeviceUpdated       = "device.updated",              DataChange,     "device",        "A device got another name.";
    DeviceDeleted       = "device.deleted",              Authentication, "device",        "A device was withdrawn and its sessions ended.";
    MfaChallenged       = "session.challenged",          Authentication, "portal_user",   "A sign-in with the right password waits for a second factor.";
    SteppedUp           = "session.stepped_up",          Authentication, "session",       "Somebody who is signed in has proven anew who they are.";
    FactorStarted       = "mfa.factor.started",          Authentication, "factor",        "A second factor was begun to be set up.";
    FactorAdded         = "mfa.factor.added",            Authentication, "factor",        "A second factor was set up.";
    FactorRenamed       = "mfa.factor.renamed",          Authentication, "factor",        "A second factor was given another name.";
    FactorRemoved       = "mfa.factor.removed",          Authentication, "factor",        "A second factor was removed.";
    BackupCodesMade     = "mfa.backup_codes.created",    Authentication, "portal_user",   "Backup codes were made, and those before are good no more.";
    FactorsReset        = "mfa.reset",                   Authentication, "portal_user",   "An admin took a user's second factors and backup codes away.";
    DirectoryCreated    = "scim.directory.created",      Configuration,  "directory",     "A SCIM directory was created.";
    DirectoryUpdated    = "scim.directory.updated",      Configuration,  "directory",     "A SCIM directory changed.";
    DirectoryPaused     = "scim.directory.paused",       Configuration,  "directory",     "A SCIM directory was paused.";
    DirectoryResumed    = "scim.directory.resumed",      Configuration,  "directory",     "A SCIM directory was resumed.";
    DirectoryDeleted    = "scim.directory.deleted",      Configuration,  "directory",     "A SCIM directory was deleted.";
    ScimTokenCreated    = "scim.token.created",          Configuration,  "scim_token",    "A token of a SCIM directory was created.";
    ScimTokenRevoked    = "scim.token.revoked",          Configuration,  "scim_token",    "A token of a SCIM directory was revoked.";
    RoleMappingCreated  = "scim.role_mapping.created",   Authorization,  "role_mapping",  "A SCIM directory was allowed to give a role.";
    RoleMappingDeleted  = "scim.role_mapping.deleted",   Authorization,  "role_mapping",  "A role is no longer given by a SCIM directory.";
    EntitlementCreated  = "entitlement.created",         Configuration,  "entitlement",   "An entitlement was added to the catalogue.";
    EntitlementUpdated  = "entitlement.updated",         Configuration,  "entitlement",   "An entitlement of the catalogue changed.";
    EntitlementDeleted  = "entitlement.deleted",         Configuration,  "entitlement",   "An entitlement was taken out of the catalogue.";
    EntitlementAssigned = "entitlement.assigned",        Authorization,  "entitlement",   "A user was given an entitlement.";
    EntitlementRevoked  = "entitlement.revoked",         Authorization,  "entitlement",   "An entitlement was taken from a user.";
    EntitlementConflictCreated = "entitlement_conflict.created", Authorization, "entitlement_conflict", "A rule was made that nobody may hold some entitlements together.";
    EntitlementConflictUpdated = "entitlement_conflict.updated", Authorization, "entitlement_conflict", "A rule that nobody may hold some entitlements together changed.";
    EntitlementConflictDeleted = "entitlement_conflict.deleted", Authorization, "entitlement_conflict", "A rule that nobody may hold some entitlements together was deleted.";
    ScimUserCreated     = "scim.user.created",           DataChange,     "portal_user",   "A directory pushed a new user.";
    ScimUserUpdated     = "scim.user.updated",           DataChange,     "portal_user",   "A directory changed a user.";
    ScimUserRolesChanged = "scim.user.roles_changed",    Authorization,  "portal_user",   "A directory changed a user, and what it says of their roles or entitlements.";
    ScimUserDeactivated = "scim.user.deactivated",       DataChange,     "portal_user",   "A directory deactivated a user.";
    ScimUserDeleted     = "scim.user.deleted",           DataChange,     "portal_user",   "A directory deleted a user.";
    ScimRemovalRefused  = "scim.user.removal_refused",   Authorization,  "portal_user",   "A directory was not let deactivate or delete the last admin.";
    ScimGroupCreated    = "scim.group.created",          DataChange,     "scim_group",    "A directory pushed a new group.";
    ScimGroupUpdated    = "scim.group.updated",          DataChange,     "scim_group",    "A directory changed a group, and perhaps its members.";
    ScimGroupDeleted    = "scim.group.deleted",          DataChange,     "scim_group",    "A directory deleted a group.";
    ScimMembershipChanged = "scim.membership.changed",   Authorization,  "scim_group",    "A directory changed who is in a group.";
    ServiceAccountCreated = "service_account.created",   Configuration,  "service_account", "A service account was created.";
    ServiceAccountUpdated = "service_account.updated",   Authorization,  "service_account", "A service account's name or rights changed.";
    ServiceAccountActivated = "service_account.activated", Authorization, "service_account", "A service account was activated again.";
    ServiceAccountDeactivated = "service_account.deactivated", Authorization, "service_account", "A service account was deactivated, and its keys with it.";
    ServiceAccountDeleted = "service_account.deleted",   Configuration,  "service_account", "A service account was deleted with its keys.";
    ApiKeyCreated       = "api_key.created",             Authentication, "api_key",       "An API key was made.";
    ApiKeyRotated       = "api_key.rotated",             Authentication, "api_key",       "An API key got another secret.";
    ApiKeyRevoked       = "api_key.revoked",             Authentication, "api_key",       "An API key was revoked.";
    BrowserSignedIn     = "session.kept_by_browser",     Authentication, "session",       "A session was put into the care of a browser's cookie.";
    ApplicationCreated  = "application.created",         Configuration,  "application",   "An application was registered.";
    ApplicationUpdated  = "application.updated",         Configuration,  "application",   "An application changed.";
    ApplicationDeleted  = "application.deleted",         Configuration,  "application",   "An application was deleted.";
    CodeIssued          = "application.code_issued",     Authentication, "application",   "Somebody who is signed in was sent back to an application with a code.";
    CodeRefused         = "application.code_refused",    Authentication, "application",   "A code did not fit, or was redeemed a second time and its session ended.";
    IdpCreated          = "idp.created",                 Configuration,  "idp",           "An identity provider was set up.";
    IdpUpdated          = "idp.updated",                 Configuration,  "idp",           "An identity provider changed.";
    IdpDeleted          = "idp.deleted",                 Configuration,  "idp",           "An identity provider was deleted, and who had signed in by it knows it no more.";
    IdpKeyRenewed       = "idp.key_renewed",             Configuration,  "idp",           "A key of Elder's own at an identity provider was published, put to use or dropped.";
    IdpMetadataRead     = "idp.metadata_read",           Configuration,  "idp",           "An identity provider's metadata was read anew.";
    IdpCertificateExpiring = "idp.certificate_expiring", Configuration,  "idp",           "The certificates of an identity provider end soon.";
    IdentityLinked      = "identity.linked",             Authentication, "identity",      "An admin has linked an account to whom an identity provider means.";
    IdentityUnlinked    = "identity.unlinked",           Authentication, "identity",      "An account was unlinked from whom an identity provider means, and sessions that rested on that ended.";
    SsoBegun            = "sso.begun",                   Authentication, "idp",           "Somebody was sent to an identity provider.";
    SsoAnswered         = "sso.answered",                Authentication, "idp",           "A browser has brought the answer of an identity provider, which is good.";
    SsoVouched          = "sso.vouched",                 Authentication, "idp",           "An identity provider has said who somebody is.";
    SsoLinkAsked        = "sso.link_asked",              Authentication, "idp",           "An identity provider named the owner of an account, who is to say so there.";
    SsoLinked           = "sso.linked",                  Authentication, "idp",           "An account was linked to who an identity provider says that its owner is.";
    SsoLoggedOut        = "sso.logged_out",              Authentication, "idp",           "An identity provider has said that sessions of its own ended, and those that rest on them ended too.";
    SsoLogoutRefused    = "sso.logout_refused",          Authentication, "idp",           "What an identity provider said of the end of sessions was not believed, and ended nothing.";
    SsoLeft             = "sso.left",                    Authentication, "idp",           "An identity provider has answered whether sessions ended there with those here.";
    SsoTokensRenewed    = "sso.tokens_renewed",          Authentication, "idp",           "An identity provider gave somebody's session new tokens.";
    SsoTrialOpened      = "sso.trial_opened",            Authentication, "idp",           "Somebody may try a sign-in by an identity provider, which signs nobody in.";
    SsoTried            = "sso.tried",                   Authentication, "idp",           "A trial has shown what an identity provider says of somebody.";
    SsoFailed           = "sso.sign_in_failed",          Authentication, "idp",           "A sign-in by an identity provider failed.";
    MailSent            = "mail.sent",                   DataChange,     "mail",          "A mail was handed to the mail server.";
    MailGivenUp         = "mail.given_up",               DataChange,     "mail",          "A mail could not be sent and is tried no more.";
    MailRetried         = "mail.retried",                DataChange,     "mail",          "A dead mail was put back into the queue.";
    MailTemplateSet     = "mail_template.set",           Configuration,  "mail_template", "A tenant's own template of a mail was set.";
    MailTemplateDeleted = "mail_template.deleted",       Configuration,  "mail_template", "A tenant went back to the built-in template of a mail.";
    FeatureFlagCreated  = "feature_flag.created",        Administration, "feature_flag",  "A feature flag was created.";
    FeatureFlagUpdated  = "feature_flag.updated",        Administration, "feature_flag",  "A feature flag changed.";
    FeatureFlagDeleted  = "feature_flag.deleted",        Administration, "feature_flag",  "A feature flag was deleted.";
    PlatformSettingsUpdated = "platform.settings_updated", Administration, "platform",    "The platform's settings changed.";
    LicenseInstalled    = "platform.license_installed",  Administration, "license",       "Another licence is in force.";
    LicenseRefused      = "platform.license_refused",    Administration, "license",       "A licence was not taken; the former one stays.";
    SigningKeyCreated   = "platform.signing_key_created", Administration, "signing_key",  "A signing key was made.";
    SigningKeyRevoked   = "platform.signing_key_revoked", Administration, "signing_key",  "A signing key was revoked: what it signed is refused.";
    AuditKeyCreated     = "platform.audit_key_created",  Administration, "audit_key",     "A key was made that signs checkpoints of the audit logs.";
    AuditBodyRead       = "audit_body.read",             DataAccess,     "audit_event",   "Somebody read what was sent or answered in a call of the API.";
    AuditExported       = "audit_log.exported",          DataAccess,     "audit_log",     "A tenant's audit log was exported.";
    AuditExportCreated  = "audit_export.created",        DataAccess,     "audit_export",  "Somebody asked for a file of the audit log.";
    AuditExportRead     = "audit_export.downloaded",     DataAccess,     "audit_export",  "Somebody downloaded a file of the audit log, or a part of it.";
    AuditExportDeleted  = "audit_export.deleted",        DataChange,     "audit_export",  "A file of the audit log was deleted, or given up while it was written.";
    AuditStreamCreated  = "audit_stream.created",        Configuration,  "audit_stream",  "The audit log is carried to another system from now on.";
    AuditStreamUpdated  = "audit_stream.updated",        Configuration,  "audit_stream",  "Where the audit log is carried, or what of it, changed.";
    AuditStreamDeleted  = "audit_stream.deleted",        Configuration,  "audit_stream",  "The audit log is carried to another system no more.";
    AuditStreamTested   = "audit_stream.tested",         Configuration,  "audit_stream",  "A test was sent to where the audit log is carried.";
    AuditSearchCreated  = "audit_search.created",        DataChange,     "audit_search",  "A search of the audit log was saved.";
    AuditSearchUpdated  = "audit_search.updated",        DataChange,     "audit_search",  "A saved search of the audit log changed.";
    AuditSearchDeleted  = "audit_search.deleted",        DataChange,     "audit_search",  "A saved search of the audit log was deleted.";
    AuditAlertCreated   = "audit_alert.created",         Configuration,  "audit_alert",   "Somebody is told of what the audit log shows from now on.";
    AuditAlertUpdated   = "audit_alert.updated",         Configuration,  "audit_alert",   "An alert of the audit log changed.";
    AuditAlertDeleted   = "audit_alert.deleted",         Configuration,  "audit_alert",   "An alert of the audit log was deleted, and its history.";
    AuditAlertTested    = "audit_alert.tested",          Configuration,  "audit_alert",   "A test was sent by the channel of an alert.";
    AuditAlertNotified  = "audit_alert.notified",        Administration, "audit_alert",   "An alert of the audit log has fired, and its channel was told.";
    AuditExpired        = "audit_log.expired",           Administration, "audit_log",     "Events whose time had ended were taken out of a tenant's audit log.";
    AuditArchived       = "audit_log.archived",          Administration, "audit_log",     "Events of a tenant's audit log were moved into an archive that had been read back.";
    AuditArchiveExpired = "audit_log.archive_expired",   Administration, "audit_log",     "An archive was deleted, because the time of its events had ended.";
    AuditRestored       = "audit_log.restored",          DataAccess,     "audit_log",     "Archives of a month were read back, so that their events can be searched.";
    AuditRetentionUpdated = "audit_retention.updated",   Configuration,  "audit_retention", "It was said anew for how long a tenant's audit events are kept.";
    AuditRetentionAsked   = "audit_retention.asked",     Configuration,  "audit_retention", "Somebody asked that a tenant's audit events be kept for fewer days: that waits for a second person.";
    AuditRetentionApproved = "audit_retention.approved", Configuration,  "audit_retention", "A second person approved that a tenant's audit events be kept for fewer days.";
    AuditRetentionRejected = "audit_retention.rejected", Configuration,  "audit_retention", "It was rejected, or taken back, that a tenant's audit events be kept for fewer days.";
    LegalHoldCreated    = "legal_hold.created",          Administration, "legal_hold",    "A legal hold was put on a tenant, an organization or a user.";
    LegalHoldReleaseAsked = "legal_hold.release_asked",  Administration, "legal_hold",    "Somebody asked that a legal hold be released: it is in force until a second person approves.";
    LegalHoldReleaseRejected = "legal_hold.release_rejected", Administration, "legal_hold", "It was rejected, or taken back, that a legal hold be released.";
    LegalHoldReleased   = "legal_hold.released",         Administration, "legal_hold",    "A legal hold was released, approved by a second person.";
    PrivacyAsked        = "privacy_request.created",     Administration, "privacy_request", "Somebody asked for a person's data, or for its erasure.";
    PrivacyApproved     = "privacy_request.approved",    Administration, "privacy_request", "A second person approved a request about a person's data.";
    PrivacyRejected     = "privacy_request.rejected",    Administration, "privacy_request", "A request about a person's data was rejected or withdrawn.";
    PrivacyRefused      = "privacy_request.refused",     Administration, "privacy_request", "An approved request about a person's data could not be done.";
    PersonErased        = "privacy_request.erased",      Administration, "privacy_request", "A person's account and personal data were erased.";
    PersonDisclosed     = "privacy_request.answered",    DataAccess,     "privacy_request", "All that is known of a person was put together.";
    PersonDownloaded    = "privacy_request.downloaded",  DataAccess,     "privacy_request", "What is known of a person was downloaded.";
    ComplianceReportCreated = "compliance_report.created", DataAccess,   "compliance_report", "A report for auditors was asked for.";
    ComplianceReportRead = "compliance_report.downloaded", DataAccess,   "compliance_report", "Somebody downloaded a report for auditors, or a part of it.";
    ComplianceReportDelivered = "compliance_report.delivered", DataAccess, "compliance_report", "Those for whom a report is made on schedule were told that it is there.";
    ComplianceReportDeleted = "compliance_report.deleted", DataChange,   "compliance_report", "A report for auditors was deleted, or given up while it was written.";
    ComplianceTemplateCreated = "compliance_template.created", Configuration, "compliance_template", "A template of reports for auditors was made.";
    ComplianceTemplateUpdated = "compliance_template.updated", Configuration, "compliance_template", "A template of reports for auditors changed.";
    ComplianceTemplateDeleted = "compliance_template.deleted", Configuration, "compliance_template", "A template of reports for auditors was deleted.";
    ComplianceScheduleCreated = "compliance_schedule.created", Configuration, "compliance_schedule", "Reports for auditors are made on schedule from now on.";
    ComplianceScheduleUpdated = "compliance_schedule.updated", Configuration, "compliance_schedule", "When reports for auditors are made by themselves, or for whom, changed.";
    ComplianceSchedulePaused = "compliance_schedule.paused", Configuration, "compliance_schedule", "A schedule of reports stands still, because its owner may not have them made any more.";
    ComplianceScheduleDeleted = "compliance_schedule.deleted", Configuration, "compliance_schedule", "Reports for auditors are made on this schedule no more.";
    SetupLinkCreated    = "platform.setup_link_created", Administration, "platform",      "A link was made at which the first person becomes the platform's owner.";
    PlatformOwned       = "platform.owner_created",      Administration, "portal_user",   "The first person became the platform's owner.";
}

/// How something ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// It was done.
    Success,
    /// It failed for a reason that the caller gave, such as a wrong password.
    Failure,
    /// It was refused for lack of a right.
    Denied,
}

impl Outcome {
    /// Every name.
    pub const NAMES: &'static [&'static str] = &["success", "failure", "denied"];

    /// The name in the database.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Success => "success",
            Self::Failure => "failure",
            Self::Denied => "denied",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashSet;

    #[test]
    fn every_action_has_a_name_of_its_own() {
        let names: HashSet<_> = Action::ALL.iter().map(|action| action.name()).collect();
        assert_eq!(names.len(), Action::ALL.len());
        assert!(names.iter().all(|name| name.contains('.')));
    }
}
