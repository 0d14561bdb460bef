//! The checks: a small set of things that can be measured, which the frameworks share.

/// The table of checks: name, what it looks at, how it is measured, where the API shows it.
macro_rules! checks {
    ($($check:ident = $name:literal, $title:literal, $measured_by:literal, $link:literal;)+) => {
        /// Something that can be measured.
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub(super) enum Check {$(
            #[doc = $title]
            $check,
        )+}

        impl Check {
            /// Every one.
            #[cfg(test)]
            pub(super) const ALL: &'static [Self] = &[$(Self::$check,)+];

            /// The name in the API.
            pub(super) const fn name(self) -> &'static str {
                match self { $(Self::$check => $name,)+ }
            }

            /// What it looks at.
            pub(super) const fn title(self) -> &'static str {
                match self { $(Self::$check => $title,)+ }
            }

            /// How it is measured.
            pub(super) const fn measured_by(self) -> &'static str {
                match self { $(Self::$check => $measured_by,)+ }
            }

            /// The route that shows it.
            pub(super) const fn link(self) -> &'static str {
                match self { $(Self::$check => $link,)+ }
            }
        }
    };
}

checks! {
    SecondFactorRequired = "second_factor_required", "A second factor is demanded",
        "the setting mfa.required: everyone, or admins for a part", "/api/v2/tenant";
    SecondFactorPresent = "second_factor_present", "People have a second factor",
        "active accounts with a confirmed factor; in part, if all admins have one", "/api/v2/users";
    ProviderEnforced = "provider_enforced", "People sign in by the identity provider",
        "an active identity provider that is enforced; in part, one that is not", "/api/v2/identity-providers";
    PasswordsStrong = "passwords_strong", "Passwords are long and not common",
        "the settings password.min_length (15, or 8 where everybody has a second factor), refuse_common, min_score", "/api/v2/tenant";
    LockoutOn = "lockout_on", "Guessing is stopped",
        "the setting lockout.max_failures: 10 at the most; it cannot be off", "/api/v2/tenant";
    SessionsLimited = "sessions_limited", "Sessions end",
        "the settings session.idle_seconds (12 hours at the most) and absolute_seconds (30 days at the most)", "/api/v2/tenant";
    AccountsInUse = "accounts_in_use", "Accounts that nobody uses are shut",
        "active accounts older than 90 days without a sign-in in 90 days; in part, up to a tenth of all", "/api/v2/users";
    AccessReviewed = "access_reviewed", "Who has what is looked at",
        "a completed user access report in the last 100 days, or in part an active schedule", "/api/v2/compliance/reports";
    AdminsFew = "admins_few", "Few people are admins",
        "active admins of the tenant: 5 at the most, or a twentieth of the accounts; in part, up to twice as many", "/api/v2/users";
    DutiesSeparated = "duties_separated", "Rights that conflict are kept apart",
        "rules that nobody may hold some entitlements together", "/api/v2/entitlement-conflicts";
    LeaversAutomated = "leavers_automated", "Accounts follow the directory",
        "an active directory; in part, one that is paused", "/api/v2/directories";
    CredentialsEnd = "credentials_end", "Keys of programs end",
        "tokens of directories that are in use without an end, and keys that end more than 400 days from now", "/api/v2/api-keys";
    LogAppendOnly = "log_append_only", "The audit log can only grow",
        "the database: what the application's role may do to the log, and whether its triggers are on", "/api/v2/audit/events";
    LogSealed = "log_sealed", "The audit log is sealed, and checkpoints are fresh",
        "the newest checkpoint against the newest event; a minute between them is too long", "/api/v2/audit/checkpoints";
    CallsLogged = "calls_logged", "Calls of the API are in the log",
        "the setting audit_api_calls: all, or changes for a part", "/api/v2/tenant";
    LogRetained = "log_retained", "Events are kept for a year at least",
        "the retention of all categories", "/api/v2/audit/retention";
    LogRetainedSixYears = "log_retained_six_years", "Events are kept for six years at least",
        "the retention of all categories", "/api/v2/audit/retention";
    LogElsewhere = "log_elsewhere", "The log is carried to another system",
        "an active stream of the audit log that does not fail; in part, one that fails", "/api/v2/audit/streams";
    HoldsEnforced = "holds_enforced", "What is on legal hold cannot be deleted",
        "the database: whether its triggers are on that refuse a deletion", "/api/v2/audit/legal-holds";
    StorageLimited = "storage_limited", "Events go when their time is over",
        "the retention: a number of days, of all or in part of some categories", "/api/v2/audit/retention";
    TenantsIsolated = "tenants_isolated", "Tenants are kept apart by the database",
        "the database: row-level security is enabled and forced on every table of tenants", "/api/v2/tenant";
    KeysCurrent = "keys_current", "Keys and certificates are good",
        "the audit log has a key that signs, and no certificate of an active provider ends within 30 days", "/api/v2/identity-providers";
    NetworksLimited = "networks_limited", "The tenant is used from known networks",
        "the setting ip_allowlist", "/api/v2/tenant";
    SupportClosed = "support_closed", "Operators cannot act in people's names",
        "the setting support_access", "/api/v2/tenant";
    ContactsNamed = "contacts_named", "Somebody is told of what concerns security",
        "the setting notification.security_contacts", "/api/v2/tenant";
}
