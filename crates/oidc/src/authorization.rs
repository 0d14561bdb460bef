//! The beginning of a sign-in: where the browser is sent, and what is kept until it comes back.

use std::fmt;

use base64::{Engine as _, prelude::BASE64_URL_SAFE_NO_PAD};
use oauth2::{CsrfToken, PkceCodeChallenge, PkceCodeVerifier, Scope};
use serde::{Deserialize, Serialize};

use crate::{OidcError, RelyingParty};

/// What is asked of the provider beside a sign-in.
#[derive(Debug, Clone, Copy, Default)]
pub struct Ask<'a> {
    /// Whether and what the provider shall ask the person.
    pub prompt: Option<Prompt>,
    /// Who is probably signing in.
    pub login_hint: Option<&'a str>,
    /// How many seconds ago the person may have signed in at the provider. It is checked in the answer.
    pub max_age: Option<u32>,
}

/// What the provider shall ask the person (OpenID Connect Core §3.1.2.1).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Prompt {
    /// Nothing: fail if that does not do.
    None,
    /// To sign in anew.
    Login,
    /// To consent anew.
    Consent,
    /// Which account it shall be.
    SelectAccount,
}

impl Prompt {
    const fn name(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Login => "login",
            Self::Consent => "consent",
            Self::SelectAccount => "select_account",
        }
    }
}

/// A sign-in that has begun.
#[derive(Debug)]
pub struct Begun {
    /// Where the browser is sent.
    pub url: String,
    /// What belongs to it. Keep it sealed, bound to the browser, for ten minutes, and take it away when it is used.
    pub pending: Pending,
}

/// What a sign-in is recognised by when the browser comes back.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Pending {
    /// What the answer must bring along.
    pub state: String,
    /// What the ID token must bring along.
    pub nonce: String,
    /// What proves to the token endpoint that the code was asked for here (RFC 7636).
    pub verifier: String,
    /// How many seconds ago the person may have signed in at the provider.
    pub max_age: Option<u32>,
}

impl fmt::Debug for Pending {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[pending sign-in]")
    }
}

impl RelyingParty<'_> {
    /// Begins a sign-in. PKCE goes with it always, and always by S256, whatever the provider says of itself.
    ///
    /// # Errors
    /// [`OidcError`] if an address of the connection or of the provider is none.
    pub fn begin(&self, ask: Ask<'_>) -> Result<Begun, OidcError> {
        let secret = || BASE64_URL_SAFE_NO_PAD.encode(self.seam.random.bytes::<32>());
        let pending = Pending { state: secret(), nonce: secret(), verifier: secret(), max_age: ask.max_age };
        let challenge =
            PkceCodeChallenge::from_code_verifier_sha256(&PkceCodeVerifier::new(pending.verifier.clone()));
        let client = self.client()?;
        let mut request = client
            .authorize_url(|| CsrfToken::new(pending.state.clone()))
            .add_scopes(self.scopes())
            .set_pkce_challenge(challenge);
        if self.connection.preset.has_id_tokens() {
            request = request.add_extra_param("nonce", &pending.nonce);
        }
        if let Some(prompt) = ask.prompt {
            request = request.add_extra_param("prompt", prompt.name());
        }
        if let Some(hint) = ask.login_hint {
            request = request.add_extra_param("login_hint", hint);
        }
        if let Some(age) = ask.max_age {
            request = request.add_extra_param("max_age", age.to_string());
        }
        let url = request.url().0.into();
        Ok(Begun { url, pending })
    }

    /// What is asked for; `openid` makes an answer of OAuth one of OpenID Connect.
    fn scopes(&self) -> impl Iterator<Item = Scope> {
        let connection = self.connection;
        let lacks_openid =
            connection.preset.has_id_tokens() && !connection.scopes.iter().any(|scope| scope == "openid");
        let openid = lacks_openid.then(|| "openid".to_owned());
        openid.into_iter().chain(connection.scopes.iter().cloned()).map(Scope::new)
    }
}
