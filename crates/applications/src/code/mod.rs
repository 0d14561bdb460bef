//! The way back to an application: a code for somebody who is signed in, and tokens for the code (RFC 6749 §4.1,
//! RFC 7636).

pub(crate) mod routes;
mod service;

use base64::{Engine as _, prelude::BASE64_URL_SAFE_NO_PAD};
use elder_kernel::Secret;
use serde::Deserialize;
use sha2::{Digest as _, Sha256};

pub(crate) use elder_api_types::application::CodeExchange;
pub use service::{Asking, ask, issue};

use crate::application::ApplicationId;

/// What an application sends people to `/authorize` with.
#[derive(Debug, Clone, Deserialize, garde::Validate)]
pub struct Authorization {
    /// The application.
    #[garde(skip)]
    pub application: ApplicationId,
    /// Where to return to: one of its registered URIs, character by character.
    #[garde(length(max = 2_000))]
    pub redirect_uri: String,
    /// Comes back as it is; by it the application knows its own request again.
    #[garde(length(min = 1, max = 1_000))]
    pub state: String,
    /// The SHA-256 of a secret that the application keeps (RFC 7636 §4.2).
    #[garde(custom(challenge))]
    pub code_challenge: String,
    /// `S256`: there is no other method.
    #[garde(custom(only_s256))]
    pub code_challenge_method: String,
}

/// 32 bytes in base64url without padding.
fn challenge(text: &str, &(): &()) -> garde::Result {
    let is_digest = BASE64_URL_SAFE_NO_PAD.decode(text).is_ok_and(|digest| digest.len() == 32);
    let words = "not the SHA-256 of a verifier in base64url without padding";
    is_digest.then_some(()).ok_or_else(|| garde::Error::new(words))
}

fn only_s256(method: &str, &(): &()) -> garde::Result {
    (method == "S256").then_some(()).ok_or_else(|| garde::Error::new("not `S256`, the only method there is"))
}

/// Whether a verifier is the one whose challenge was sent before (RFC 7636 §4.6).
fn fits(verifier: &Secret<String>, challenge: &str) -> bool {
    BASE64_URL_SAFE_NO_PAD.encode(Sha256::digest(verifier.expose())) == challenge
}

/// The URI with `parameters` added to its query.
fn with_parameters(uri: &str, parameters: &[(&str, &str)]) -> String {
    let mut added = form_urlencoded::Serializer::new(String::new());
    added.extend_pairs(parameters);
    let mark = if uri.contains('?') { '&' } else { '?' };
    format!("{uri}{mark}{}", added.finish())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_verifier_fits_the_challenge_of_the_rfc() {
        let verifier = Secret::new("dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk".to_owned());
        assert!(fits(&verifier, "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"));
        assert!(!fits(&verifier, verifier.expose()), "a plain challenge");
    }

    #[test]
    fn parameters_are_added_to_those_that_the_uri_has() {
        let parameters = [("code", "a b"), ("state", "&x=1")];
        assert_eq!(
            with_parameters("https://a.example", &parameters),
            "https://a.example?code=a+b&state=%26x%3D1"
        );
        assert_eq!(
            with_parameters("https://a.example/?t=1", &[("code", "c")]),
            "https://a.example/?t=1&code=c"
        );
    }
}
