//! Sessions at providers: what a sign-in has left there and here, and how both end together.

pub(crate) mod routes;
pub(crate) mod service;

use chrono::{DateTime, TimeDelta, Utc};
use elder_kernel::{Id, Secret, SsoSession, User};
use elder_oidc::Tokens;
use elder_saml::NameId;
use serde::{Deserialize, Serialize};

pub use service::{Leaving, leave};

use crate::provisioning::Meant;

/// What a sign-in has left for its end. It is sealed where it is kept.
#[derive(Clone, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Left {
    /// By OpenID Connect.
    Oidc(OidcLeft),
    /// By SAML.
    Saml(SamlLeft),
}

/// How a provider that speaks SAML calls somebody and their session.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct SamlLeft {
    pub(crate) name_id: NameId,
    pub(crate) session_index: Option<String>,
}

/// What a provider of OpenID Connect has given.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct OidcLeft {
    /// The subject, as the provider writes it.
    pub(crate) sub: String,
    pub(crate) access_token: String,
    pub(crate) refresh_token: Option<String>,
    pub(crate) id_token: Option<String>,
    /// Until when the access token is good, if the provider has said so.
    pub(crate) good_until: Option<DateTime<Utc>>,
}

impl OidcLeft {
    /// What a provider gave at `now`.
    pub(crate) fn given(sub: String, tokens: &Tokens, now: DateTime<Utc>) -> Self {
        Self {
            sub,
            access_token: tokens.access_token.expose().clone(),
            refresh_token: tokens.refresh_token.as_ref().map(|token| token.expose().clone()),
            id_token: tokens.id_token.as_ref().map(|token| token.expose().clone()),
            good_until: tokens
                .expires_in
                .and_then(|lasts| now.checked_add_signed(TimeDelta::from_std(lasts).ok()?)),
        }
    }

    /// What a provider gave anew: what it did not give again goes on.
    pub(crate) fn renewed(self, tokens: &Tokens, now: DateTime<Utc>) -> Self {
        let new = Self::given(self.sub, tokens, now);
        Self {
            refresh_token: new.refresh_token.or(self.refresh_token),
            id_token: new.id_token.or(self.id_token),
            ..new
        }
    }

    pub(crate) fn id_token(&self) -> Option<Secret<String>> {
        self.id_token.clone().map(Secret::new)
    }
}

/// A sign-in by a provider, on which sessions are about to rest.
pub(crate) struct NewSsoSession<'a> {
    pub(crate) id: Id<SsoSession>,
    pub(crate) user: Id<User>,
    pub(crate) meant: Meant<'a>,
    /// What the provider calls its own session.
    pub(crate) idp_session: Option<&'a str>,
}

/// What a provider says has ended.
pub(crate) struct Ended<'a> {
    /// The subject: all of theirs, or the one session.
    pub(crate) subject: Option<&'a str>,
    /// What the provider calls its sessions. Empty: all.
    pub(crate) idp_sessions: Vec<String>,
}
