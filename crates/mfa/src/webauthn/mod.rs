//! Passkeys and security keys (W3C Web Authentication Level 3).

mod ceremony;
pub(crate) mod routes;
pub mod service;

use std::sync::Arc;

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use serde::{Serialize, de::DeserializeOwned};
use serde_json::{Value, json};
use webauthn_rs::prelude::{Url, Webauthn, WebauthnBuilder, WebauthnError};

use crate::Error;

pub use elder_api_types::mfa::{NewPasskey, PasskeySignIn, WebauthnOptions};

/// Who asks authenticators: the domain that passkeys are bound to, and the origins whose pages may use them. Cheap to
/// clone.
#[derive(Clone)]
pub struct RelyingParty(Option<Arc<Webauthn>>);

/// A relying party that no browser would let ask.
#[derive(Debug, thiserror::Error)]
pub enum InvalidRelyingParty {
    /// An origin that is no URL.
    #[error("`{0}` is no origin")]
    Origin(String),
    /// A domain that the public URL does not belong to.
    #[error("the host of `http.public_url` is neither this domain nor below it")]
    Domain(#[source] WebauthnError),
}

impl RelyingParty {
    /// The relying party of an installation that the world reaches at `public_url`. `rp_id` is the host of it if it is
    /// not named. Browsers take no addresses for that: where there is no name, there are no passkeys.
    ///
    /// # Errors
    /// [`InvalidRelyingParty`].
    pub fn new(
        public_url: &str,
        rp_id: Option<&str>,
        origins: &[String],
    ) -> Result<Self, InvalidRelyingParty> {
        let own = origin(public_url)?;
        let Some(host) = own.domain() else {
            return if rp_id.is_none() {
                Ok(Self(None))
            } else {
                Err(InvalidRelyingParty::Origin(own.into()))
            };
        };
        let builder =
            WebauthnBuilder::new(rp_id.unwrap_or(host), &own).map_err(InvalidRelyingParty::Domain)?;
        let more = origins.iter().map(|text| origin(text)).collect::<Result<Vec<_>, _>>()?;
        let builder = more.iter().fold(builder.rp_name("Elder"), WebauthnBuilder::append_allowed_origin);
        Ok(Self(Some(Arc::new(builder.build().map_err(InvalidRelyingParty::Domain)?))))
    }

    /// Whether there can be passkeys.
    pub fn asks(&self) -> bool {
        self.0.is_some()
    }

    fn get(&self) -> Result<&Webauthn, Error> {
        self.0.as_deref().ok_or(Error::NoRelyingParty)
    }
}

fn origin(text: &str) -> Result<Url, InvalidRelyingParty> {
    let url = Url::parse(text).map(|url| url.origin().ascii_serialization());
    url.and_then(|origin| Url::parse(&origin)).map_err(|_| InvalidRelyingParty::Origin(text.to_owned()))
}

/// What an authenticator has answered, if it can be read and was asked by a page of its own: one that lies in another's
/// frame shows people something else than they agree to.
fn answer<T: DeserializeOwned>(credential: Value) -> Option<T> {
    let client_data = credential.pointer("/response/clientDataJSON").and_then(Value::as_str)?;
    let client_data = URL_SAFE_NO_PAD.decode(client_data.trim_end_matches('=')).ok()?;
    let client_data: Value = serde_json::from_slice(&client_data).ok()?;
    if client_data.get("crossOrigin").is_some_and(|framed| *framed != Value::Bool(false)) {
        return None;
    }
    serde_json::from_value(credential).ok()
}

/// Options as a browser takes them. Registration asks for a passkey that can be found without naming an account; which
/// mediation it wants, the page decides.
fn options(made: impl Serialize) -> Result<Value, Error> {
    let mut options = serde_json::to_value(made)?;
    if let Some(Value::Object(selection)) = options.pointer_mut("/publicKey/authenticatorSelection") {
        selection.insert("residentKey".to_owned(), json!("preferred"));
    }
    if let Some(options) = options.as_object_mut() {
        options.remove("mediation");
    }
    Ok(options)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_public_url_without_a_name_has_no_passkeys() {
        let party = |url, rp_id| RelyingParty::new(url, rp_id, &[]);
        assert!(party("http://127.0.0.1:8080", None).unwrap().get().is_err());
        assert!(party("http://127.0.0.1:8080", Some("example.com")).is_err());
        assert!(party("http://localhost:8080", None).unwrap().get().is_ok());
        assert!(party("https://id.example.com/elder", None).unwrap().get().is_ok());
    }

    #[test]
    fn p_20_a_domain_is_the_host_or_one_above_it() {
        let party = |rp_id| RelyingParty::new("https://id.example.com", Some(rp_id), &[]);
        assert!(party("example.com").is_ok() && party("id.example.com").is_ok());
        for foreign in ["example.org", "d.example.com", "ample.com", "login.id.example.com"] {
            assert!(party(foreign).is_err(), "{foreign}");
        }
        let more = |origin: &str| RelyingParty::new("https://id.example.com", None, &[origin.to_owned()]);
        assert!(more("https://app.example.com").is_ok() && more("no origin").is_err());
    }

    #[test]
    fn p_20_what_was_signed_in_another_pages_frame_is_not_taken() {
        let signed = |client_data: Value| {
            let client_data = URL_SAFE_NO_PAD.encode(client_data.to_string());
            answer::<Value>(json!({ "response": { "clientDataJSON": client_data } })).is_some()
        };
        assert!(signed(json!({ "type": "webauthn.get" })));
        assert!(signed(json!({ "crossOrigin": false })));
        assert!(!signed(json!({ "crossOrigin": true })));
        assert!(!signed(json!({ "crossOrigin": "true" })));
        assert!(answer::<Value>(json!({})).is_none());
    }
}
