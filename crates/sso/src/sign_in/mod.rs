//! Sign-ins by an identity provider: sent there with something that only the browser and Elder know, and back.

pub(crate) mod routes;
mod service;

use chrono::{DateTime, TimeDelta, Utc};
use elder_api_types::provisioning::ProvisioningPreview;
use elder_kernel::{Id, Secret, TenantId, User};
use elder_oidc::Pending;
use elder_portal_users::pages::Vouched;
use elder_saml::RequestId;
use elder_tenancy::domain::DomainName;
use serde::{Deserialize, Serialize};

pub use service::{
    begin, finish, forget_requests,
    link::{link, to_link},
    saml::{Taken, finish_assertion, metadata, take_assertion},
    trial::begin_trial,
};

pub use crate::protocol::Onward;
use crate::{Error, protocol::Said};

/// How long somebody may be at their provider.
pub(crate) const LASTS: TimeDelta = TimeDelta::minutes(10);

/// With what somebody comes.
#[derive(Debug, Clone, Default)]
pub struct Coming {
    /// The query of the sign-in page, which says what they come for.
    pub query: String,
    /// The address that they have typed already.
    pub login_hint: Option<String>,
    /// Whether they must prove anew who they are, even if the provider knows them.
    pub again: bool,
}

/// A sign-in that has begun.
#[derive(Debug)]
pub struct Begun {
    /// Where the browser is sent.
    pub onward: Onward,
    /// What the browser keeps until it is back.
    pub cookie: Secret<String>,
}

/// Somebody who is back from their provider.
#[derive(Debug)]
pub enum Arrived {
    /// The provider vouches for them.
    Vouched {
        /// Who.
        vouched: Vouched,
        /// The query of the sign-in page with which they began.
        query: String,
        /// Whether they have come from the provider without having been sent there.
        is_unsolicited: bool,
    },
    /// The sign-in was a trial, and nobody is signed in by it.
    Tried(Box<Tried>),
    /// An account with their address is there, whose owner is to say whether they are one: see [`link`].
    ToLink,
}

/// What a trial has shown.
#[derive(Debug)]
pub struct Tried {
    /// What people know the provider by.
    pub provider: String,
    /// All that it says, each with its value as JSON.
    pub claims: Vec<(String, String)>,
    /// What is made of it.
    pub preview: ProvisioningPreview,
    /// What would become of a sign-in.
    pub outcome: Trial,
}

/// What would become of a sign-in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Trial {
    /// The account with this address would be signed in to.
    SignsIn(String),
    /// The owner of an account would be asked to link it.
    AsksOwner,
    /// It would be refused, for this reason.
    Refused(&'static str),
}

/// A sign-in that came to no good end.
#[derive(Debug, thiserror::Error)]
#[error("the sign-in by an identity provider failed")]
pub struct Failed {
    /// Where it was, if it is known.
    pub tenant: Option<TenantId>,
    /// What people know the provider by, if it is known.
    pub provider: Option<String>,
    /// The query of the sign-in page, at which one can begin again.
    pub query: String,
    /// Why.
    #[source]
    pub why: Error,
}

/// What Elder keeps of a sign-in while its browser is elsewhere.
#[derive(Serialize, Deserialize)]
struct Kept {
    stage: Stage,
    query: String,
    #[serde(default)]
    is_trial: bool,
}

impl Kept {
    /// Of a sign-in that is meant.
    fn meant(stage: Stage, query: String) -> Self {
        Self { stage, query, is_trial: false }
    }
}

/// What is waited for.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Stage {
    /// The browser of who has asked for a trial.
    Trial,
    /// The answer of a provider that speaks OpenID Connect.
    Answer(Pending),
    /// The answer of a provider that speaks SAML.
    Assertion {
        request: RequestId,
        /// Since when the person must have proven who they are.
        since: Option<DateTime<Utc>>,
    },
    /// The browser, which has brought that answer by a form of the provider's page, without its cookie.
    Browser(Box<Brought>),
    /// The word of the account's owner.
    Owner(Unlinked),
}

/// What a provider has written of somebody, and was found to be good.
#[derive(Serialize, Deserialize)]
struct Brought {
    said: Said,
    /// Of the provider's settings, as they were then.
    version: i64,
    is_unsolicited: bool,
}

/// Whom a provider means, and the account that may be theirs.
#[derive(Debug, Serialize, Deserialize)]
struct Unlinked {
    issuer: String,
    subject: String,
    user: Id<User>,
    /// The domain by whose word it may be.
    domain: Option<DomainName>,
}
