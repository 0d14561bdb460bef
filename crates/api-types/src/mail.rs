//! Mails: what they are about and what became of them, never what they say.

use chrono::{DateTime, Utc};
use elder_kernel::TenantId;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::{ids::MailId, language::Language};

/// The table of kinds.
macro_rules! kinds {
    ($($(#[doc = $doc:literal])+ $kind:ident = $name:literal;)+) => {
        /// What a mail is about.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
        #[serde(rename_all = "snake_case")]
        pub enum MailKind {$(
            $(#[doc = $doc])+
            $kind,
        )+}

        impl MailKind {
            /// Every kind.
            pub const ALL: &'static [Self] = &[$(Self::$kind,)+];
            /// The name of every kind.
            pub const NAMES: &'static [&'static str] = &[$($name,)+];

            /// The name, in paths and in the database.
            pub const fn name(self) -> &'static str {
                match self { $(Self::$kind => $name,)+ }
            }
        }
    };
}

kinds! {
    /// Whether an address is really somebody's.
    EmailVerification = "email_verification";
    /// Somebody asked for an account with an address that has one.
    AccountExists = "account_exists";
    /// Somebody is invited.
    Invitation = "invitation";
    /// Somebody has forgotten their password.
    PasswordReset = "password_reset";
    /// To the address that an account is about to lose.
    EmailChangeOld = "email_change_old";
    /// To the address that an account shall have.
    EmailChangeNew = "email_change_new";
    /// Somebody has signed in with a device that was not seen before.
    NewDevice = "new_device";
    /// Somebody's password was changed.
    PasswordChanged = "password_changed";
    /// An account is locked for a while.
    AccountLocked = "account_locked";
    /// Somebody has set up a second factor.
    FactorAdded = "factor_added";
    /// Somebody has removed one of their second factors.
    FactorRemoved = "factor_removed";
    /// Somebody has made new backup codes.
    BackupCodesMade = "backup_codes_made";
    /// A sign-in was refused though its password was right.
    SignInBlocked = "sign_in_blocked";
    /// An admin has taken away somebody's second factors.
    FactorsReset = "factors_reset";
    /// Somebody has acted in another's name.
    ImpersonationNotice = "impersonation_notice";
    /// To those whom a tenant wants told of what concerns its security.
    SecurityAlert = "security_alert";
    /// A directory has paused itself, because too many people would have gone.
    DirectoryPaused = "directory_paused";
    /// Somebody has got an account by signing in at their organization's identity provider.
    Welcome = "welcome";
    /// An identity provider can sign somebody in from now on.
    IdentityLinked = "identity_linked";
    /// An identity provider cannot sign somebody in any more.
    IdentityUnlinked = "identity_unlinked";
    /// The audit log shows something as often as an alert waits for.
    AuditAlert = "audit_alert";
    /// A report for auditors is there that is made on schedule.
    ReportReady = "report_ready";
}

impl MailKind {
    /// The kind of this name.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|kind| kind.name() == name)
    }
}

/// What has become of a mail.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum MailStatus {
    /// It waits for its first try.
    Queued,
    /// A try has failed, and there will be another.
    Delayed,
    /// The mail server has it.
    Sent,
    /// It is tried no more.
    Dead,
}

impl MailStatus {
    const ALL: [Self; 4] = [Self::Queued, Self::Delayed, Self::Sent, Self::Dead];
    /// Every name.
    pub const NAMES: &'static [&'static str] = &["queued", "delayed", "sent", "dead"];

    /// The name in the database.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Queued => "queued",
            Self::Delayed => "delayed",
            Self::Sent => "sent",
            Self::Dead => "dead",
        }
    }

    /// The status of this name.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|status| status.name() == name)
    }
}

/// A mail, without what it says.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Mail {
    /// Its id.
    pub id: MailId,
    /// What it is about; null for a kind that this version does not know.
    #[schema(required)]
    pub kind: Option<MailKind>,
    /// The language that it is written in.
    #[schema(value_type = Language)]
    pub locale: String,
    /// Whom it is for.
    #[schema(example = "ada@acme.example")]
    pub recipient: String,
    /// Its subject.
    #[schema(example = "Choose a new password for Acme")]
    pub subject: String,
    /// What has become of it.
    pub status: MailStatus,
    /// How often it was tried.
    #[schema(example = 1)]
    pub attempts: i32,
    /// Why the last try has failed.
    #[schema(required, example = "the mail server did not take the mail: transient error (451)")]
    pub last_error: Option<String>,
    /// Its Message-ID, once the mail server has it.
    #[schema(required, example = "<mal_01h455vb4pex5vsknk084sn02q@id.example.com>")]
    pub message_id: Option<String>,
    /// When it was written.
    pub created_at: DateTime<Utc>,
    /// When it last changed.
    pub updated_at: DateTime<Utc>,
    /// When the mail server took it.
    #[schema(required)]
    pub sent_at: Option<DateTime<Utc>>,
}

/// A mail and the tenant that it belongs to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct GlobalMail {
    /// The tenant.
    pub tenant_id: TenantId,
    /// The mail.
    #[serde(flatten)]
    pub mail: Mail,
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_kind_has_one_name_in_paths_in_the_database_and_in_json() {
        for kind in MailKind::ALL {
            assert_eq!(json!(kind), kind.name());
            assert_eq!(MailKind::named(kind.name()), Some(*kind));
        }
    }
}
