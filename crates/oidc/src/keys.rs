//! The keys of a provider: which of them are taken, how long they are kept, when they are asked for anew.

use std::sync::Arc;

use base64::{Engine as _, prelude::BASE64_URL_SAFE_NO_PAD};
use chrono::{DateTime, TimeDelta, Utc};
use elder_kernel::Clock;
use elder_outbound::http::Outbound;
use openidconnect::{JsonWebKey as _, JwsSigningAlgorithm as _, core::CoreJsonWebKey};
use serde_json::Value;
use tokio::sync::Mutex;

use crate::{OidcError, Refusal, error::Step, fetch, json::Object, jws::Compact};

/// How long keys are kept: a key that the provider has withdrawn is believed no longer.
const KEPT: TimeDelta = TimeDelta::hours(1);
/// How often an unknown key makes Elder ask anew, so that forged tokens do not make it ask all the time.
const ASKED_AGAIN: TimeDelta = TimeDelta::seconds(60);
/// The most keys that a provider may publish.
const MOST_KEYS: usize = 100;
/// The sizes of RSA keys in bytes: below they can be broken, above it takes long to verify by them.
const RSA_BYTES: std::ops::RangeInclusive<usize> = 256..=512;

/// A public key that a provider signs tokens with.
pub(crate) struct Key {
    pub(crate) jwk: CoreJsonWebKey,
    /// Entra: whose tokens it signs.
    pub(crate) issuer: Option<String>,
}

/// The keys of one connection, kept between sign-ins. Each connection has its own, so that nobody who sends forged tokens
/// through one keeps another from learning new keys.
#[derive(Default)]
pub struct Keys(Mutex<Kept>);

#[derive(Default)]
struct Kept {
    from: String,
    keys: Arc<[Key]>,
    read_at: Option<DateTime<Utc>>,
    asked_at: Option<DateTime<Utc>>,
}

/// Where keys come from.
#[derive(Clone, Copy)]
pub(crate) struct Source<'a> {
    pub(crate) outbound: &'a Outbound,
    pub(crate) clock: &'a Clock,
    pub(crate) url: &'a str,
}

impl Keys {
    /// Verifies a token by the keys that can have signed it. If none has, the provider may have new ones: it is asked, at
    /// most once a minute.
    pub(crate) async fn verify<T>(
        &self,
        source: Source<'_>,
        token: &Compact<'_>,
        by_key: impl Fn(&Key) -> Result<T, Refusal>,
    ) -> Result<T, OidcError> {
        let keys = self.known(source).await?;
        match verify(&keys, token, &by_key) {
            Err(Refusal::KeyUnknown | Refusal::Signature) => {}
            verdict => return Ok(verdict?),
        }
        let keys = self.newer(source, &keys).await?;
        Ok(verify(&keys, token, &by_key)?)
    }

    async fn known(&self, source: Source<'_>) -> Result<Arc<[Key]>, OidcError> {
        let mut kept = self.0.lock().await;
        let now = source.clock.now();
        if kept.from != source.url || kept.read_at.is_none_or(|at| now - at >= KEPT) {
            kept.ask(source).await?;
        }
        Ok(Arc::clone(&kept.keys))
    }

    /// Keys that are newer than these, or these. Who has waited for another's question takes its answer.
    async fn newer(&self, source: Source<'_>, old: &Arc<[Key]>) -> Result<Arc<[Key]>, OidcError> {
        let mut kept = self.0.lock().await;
        let now = source.clock.now();
        if Arc::ptr_eq(&kept.keys, old) && kept.asked_at.is_none_or(|at| now - at >= ASKED_AGAIN) {
            kept.ask(source).await?;
        }
        Ok(Arc::clone(&kept.keys))
    }
}

impl Kept {
    async fn ask(&mut self, source: Source<'_>) -> Result<(), OidcError> {
        self.asked_at = Some(source.clock.now());
        let document = fetch::document(source.outbound, Step::Keys, source.url, None).await?;
        let keys = read(&document.object)?.iter().filter_map(Key::read).collect();
        *self = Self { from: source.url.to_owned(), keys, read_at: self.asked_at, asked_at: self.asked_at };
        Ok(())
    }
}

/// The keys in a key set (RFC 7517 §5), whatever they are.
pub(crate) fn read(document: &Object) -> Result<&[Value], Refusal> {
    let keys = document.get("keys").and_then(Value::as_array);
    keys.filter(|keys| keys.len() <= MOST_KEYS).map(Vec::as_slice).ok_or(Refusal::KeysInvalid)
}

/// The verdict of the first key that can say something: a signature that does not fit one key may fit the next.
fn verify<T>(
    keys: &[Key],
    token: &Compact<'_>,
    by_key: impl Fn(&Key) -> Result<T, Refusal>,
) -> Result<T, Refusal> {
    let mut verdict = Err(Refusal::KeyUnknown);
    for key in keys.iter().filter(|key| key.may_have_signed(token)) {
        verdict = by_key(key);
        if !matches!(verdict, Err(Refusal::Signature)) {
            break;
        }
    }
    verdict
}

impl Key {
    /// A key that verifies signatures, unless its secret part is published with it or it is too weak. What is not
    /// understood is passed over: a provider may publish keys for others (RFC 7517 §5).
    pub(crate) fn read(value: &Value) -> Option<Self> {
        let text = |name: &str| value.get(name).and_then(Value::as_str);
        let is_for_signatures = text("use").is_none_or(|usage| usage == "sig")
            && value
                .get("key_ops")
                .is_none_or(|ops| ops.as_array().is_some_and(|ops| ops.contains(&"verify".into())));
        let is_strong = match text("kty")? {
            "RSA" => RSA_BYTES.contains(&size(text("n")?)?),
            "EC" | "OKP" => true,
            _ => false,
        };
        let is_public = value.get("d").is_none() && value.get("k").is_none();
        let jwk = serde_json::from_value(value.clone()).ok()?;
        (is_for_signatures && is_strong && is_public)
            .then(|| Self { jwk, issuer: text("issuer").map(str::to_owned) })
    }

    fn may_have_signed(&self, token: &Compact<'_>) -> bool {
        let algorithm = token.algorithm.core();
        let is_named =
            token.key_id.as_ref().is_none_or(|id| self.jwk.key_id().is_some_and(|own| **own == *id));
        let is_of_kind = algorithm.key_type().as_ref() == Some(self.jwk.key_type());
        let is_for_algorithm = match self.jwk.signing_alg() {
            openidconnect::JsonWebKeyAlgorithm::Unspecified => true,
            openidconnect::JsonWebKeyAlgorithm::Algorithm(own) => *own == algorithm,
            openidconnect::JsonWebKeyAlgorithm::Unsupported => false,
        };
        is_named && is_of_kind && is_for_algorithm
    }
}

/// The size of a number in base64url, in bytes, without zeroes in front.
pub(crate) fn size(number: &str) -> Option<usize> {
    let bytes = BASE64_URL_SAFE_NO_PAD.decode(number.trim_end_matches('=')).ok()?;
    Some(bytes.iter().skip_while(|byte| **byte == 0).count())
}
