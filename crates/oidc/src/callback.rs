//! What the browser brings back from the provider, before anything of it is used.

use std::fmt;

use subtle::ConstantTimeEq as _;

use crate::{Pending, Preset, Refusal, RelyingParty, discovery};

/// The answer to an authorization request (RFC 6749 §4.1.2).
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Callback {
    /// By which the sign-in is found that it belongs to.
    pub state: Option<String>,
    code: Option<String>,
    issuer: Option<String>,
    error: Option<String>,
}

impl fmt::Debug for Callback {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[callback]")
    }
}

impl Callback {
    /// Reads the query of the callback, or the body where the provider posts it. What the provider says in words
    /// (`error_description`) is not read: anybody can have written it.
    ///
    /// # Errors
    /// [`Refusal::CallbackMalformed`] if something is there twice (RFC 6749 §3.1).
    pub fn parse(query: &str) -> Result<Self, Refusal> {
        let mut callback = Self::default();
        for (name, value) in url::form_urlencoded::parse(query.as_bytes()) {
            let place = match &*name {
                "state" => &mut callback.state,
                "code" => &mut callback.code,
                "iss" => &mut callback.issuer,
                "error" => &mut callback.error,
                _ => continue,
            };
            if place.replace(value.into_owned()).is_some() {
                return Err(Refusal::CallbackMalformed);
            }
        }
        Ok(callback)
    }

    /// Whether it is the answer to this sign-in.
    fn belongs_to(&self, pending: &Pending) -> bool {
        let state = self.state.as_deref().unwrap_or_default();
        !state.is_empty() && bool::from(state.as_bytes().ct_eq(pending.state.as_bytes()))
    }
}

impl RelyingParty<'_> {
    /// The code of an answer that belongs to this sign-in and comes from this provider.
    pub(crate) fn code<'c>(&self, callback: &'c Callback, pending: &Pending) -> Result<&'c str, Refusal> {
        if !callback.belongs_to(pending) {
            return Err(Refusal::StateMismatch);
        }
        self.check_issuer_of(callback)?;
        match (&callback.error, &callback.code) {
            (Some(error), _) => Err(declined(error)),
            (None, Some(code)) if !code.is_empty() => Ok(code),
            (None, _) => Err(Refusal::CallbackMalformed),
        }
    }

    /// RFC 9207 §2.4: a provider that is under an attacker's control cannot pass its answers off as another's.
    fn check_issuer_of(&self, callback: &Callback) -> Result<(), Refusal> {
        let is_promised = self.discovered.authorization_response_iss_parameter_supported;
        match &callback.issuer {
            None if is_promised => Err(Refusal::CallbackIssuerMissing),
            None => Ok(()),
            Some(issuer) if *issuer == self.discovered.issuer => Ok(()),
            Some(issuer) if self.is_directory(issuer) => Ok(()),
            Some(_) => Err(Refusal::CallbackIssuer),
        }
    }

    fn is_directory(&self, issuer: &str) -> bool {
        let connection = self.connection;
        connection.preset == Preset::Entra
            && connection
                .directories
                .iter()
                .any(|directory| discovery::of_directory(&self.discovered.issuer, directory) == issuer)
    }
}

/// What an error of an answer means (RFC 6749 §4.1.2.1, OpenID Connect Core §3.1.2.6).
fn declined(error: &str) -> Refusal {
    match error {
        "access_denied" => Refusal::Denied,
        "login_required" | "interaction_required" | "consent_required" | "account_selection_required" => {
            Refusal::InteractionRequired
        }
        "server_error" | "temporarily_unavailable" => Refusal::ProviderUnavailable,
        _ => Refusal::ProviderRefused,
    }
}
