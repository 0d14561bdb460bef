//! Signing out: where the browser is sent, and what a provider says of a logout behind its back.

use chrono::{DateTime, TimeDelta, Utc};
use elder_kernel::Secret;
use openidconnect::JsonWebKey as _;
use serde_json::Value;
use url::Url;

use crate::{
    OidcError, Refusal, RelyingParty,
    id_token::{SKEW, seconds, subject_in},
    json::Object,
    jws::Compact,
    keys::Key,
};

/// The event that a logout token is about (Back-Channel Logout §2.4).
const EVENT: &str = "http://schemas.openid.net/event/backchannel-logout";
/// How old a logout token may be. So long its id must be remembered.
const MOST_AGE: TimeDelta = TimeDelta::minutes(5);
/// The longest id of a token or a session.
const MOST_ID_BYTES: usize = 255;

/// A logout that the provider has told of. Of session and user at least one is there.
#[derive(Debug, PartialEq, Eq)]
pub struct Logout {
    /// The token's own id: one that was seen before is a replay.
    pub id: String,
    /// Until when the id must be remembered.
    pub remembered_until: DateTime<Utc>,
    /// The provider's session that has ended.
    pub session: Option<String>,
    /// The subject of the user, as the provider writes it. Without a session all of the user's have ended.
    pub sub: Option<String>,
}

impl RelyingParty<'_> {
    /// Where a browser signs out at the provider (RP-Initiated Logout §2). `back` must be registered there; `state` comes
    /// back with the browser.
    ///
    /// # Errors
    /// [`Refusal::NoLogout`] if the provider has no such address.
    pub fn logout_url(
        &self,
        id_token: Option<&Secret<String>>,
        back: Option<&str>,
        state: Option<&str>,
    ) -> Result<String, OidcError> {
        let endpoint = self.discovered.end_session_endpoint.as_deref().ok_or(Refusal::NoLogout)?;
        let mut url = Url::parse(endpoint).map_err(|_| Refusal::DiscoveryIncomplete)?;
        let parameters = [
            ("client_id", Some(self.connection.client_id.as_str())),
            ("id_token_hint", id_token.map(|token| token.expose().as_str())),
            ("post_logout_redirect_uri", back),
            ("state", state),
        ];
        let given = parameters.into_iter().filter_map(|(name, value)| Some((name, value?)));
        url.query_pairs_mut().extend_pairs(given);
        Ok(url.into())
    }

    /// Verifies a logout token (Back-Channel Logout §2.6). Whether its id was seen before is for the caller to look up.
    ///
    /// # Errors
    /// [`OidcError`] that names the check that failed.
    pub async fn verify_logout(&self, text: &str) -> Result<Logout, OidcError> {
        let token = Compact::parse(text, &self.connection.algorithms, &["logout+jwt", "jwt"])?;
        let by_key = |key: &Key| {
            let message = token.signed.as_bytes();
            key.jwk
                .verify_signature(&token.algorithm.core(), message, &token.signature)
                .map_err(|_| Refusal::Signature)
        };
        self.keys.verify(self.key_source()?, &token, by_key).await?;
        Ok(self.read_logout(&token.claims)?)
    }

    fn read_logout(&self, claims: &Object) -> Result<Logout, Refusal> {
        let text = |name: &str| claims.get(name).and_then(Value::as_str);
        if text("iss").ok_or(Refusal::ClaimMissing)? != self.discovered.issuer {
            return Err(Refusal::Issuer);
        }
        let is_us = |audience: &Value| *audience == *self.connection.client_id;
        let audience = claims.get("aud").ok_or(Refusal::ClaimMissing)?;
        if !(is_us(audience) || audience.as_array().is_some_and(|all| all.iter().any(is_us))) {
            return Err(Refusal::Audience);
        }
        let (issued, now) = (seconds(claims, "iat")?, self.seam.now());
        if issued > (now + SKEW).timestamp() || issued < (now - MOST_AGE - SKEW).timestamp() {
            return Err(Refusal::IssuedAt);
        }
        if claims.contains_key("exp") && seconds(claims, "exp")? <= (now - SKEW).timestamp() {
            return Err(Refusal::Expired);
        }
        if !claims.get("events").and_then(|events| events.get(EVENT)).is_some_and(Value::is_object) {
            return Err(Refusal::LogoutEvent);
        }
        if claims.contains_key("nonce") {
            return Err(Refusal::LogoutNonce);
        }
        let fits = |id: &&str| (1..=MOST_ID_BYTES).contains(&id.len());
        let id = text("jti").filter(fits).ok_or(Refusal::ClaimMissing)?.to_owned();
        let session =
            claims.contains_key("sid").then(|| text("sid").filter(fits).ok_or(Refusal::ClaimMissing));
        let sub = claims.contains_key("sub").then(|| subject_in(claims)).transpose()?.map(str::to_owned);
        let session = session.transpose()?.map(str::to_owned);
        if session.is_none() && sub.is_none() {
            return Err(Refusal::LogoutTarget);
        }
        Ok(Logout { id, remembered_until: now + MOST_AGE + SKEW + SKEW, session, sub })
    }
}
