//! The templates that Elder brings, by kind and language.

use super::TemplateSource;
use crate::{Language, MailKind};

/// The languages, by their tags.
pub(super) const LANGUAGES: [&str; 2] = ["en", "de"];
/// The language in which everything can be said.
pub(super) const LAST_RESORT: &str = "en";

/// What stands around the HTML of each.
const HEAD: &str = include_str!("../../templates/head.html");
const FOOT: &str = include_str!("../../templates/foot.html");
/// What divides a file into subject, text and HTML.
const DIVIDER: &str = "\n---\n";

macro_rules! files {
    ($language:literal, $kind:expr, $($variant:ident = $file:literal),+ $(,)?) => {
        match $kind { $(MailKind::$variant => include_str!(concat!("../../templates/", $language, "/", $file, ".txt")),)+ }
    };
    ($language:literal, $kind:expr) => {
        files!($language, $kind,
            EmailVerification = "email_verification",
            AccountExists = "account_exists",
            Invitation = "invitation",
            PasswordReset = "password_reset",
            EmailChangeOld = "email_change_old",
            EmailChangeNew = "email_change_new",
            NewDevice = "new_device",
            PasswordChanged = "password_changed",
            AccountLocked = "account_locked",
            FactorAdded = "factor_added",
            FactorRemoved = "factor_removed",
            BackupCodesMade = "backup_codes_made",
            SignInBlocked = "sign_in_blocked",
            FactorsReset = "factors_reset",
            ImpersonationNotice = "impersonation_notice",
            SecurityAlert = "security_alert",
            DirectoryPaused = "directory_paused",
            Welcome = "welcome",
            IdentityLinked = "identity_linked",
            IdentityUnlinked = "identity_unlinked",
            AuditAlert = "audit_alert",
            ReportReady = "report_ready",
        )
    };
}

/// The template of a kind in a language; none if Elder does not speak it.
pub(super) fn source(kind: MailKind, language: &str) -> Option<TemplateSource> {
    let file = match language {
        "en" => files!("en", kind),
        "de" => files!("de", kind),
        _ => return None,
    };
    let (subject, bodies) = file.split_once(DIVIDER)?;
    let (text, html) = bodies.split_once(DIVIDER)?;
    Some(TemplateSource {
        subject: subject.to_owned(),
        text: format!("{text}\n"),
        html: format!("{HEAD}{html}{FOOT}"),
    })
}

/// The languages in which a kind is there.
pub(super) fn languages() -> impl Iterator<Item = Language> {
    LANGUAGES.into_iter().filter_map(|tag| tag.parse().ok())
}
