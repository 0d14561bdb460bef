//! What the template of each kind of mail is told.

use chrono::{DateTime, Utc};
use elder_api_types::mail::MailKind;
use serde::{Serialize, Serializer};

/// The table of kinds: each with the values of its template, and an example of each value.
macro_rules! kinds {
    ($($(#[doc = $doc:literal])+ $kind:ident {$(
        $(#[doc = $about:literal])+ $(#[serde($($serde:tt)+)])? $field:ident: $type:ty = $example:expr;
    )*})+) => {
        /// What a mail is about, with the values of its template.
        #[derive(Debug, Clone, Serialize)]
        #[serde(untagged)]
        pub enum Content {$(
            $(#[doc = $doc])+
            $kind {$(
                $(#[doc = $about])+
                $(#[serde($($serde)+)])?
                $field: $type,
            )*},
        )+}

        impl Content {
            /// The kind.
            pub const fn kind(&self) -> MailKind {
                match self { $(Self::$kind { .. } => MailKind::$kind,)+ }
            }

            /// What a mail of a kind could be about.
            pub fn example(kind: MailKind) -> Self {
                match kind { $(MailKind::$kind => Self::$kind { $($field: $example.into(),)* },)+ }
            }
        }
    };
}

/// What the link of an example ends with: a template that shows the link shows this.
pub(crate) const EXAMPLE_TOKEN: &str = "example-token";
const EXAMPLE_LINK: &str = "https://id.example.com/open?token=example-token";
const EXAMPLE_TIME: DateTime<Utc> = DateTime::from_timestamp_nanos(1_798_761_600_000_000_000);

kinds! {
    /// Whether an address is really somebody's.
    EmailVerification {
        /// Where the address is confirmed.
        link: String = EXAMPLE_LINK;
        /// How long the link is good.
        hours: u32 = 24u32;
    }
    /// Somebody asked for an account with an address that has one.
    AccountExists {}
    /// Somebody is invited.
    Invitation {
        /// Where the invitation is accepted.
        link: String = EXAMPLE_LINK;
        /// Who invites.
        inviter: String = "Grace Hopper";
        /// How long the link is good.
        days: u32 = 7u32;
    }
    /// Somebody has forgotten their password.
    PasswordReset {
        /// Where another one is chosen.
        link: String = EXAMPLE_LINK;
        /// How long the link is good.
        minutes: u32 = 30u32;
    }
    /// To the address that an account is about to lose.
    EmailChangeOld {
        /// Where the change is confirmed or stopped.
        link: String = EXAMPLE_LINK;
        /// The address that it shall have.
        new_email: String = "ada@new.example.com";
        /// How long the link is good.
        hours: u32 = 24u32;
    }
    /// To the address that an account shall have.
    EmailChangeNew {
        /// Where the address is confirmed.
        link: String = EXAMPLE_LINK;
        /// How long the link is good.
        hours: u32 = 24u32;
    }
    /// Somebody has signed in with a device that was not seen before.
    NewDevice {
        /// What it calls itself.
        device: String = "Firefox on Linux";
        /// The address that it came from.
        ip: String = "192.0.2.7";
        /// When that was.
        #[serde(serialize_with = "moment")]
        time: DateTime<Utc> = EXAMPLE_TIME;
    }
    /// Somebody's password was changed.
    PasswordChanged {
        /// When that was.
        #[serde(serialize_with = "moment")]
        time: DateTime<Utc> = EXAMPLE_TIME;
    }
    /// An account is locked for a while.
    AccountLocked {
        /// When it opens again.
        #[serde(serialize_with = "moment")]
        until: DateTime<Utc> = EXAMPLE_TIME;
    }
    /// Somebody has set up a second factor.
    FactorAdded {
        /// What it is called.
        factor: String = "Phone";
        /// When that was.
        #[serde(serialize_with = "moment")]
        time: DateTime<Utc> = EXAMPLE_TIME;
    }
    /// Somebody has removed one of their second factors.
    FactorRemoved {
        /// What it was called.
        factor: String = "Phone";
        /// When that was.
        #[serde(serialize_with = "moment")]
        time: DateTime<Utc> = EXAMPLE_TIME;
    }
    /// Somebody has made new backup codes.
    BackupCodesMade {
        /// When that was.
        #[serde(serialize_with = "moment")]
        time: DateTime<Utc> = EXAMPLE_TIME;
    }
    /// A sign-in was refused though its password was right.
    SignInBlocked {
        /// The address that it came from.
        ip: String = "192.0.2.7";
        /// When that was.
        #[serde(serialize_with = "moment")]
        time: DateTime<Utc> = EXAMPLE_TIME;
    }
    /// An admin has taken away somebody's second factors.
    FactorsReset {
        /// Who did.
        actor: String = "Grace Hopper";
    }
    /// Somebody has acted in another's name.
    ImpersonationNotice {
        /// Who did.
        actor: String = "Grace Hopper";
        /// What for.
        reason: String = "Ticket 4711: a missing role";
        /// Until when they may.
        #[serde(serialize_with = "moment")]
        until: DateTime<Utc> = EXAMPLE_TIME;
    }
    /// To those whom a tenant wants told of what concerns its security.
    SecurityAlert {
        /// What has happened: `account_locked`, `sign_in_blocked`, `token_reused`, `factors_reset` or `impersonation`.
        alert: String = "account_locked";
        /// To whose account.
        email: String = "ada@example.com";
        /// When that was.
        #[serde(serialize_with = "moment")]
        time: DateTime<Utc> = EXAMPLE_TIME;
    }
    /// A directory has paused itself, because too many people would have gone.
    DirectoryPaused {
        /// Its name.
        directory: String = "Staff";
        /// How many would have been deactivated or removed within an hour.
        removed: u64 = 210u64;
        /// Of how many.
        people: u64 = 1000u64;
    }
    /// Somebody has got an account by signing in at their organization's identity provider.
    Welcome {
        /// What they know the provider by.
        provider: String = "Acme Okta";
    }
    /// An identity provider can sign somebody in from now on.
    IdentityLinked {
        /// What they know the provider by.
        provider: String = "Acme Okta";
        /// When that was.
        #[serde(serialize_with = "moment")]
        time: DateTime<Utc> = EXAMPLE_TIME;
    }
    /// An identity provider cannot sign somebody in any more.
    IdentityUnlinked {
        /// What they know the provider by.
        provider: String = "Acme Okta";
        /// When that was.
        #[serde(serialize_with = "moment")]
        time: DateTime<Utc> = EXAMPLE_TIME;
    }
    /// The audit log shows something as often as an alert waits for.
    AuditAlert {
        /// The name of the alert.
        alert: String = "Failed sign-ins";
        /// How many events it has counted.
        events: u64 = 12u64;
        /// Within how many minutes it counts them.
        minutes: u64 = 5u64;
        /// By whom or from where, with commas between; empty if it counts all together.
        groups: String = "192.0.2.7";
        /// When the last of them was.
        #[serde(serialize_with = "moment")]
        time: DateTime<Utc> = EXAMPLE_TIME;
        /// Whether it is only tried.
        is_test: bool = false;
    }
    /// A report for auditors is there that is made on schedule.
    ReportReady {
        /// Where it is downloaded, with a right to it.
        link: String = EXAMPLE_LINK;
        /// What it tells of.
        report: String = "User access";
        /// The schedule by which it was made.
        schedule: String = "Monthly access review";
        /// The beginning of the time that it covers.
        #[serde(serialize_with = "moment")]
        since: DateTime<Utc> = EXAMPLE_TIME;
        /// And its end.
        #[serde(serialize_with = "moment")]
        until: DateTime<Utc> = EXAMPLE_TIME;
    }
}

fn moment<S: Serializer>(time: &DateTime<Utc>, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_str(&time.format("%Y-%m-%d %H:%M UTC"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_example_of_a_kind_is_of_that_kind() {
        for kind in MailKind::ALL {
            assert_eq!(Content::example(*kind).kind(), *kind);
        }
    }
}
