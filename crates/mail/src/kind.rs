//! The kinds of mails, and what the template of each is told.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize, Serializer};
use utoipa::ToSchema;

/// The table of kinds: each with the values of its template, and an example of each value.
macro_rules! kinds {
    ($($(#[doc = $doc:literal])+ $kind:ident = $name:literal {$(
        $(#[doc = $about:literal])+ $(#[serde($($serde:tt)+)])? $field:ident: $type:ty = $example:expr;
    )*})+) => {
        /// What a mail is about.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
        #[serde(rename_all = "snake_case")]
        pub enum MailKind {$(
            $(#[doc = $doc])+
            $kind,
        )+}

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

        impl MailKind {
            /// Every kind.
            pub const ALL: &'static [Self] = &[$(Self::$kind,)+];
            /// The name of every kind.
            pub const NAMES: &'static [&'static str] = &[$($name,)+];

            /// The name, in paths and in the database.
            pub const fn name(self) -> &'static str {
                match self { $(Self::$kind => $name,)+ }
            }

            /// What a mail of this kind could be about.
            pub fn example(self) -> Content {
                match self { $(Self::$kind => Content::$kind { $($field: $example.into(),)* },)+ }
            }
        }

        impl Content {
            /// The kind.
            pub const fn kind(&self) -> MailKind {
                match self { $(Self::$kind { .. } => MailKind::$kind,)+ }
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
    EmailVerification = "email_verification" {
        /// Where the address is confirmed.
        link: String = EXAMPLE_LINK;
        /// How long the link is good.
        hours: u32 = 24u32;
    }
    /// Somebody is invited.
    Invitation = "invitation" {
        /// Where the invitation is accepted.
        link: String = EXAMPLE_LINK;
        /// Who invites.
        inviter: String = "Grace Hopper";
        /// How long the link is good.
        days: u32 = 7u32;
    }
    /// Somebody has forgotten their password.
    PasswordReset = "password_reset" {
        /// Where another one is chosen.
        link: String = EXAMPLE_LINK;
        /// How long the link is good.
        minutes: u32 = 30u32;
    }
    /// To the address that an account is about to lose.
    EmailChangeOld = "email_change_old" {
        /// Where the change is confirmed or stopped.
        link: String = EXAMPLE_LINK;
        /// The address that it shall have.
        new_email: String = "ada@new.example.com";
        /// How long the link is good.
        hours: u32 = 24u32;
    }
    /// To the address that an account shall have.
    EmailChangeNew = "email_change_new" {
        /// Where the address is confirmed.
        link: String = EXAMPLE_LINK;
        /// How long the link is good.
        hours: u32 = 24u32;
    }
    /// Somebody has signed in with a device that was not seen before.
    NewDevice = "new_device" {
        /// What it calls itself.
        device: String = "Firefox on Linux";
        /// The address that it came from.
        ip: String = "192.0.2.7";
        /// When that was.
        #[serde(serialize_with = "moment")]
        time: DateTime<Utc> = EXAMPLE_TIME;
    }
    /// An account is locked for a while.
    AccountLocked = "account_locked" {
        /// When it opens again.
        #[serde(serialize_with = "moment")]
        until: DateTime<Utc> = EXAMPLE_TIME;
    }
    /// An admin has taken away somebody's second factors.
    FactorsReset = "factors_reset" {
        /// Who did.
        actor: String = "Grace Hopper";
    }
    /// Somebody has acted in another's name.
    ImpersonationNotice = "impersonation_notice" {
        /// Who did.
        actor: String = "Grace Hopper";
        /// What for.
        reason: String = "Ticket 4711: a missing role";
        /// Until when they may.
        #[serde(serialize_with = "moment")]
        until: DateTime<Utc> = EXAMPLE_TIME;
    }
}

impl MailKind {
    /// The kind of this name.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|kind| kind.name() == name)
    }
}

/// A moment as every language reads it.
fn moment<S: Serializer>(time: &DateTime<Utc>, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_str(&time.format("%Y-%m-%d %H:%M UTC"))
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
            assert_eq!(kind.example().kind(), *kind);
        }
    }
}
