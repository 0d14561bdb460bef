//! One-time tokens: what the link of a mail is good for, once.

pub(crate) mod service;

use chrono::TimeDelta;
use elder_api_types::{email::Email, language::Language, regional::Locale};
use elder_crypto::TokenKind;
use elder_http::PublicUrl;
use elder_kernel::{Id, Secret, User};
use serde_json::Value;

pub use service::forget as forget_one_time_tokens;

/// How many mails of one purpose an address gets within an hour: more would be a way to molest somebody.
const MOST_AN_HOUR: i64 = 5;

/// The table of purposes: name in the database, kind of the token, page that the link leads to.
macro_rules! purposes {
    ($($(#[doc = $doc:literal])+ $purpose:ident = $name:literal, $kind:ident, $page:literal;)+) => {
        /// What a link is good for. The database says so, whatever stands in the token.
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub(crate) enum Purpose {$(
            $(#[doc = $doc])+
            $purpose,
        )+}

        impl Purpose {
            const ALL: &'static [Self] = &[$(Self::$purpose,)+];

            const fn name(self) -> &'static str {
                match self { $(Self::$purpose => $name,)+ }
            }

            const fn kind(self) -> TokenKind {
                match self { $(Self::$purpose => TokenKind::$kind,)+ }
            }

            const fn page(self) -> &'static str {
                match self { $(Self::$purpose => $page,)+ }
            }
        }
    };
}

purposes! {
    /// The address of an account is to be proven.
    EmailVerification = "email_verification", EmailProof, "verify";
    /// The address that an account is about to lose agrees.
    EmailChangeOld = "email_change_old", EmailProof, "email-change";
    /// The address that an account shall have agrees.
    EmailChangeNew = "email_change_new", EmailProof, "email-change";
    /// Somebody asked for an account with this address.
    Registration = "registration", EmailProof, "verify";
    /// Somebody was invited at this address.
    Invitation = "invitation", Invitation, "invitation";
    /// Another password is to be chosen.
    PasswordReset = "password_reset", PasswordReset, "reset";
}

impl Purpose {
    /// How long the link is good; of an invitation it is the invitation that says so.
    pub(crate) const fn lasts(self) -> TimeDelta {
        match self {
            Self::PasswordReset => TimeDelta::minutes(30),
            Self::Invitation => TimeDelta::days(7),
            _ => TimeDelta::hours(24),
        }
    }

    fn named(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|purpose| purpose.name() == name)
    }
}

/// A link that is to be made.
#[derive(Debug)]
pub(crate) struct Draft<'a> {
    /// What for.
    pub(crate) purpose: Purpose,
    /// Whose account it concerns; none where there is no account yet.
    pub(crate) user: Option<Id<User>>,
    /// The address that it is mailed to.
    pub(crate) email: &'a Email,
    /// What is to be known when it is opened.
    pub(crate) data: Value,
    /// How long it is good.
    pub(crate) lasts: TimeDelta,
}

impl<'a> Draft<'a> {
    /// A link that is good for the usual time.
    pub(crate) fn of(purpose: Purpose, user: Option<Id<User>>, email: &'a Email) -> Self {
        Self { purpose, user, email, data: Value::Object(serde_json::Map::new()), lasts: purpose.lasts() }
    }
}

/// A token that was drawn.
#[derive(Debug)]
pub(crate) struct Issued {
    purpose: Purpose,
    token: Secret<String>,
    /// Whether it is good for anything, and so worth a mail.
    pub(crate) is_good: bool,
}

impl Issued {
    /// The link for the mail. It is made of nothing that a request says of itself (P-25).
    pub(crate) fn link(&self, public: &PublicUrl) -> String {
        format!("{}/{}?token={}", public.0, self.purpose.page(), self.token.expose())
    }
}

/// What the database knows of a token that is good now.
#[derive(Debug)]
pub(crate) struct Found {
    pub(crate) purpose: Purpose,
    pub(crate) user: Option<Id<User>>,
    /// The address that it was mailed to, folded.
    pub(crate) email: String,
    pub(crate) data: Value,
}

/// The language in which somebody is written to.
pub(crate) fn language(locale: Option<&Locale>) -> Option<Language> {
    locale.and_then(|locale| locale.as_str().parse().ok())
}
