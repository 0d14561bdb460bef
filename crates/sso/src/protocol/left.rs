//! What a sign-in by a provider leaves for later.

use chrono::{DateTime, TimeDelta, Utc};
use elder_kernel::Secret;
use elder_oidc::Tokens;
use elder_saml::NameId;
use serde::{Deserialize, Serialize};

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
