//! What every message has: an id, a way to go, and a word of ours that comes back with its answer.

use base64::{Engine as _, prelude::BASE64_URL_SAFE_NO_PAD};
use elder_kernel::Random;
use serde::{Deserialize, Serialize};

use crate::Fault;

/// The id of a message of ours, which its answer names.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct RequestId(String);

impl RequestId {
    /// A new one of 160 random bits; at least 128 are demanded, and it must be an XML name (SAML core §1.3.4).
    pub(crate) fn random(random: &Random) -> Self {
        let bytes = random.bytes::<20>();
        let mut text = String::with_capacity(1 + 2 * bytes.len());
        text.push('_');
        for byte in bytes {
            for nibble in [byte >> 4, byte & 15] {
                text.extend(char::from_digit(nibble.into(), 16));
            }
        }
        Self(text)
    }

    /// One that was kept.
    pub fn kept(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// Its text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// A word of ours that the provider sends back with its answer: never an address, so that nobody is led astray by it.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct RelayState(String);

impl RelayState {
    /// Longest one that a provider must keep (SAML bindings §3.4.3).
    pub const LONGEST: usize = 80;

    /// A new one of 160 random bits.
    pub fn random(random: &Random) -> Self {
        Self(BASE64_URL_SAFE_NO_PAD.encode(random.bytes::<20>()))
    }

    /// Reads one that came back, or one of the caller's.
    ///
    /// # Errors
    /// [`Fault::RelayStateInvalid`] if it is empty, longer than 80 bytes, or has other characters than those of base64url.
    pub fn parse(text: &str) -> Result<Self, Fault> {
        let is_opaque = text.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_'));
        if text.is_empty() || text.len() > Self::LONGEST || !is_opaque {
            return Err(Fault::RelayStateInvalid);
        }
        Ok(Self(text.to_owned()))
    }

    /// Its text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// Whether a message asks or answers: the name of its field in a query or a form.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Field {
    /// `SAMLRequest`.
    Request,
    /// `SAMLResponse`.
    Response,
}

impl Field {
    /// Its name in the query or form.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Request => "SAMLRequest",
            Self::Response => "SAMLResponse",
        }
    }
}

/// How the browser takes a message to the provider.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Form {
    /// It goes to this address (SAML bindings §3.4).
    Redirect(String),
    /// It sends a form (SAML bindings §3.5).
    Post {
        /// Where to.
        action: String,
        /// The name of the field that has the message.
        field: Field,
        /// The message, in base64.
        message: String,
        /// What goes beside it as `RelayState`.
        relay_state: Option<String>,
    },
}

/// A message on its way.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sent {
    /// Its id; to be kept, since the answer must name it.
    pub id: RequestId,
    /// How it goes.
    pub form: Form,
}

/// How a message has come in.
#[derive(Debug, Clone, Copy)]
pub enum Arrived<'a> {
    /// By redirect: the whole query of the URL, as it was sent, without the question mark.
    Redirect(&'a str),
    /// By POST: fields of the form, as they were sent.
    Post {
        /// `SAMLRequest` or `SAMLResponse`, in base64.
        message: &'a str,
        /// `RelayState`, if it is there.
        relay_state: Option<&'a str>,
    },
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn s_25_of_a_hundred_thousand_ids_no_two_are_the_same_and_each_bit_is_as_often_set_as_not() {
        const MANY: usize = 100_000;
        let random = Random::system();
        let ids: HashSet<String> = (0..MANY).map(|_| RequestId::random(&random).0).collect();
        assert_eq!(ids.len(), MANY);
        let mut set = [0_usize; 160];
        for id in &ids {
            for (digit, bits) in id[1..].chars().zip(set.chunks_mut(4)) {
                let digit = digit.to_digit(16).unwrap();
                for (at, count) in bits.iter_mut().enumerate() {
                    *count += usize::from((digit >> at) & 1 == 1);
                }
            }
        }
        // Ten standard deviations to either side.
        let usual = MANY / 2 - 1_600..MANY / 2 + 1_600;
        assert!(set.iter().all(|count| usual.contains(count)), "{set:?}");
    }
}
