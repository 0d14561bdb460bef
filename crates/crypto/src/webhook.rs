//! Signatures of what is sent to webhooks, by the rules of Standard Webhooks 1.0.0 (symmetric, `v1`).

use aws_lc_rs::hmac;
use base64::{Engine as _, engine::general_purpose::STANDARD};
use elder_kernel::Secret;

/// How a secret begins.
const PREFIX: &str = "whsec_";

/// The key that sender and receiver share.
pub struct WebhookKey(hmac::Key);

/// A text that is no such key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a signing secret is `whsec_` and the base64 of 24 to 64 bytes")]
pub struct InvalidWebhookKey;

impl WebhookKey {
    /// Reads a secret as it is exchanged.
    ///
    /// # Errors
    /// [`InvalidWebhookKey`].
    pub fn parse(secret: &Secret<String>) -> Result<Self, InvalidWebhookKey> {
        let encoded = secret.expose().strip_prefix(PREFIX).ok_or(InvalidWebhookKey)?;
        let bytes = STANDARD.decode(encoded).map_err(|_| InvalidWebhookKey)?;
        let is_long_enough = (24..=64).contains(&bytes.len());
        is_long_enough.then(|| Self(hmac::Key::new(hmac::HMAC_SHA256, &bytes))).ok_or(InvalidWebhookKey)
    }

    /// What stands in `webhook-signature` of a message.
    pub fn sign(&self, id: &str, timestamp: i64, body: &[u8]) -> String {
        let mut signing = hmac::Context::with_key(&self.0);
        signing.update(format!("{id}.{timestamp}.").as_bytes());
        signing.update(body);
        format!("v1,{}", STANDARD.encode(signing.sign().as_ref()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(text: &str) -> Result<WebhookKey, InvalidWebhookKey> {
        WebhookKey::parse(&Secret::new(text.to_owned()))
    }

    #[test]
    fn the_example_of_the_reference_implementation_is_signed_alike() {
        let key = key("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw").unwrap();
        let signature = key.sign("msg_p5jXN8AQM9LWM0D4loKWxJek", 1_614_265_330, b"{\"test\": 2432232314}");
        assert_eq!(signature, "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=");
    }

    #[test]
    fn what_is_no_secret_or_too_short_is_none() {
        for bad in ["", "whsec_", "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "whsec_?", "whsec_AAAA"] {
            assert!(key(bad).is_err(), "{bad}");
        }
    }
}
