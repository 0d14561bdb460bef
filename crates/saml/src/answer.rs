//! The answer to a sign-in (SAML profiles §4.1): what must be true of it, and who has signed in.

use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};

use crate::{Fault, Idp, RequestId, ServiceProvider};

/// What an answer must fit to.
#[derive(Debug, Clone)]
pub struct Expected {
    /// The time.
    pub now: DateTime<Utc>,
    /// How far the provider's clock may be away: 60 s by default, never more than 180 s.
    pub skew: TimeDelta,
    /// The request that this browser has waiting, if there is one. It must be forgotten with the first answer.
    pub request: Option<RequestId>,
    /// Whether an answer that nobody has asked for counts.
    pub unsolicited: bool,
    /// Whether an assertion in AES-CBC counts, within an answer that is signed.
    pub allow_cbc: bool,
    /// If the request has named classes with [`Comparison::Exact`](crate::Comparison::Exact): one of these must be in the
    /// answer. Empty: any.
    pub authn_contexts: Vec<String>,
    /// If the request has forced an authentication: when it was sent. The user must have signed in after that.
    pub authenticated_since: Option<DateTime<Utc>>,
}

impl Expected {
    /// An answer to a request, with nothing else out of the usual.
    pub fn answer_to(request: RequestId, now: DateTime<Utc>) -> Self {
        Self { request: Some(request), unsolicited: false, ..Self::unsolicited(now) }
    }

    /// An answer that nobody has asked for.
    pub fn unsolicited(now: DateTime<Utc>) -> Self {
        Self {
            now,
            skew: TimeDelta::seconds(60),
            request: None,
            unsolicited: true,
            allow_cbc: false,
            authn_contexts: Vec::new(),
            authenticated_since: None,
        }
    }
}

/// How a provider names a user (SAML core §2.2.2).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct NameId {
    /// The name.
    pub value: String,
    /// What kind of name it is.
    pub format: Option<String>,
    /// Within which provider it is unique.
    pub name_qualifier: Option<String>,
    /// Within which service provider it is unique.
    pub sp_name_qualifier: Option<String>,
}

/// What a provider says of a user (SAML core §2.7.3.1).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Attribute {
    /// Its name.
    pub name: String,
    /// Its name for people.
    pub friendly_name: Option<String>,
    /// Its values, in their order.
    pub values: Vec<String>,
}

/// Somebody who has signed in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SignedIn {
    /// The assertion's id, which counts once: the caller keeps it until `not_on_or_after`.
    pub assertion_id: String,
    /// The id of the answer. It is signed only if the answer is.
    pub response_id: String,
    /// The request that is answered; none if it was not asked for.
    pub in_response_to: Option<RequestId>,
    /// The provider.
    pub issuer: String,
    /// The user.
    pub name_id: NameId,
    /// The session at the provider, by which it ends it.
    pub session_index: Option<String>,
    /// When that session ends: ours must not outlive it.
    pub session_not_on_or_after: Option<DateTime<Utc>>,
    /// From when on the assertion is refused, with the skew: its id may be forgotten then.
    pub not_on_or_after: DateTime<Utc>,
    /// When the user has proved who they are.
    pub authn_instant: DateTime<Utc>,
    /// In which way, as the provider calls it.
    pub authn_context: Option<String>,
    /// What else the provider says of the user, in its order. One name may stand several times.
    pub attributes: Vec<Attribute>,
}

impl SignedIn {
    /// All values of an attribute, found by its name, or by its name for people if there is none of that name.
    pub fn values<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> {
        let is_named = self.attributes.iter().any(|attribute| attribute.name == name);
        let chosen = self.attributes.iter().filter(move |attribute| {
            if is_named { attribute.name == name } else { attribute.friendly_name.as_deref() == Some(name) }
        });
        chosen.flat_map(|attribute| attribute.values.iter().map(String::as_str))
    }
}

/// Reads answers.
#[derive(Debug)]
pub struct Answer;

impl Answer {
    /// Reads the field `SAMLResponse` of the form that the browser brings, and checks all that can be checked without
    /// memory. What needs some is the caller's: each request is answered once, each assertion counts once.
    ///
    /// # Errors
    /// The [`Fault`] of the check that has failed.
    pub fn read(form: &str, sp: &ServiceProvider, idp: &Idp, expected: &Expected) -> Result<SignedIn, Fault> {
        let _ = (form, sp, idp, expected);
        Err(Fault::Unsigned)
    }
}
