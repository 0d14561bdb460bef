//! The end of a sign-in: from what the browser brings back to who has signed in.

use elder_kernel::Secret;
use serde_json::{Map, Value};

use crate::{
    Callback, OidcError, Pending, Refusal, RelyingParty, Tokens,
    error::Step,
    fetch, github,
    id_token::{Belonging, Verified, subject_in},
    json::{self, Object},
};

/// Claims of a token that speak of the token and not of its user: nothing else may set them.
const OF_THE_TOKEN: [&str; 12] =
    ["iss", "sub", "aud", "azp", "exp", "iat", "nonce", "auth_time", "at_hash", "sid", "tid", "oid"];

/// Who has signed in.
#[derive(Debug)]
pub struct Identity {
    /// What ties an account to the provider's user. At Entra it is the directory and the object.
    pub subject: String,
    /// The subject as the provider writes it, also in logout tokens.
    pub sub: String,
    /// The provider's session, as logout tokens name it.
    pub session: Option<String>,
    /// What the provider tells of the user.
    pub claims: Map<String, Value>,
    /// What the provider has given.
    pub tokens: Tokens,
}

/// Tokens that were given anew, and what an ID token among them tells.
#[derive(Debug)]
pub struct Refreshed {
    /// The tokens; without a new refresh token the old one goes on.
    pub tokens: Tokens,
    /// What an ID token among them tells of the user.
    pub claims: Option<Map<String, Value>>,
}

impl RelyingParty<'_> {
    /// Ends a sign-in. Take `pending` away before: it is good for one answer.
    ///
    /// # Errors
    /// [`OidcError`] that names the check that failed.
    pub async fn finish(&self, callback: &Callback, pending: &Pending) -> Result<Identity, OidcError> {
        let code = self.code(callback, pending)?;
        let tokens = self.exchange(code, pending).await?;
        let access_token = tokens.access_token.expose();
        if !self.connection.preset.has_id_tokens() {
            let (subject, claims) = github::user(self.outbound, self.discovered, access_token).await?;
            return Ok(Identity { sub: subject.clone(), subject, session: None, claims, tokens });
        }
        let id_token = tokens.id_token.as_ref().ok_or(Refusal::IdTokenMissing)?;
        let belonging = Belonging {
            nonce: Some(&pending.nonce),
            access_token,
            code: Some(code),
            max_age: pending.max_age,
        };
        let Verified { subject, sub, mut claims } =
            self.verify_id_token(id_token.expose(), &belonging).await?;
        if self.discovered.userinfo_endpoint.is_some() && self.connection.preset.has_more_to_tell() {
            let more = self.user_info(access_token, &sub).await?;
            claims.extend(more.into_iter().filter(|(name, _)| !OF_THE_TOKEN.contains(&name.as_str())));
        }
        let session = claims.get("sid").and_then(Value::as_str).map(str::to_owned);
        Ok(Identity { subject, sub, session, claims, tokens })
    }

    /// Gets tokens anew. An ID token among them must be about the same user (OpenID Connect Core §12.2).
    ///
    /// # Errors
    /// [`OidcError`]; [`Refusal::GrantRefused`] if the provider takes the refresh token no more.
    pub async fn refresh(&self, refresh_token: &Secret<String>, sub: &str) -> Result<Refreshed, OidcError> {
        let tokens = self.exchange_refresh(refresh_token.expose()).await?;
        let claims = match tokens.id_token.as_ref().filter(|_| self.connection.preset.has_id_tokens()) {
            Some(id_token) => {
                let belonging =
                    Belonging { access_token: tokens.access_token.expose(), ..Belonging::default() };
                let verified = self.verify_id_token(id_token.expose(), &belonging).await?;
                Some(same_user(verified.claims, sub)?)
            }
            None => None,
        };
        Ok(Refreshed { tokens, claims })
    }

    /// Asks the provider what it knows of the user of an access token, who must be this one (OpenID Connect Core §5.3.2).
    ///
    /// # Errors
    /// [`OidcError`] if it does not answer, or is talking about another user.
    pub async fn user_info(&self, access_token: &str, sub: &str) -> Result<Map<String, Value>, OidcError> {
        if !self.connection.preset.has_id_tokens() {
            let (_, claims) = github::user(self.outbound, self.discovered, access_token).await?;
            return Ok(same_user(claims, sub)?);
        }
        let url = self.discovered.userinfo_endpoint.as_deref().ok_or(Refusal::NoUserInfo)?;
        let answer = fetch::answer(self.outbound, Step::UserInfo, url, Some(access_token)).await?;
        let claims = json::object(answer.body()).map_err(|_| Refusal::UserInfoInvalid)?;
        Ok(same_user(claims, sub)?)
    }
}

fn same_user(claims: Object, sub: &str) -> Result<Object, Refusal> {
    if subject_in(&claims)? == sub { Ok(claims) } else { Err(Refusal::SubjectMismatch) }
}
