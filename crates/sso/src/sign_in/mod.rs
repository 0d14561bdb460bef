//! Sign-ins by an identity provider: sent there with something that only the browser and Elder know, and back.

mod service;

use chrono::TimeDelta;
use elder_kernel::{Id, Secret, TenantId, User};
use elder_oidc::Pending;
use elder_portal_users::pages::Vouched;
use serde::{Deserialize, Serialize};

pub use service::{
    begin, finish, forget_requests,
    link::{link, to_link},
};

use crate::Error;

/// How long somebody may be at their provider.
const LASTS: TimeDelta = TimeDelta::minutes(10);

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
    pub url: String,
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
    },
    /// An account with their address is there, whose owner is to say whether they are one: see [`link`].
    ToLink,
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
#[derive(Debug, Serialize, Deserialize)]
struct Kept {
    stage: Stage,
    query: String,
}

/// What is waited for.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Stage {
    /// The answer of the provider.
    Answer(Pending),
    /// The word of the account's owner.
    Owner(Unlinked),
}

/// Whom a provider means, and the account that may be theirs.
#[derive(Debug, Serialize, Deserialize)]
struct Unlinked {
    issuer: String,
    subject: String,
    user: Id<User>,
}
