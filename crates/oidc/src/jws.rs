//! A signed token in its one accepted form: what is read here is what is verified.

use base64::{Engine as _, prelude::BASE64_URL_SAFE_NO_PAD};
use serde_json::Value;

use crate::{
    Algorithm, Refusal,
    json::{self, Fault, Object},
};

/// The longest token that is read.
const MOST_BYTES: usize = 64 << 10;
/// The longest name of a key.
const MOST_KEY_ID_BYTES: usize = 255;
/// Members of a header that change what the rest means: none of them is supported (RFC 7515 §4.1.11, RFC 7797, RFC 7516).
const EXTENSIONS: [&str; 5] = ["crit", "b64", "zip", "enc", "cty"];

/// A JWS in its compact form (RFC 7515 §3.1) whose header holds nothing unexpected. Nothing of it is believed yet.
pub(crate) struct Compact<'a> {
    /// The text as it was sent.
    pub(crate) text: &'a str,
    /// The part of it that is signed.
    pub(crate) signed: &'a str,
    pub(crate) signature: Vec<u8>,
    pub(crate) algorithm: Algorithm,
    pub(crate) key_id: Option<String>,
    pub(crate) claims: Object,
}

impl<'a> Compact<'a> {
    /// Takes a token apart. `kinds` are the values that its `typ` may have, in lower case; it may also have none.
    /// Keys and addresses of keys in its header (`jwk`, `jku`, `x5c`, `x5u`) are not looked at.
    pub(crate) fn parse(text: &'a str, algorithms: &[Algorithm], kinds: &[&str]) -> Result<Self, Refusal> {
        if text.len() > MOST_BYTES {
            return Err(Refusal::TokenTooLong);
        }
        let parts: Vec<_> = text.split('.').collect();
        let [header, payload, signature] = parts[..] else {
            return Err(if parts.len() == 5 { Refusal::TokenEncrypted } else { Refusal::TokenForm });
        };
        let fields = object(header)?;
        let algorithm = fields.get("alg").and_then(Value::as_str).and_then(Algorithm::of_name);
        let algorithm = algorithm.filter(|algorithm| algorithms.contains(algorithm));
        let algorithm = algorithm.ok_or(Refusal::TokenAlgorithm)?;
        if EXTENSIONS.iter().any(|extension| fields.contains_key(*extension)) {
            return Err(Refusal::TokenCritical);
        }
        let is_kind = |kind: &str| kinds.contains(&kind.to_ascii_lowercase().as_str());
        if fields.get("typ").is_some_and(|kind| !kind.as_str().is_some_and(is_kind)) {
            return Err(Refusal::TokenKind);
        }
        Ok(Self {
            text,
            signed: text.get(..header.len() + 1 + payload.len()).ok_or(Refusal::TokenForm)?,
            signature: bytes(signature)?,
            algorithm,
            key_id: fields.get("kid").map(key_id).transpose()?,
            claims: object(payload)?,
        })
    }
}

fn key_id(value: &Value) -> Result<String, Refusal> {
    let is_acceptable = |id: &&str| !id.is_empty() && id.len() <= MOST_KEY_ID_BYTES;
    value.as_str().filter(is_acceptable).map(str::to_owned).ok_or(Refusal::TokenKeyId)
}

fn object(part: &str) -> Result<Object, Refusal> {
    json::object(&bytes(part)?).map_err(|fault| match fault {
        Fault::Duplicate => Refusal::TokenDuplicate,
        Fault::Form => Refusal::TokenForm,
    })
}

fn bytes(part: &str) -> Result<Vec<u8>, Refusal> {
    BASE64_URL_SAFE_NO_PAD.decode(part).map_err(|_| Refusal::TokenForm)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn token(header: &Value, payload: &str) -> String {
        let part = |text: &str| BASE64_URL_SAFE_NO_PAD.encode(text);
        format!("{}.{}.{}", part(&header.to_string()), part(payload), part("signature"))
    }

    fn parse(text: &str) -> Result<String, Refusal> {
        let token = Compact::parse(text, &[Algorithm::RS256], &["jwt"])?;
        assert_eq!(format!("{}.{}", token.signed, BASE64_URL_SAFE_NO_PAD.encode(&token.signature)), text);
        Ok(format!("{} {:?}", token.algorithm, token.key_id))
    }

    #[test]
    fn a_token_of_the_usual_form_is_taken_apart() {
        for (header, read) in [
            (json!({"alg": "RS256"}), "RS256 None"),
            (json!({"alg": "RS256", "typ": "JWT", "kid": "a"}), "RS256 Some(\"a\")"),
            (json!({"alg": "RS256", "jwk": {"kty": "oct"}, "jku": "https://evil.example"}), "RS256 None"),
        ] {
            assert_eq!(parse(&token(&header, "{}")).as_deref(), Ok(read));
        }
    }

    #[test]
    fn o_04_o_05_an_algorithm_that_is_not_pinned_is_refused_however_it_is_written() {
        for algorithm in ["none", "None", "nOnE", "NONE", "", "HS256", "HS512", "ES256", "rs256", "RS256 "] {
            let refused = parse(&token(&json!({"alg": algorithm}), "{}"));
            assert_eq!(refused, Err(Refusal::TokenAlgorithm), "{algorithm}");
        }
        assert_eq!(parse(&token(&json!({}), "{}")), Err(Refusal::TokenAlgorithm));
        assert_eq!(parse(&token(&json!({"alg": ["RS256"]}), "{}")), Err(Refusal::TokenAlgorithm));
    }

    #[test]
    fn o_07_the_name_of_a_key_is_a_short_text() {
        for id in [json!(""), json!(1), json!(null), json!("k".repeat(256)), json!(["a"])] {
            assert_eq!(parse(&token(&json!({"alg": "RS256", "kid": id}), "{}")), Err(Refusal::TokenKeyId));
        }
    }

    #[test]
    fn o_09_every_other_form_of_a_token_is_refused() {
        let plain = token(&json!({"alg": "RS256"}), "{}");
        for (text, refusal) in [
            (String::new(), Refusal::TokenForm),
            ("a.b".to_owned(), Refusal::TokenForm),
            (format!("{plain}.x"), Refusal::TokenForm),
            (format!("{plain}.x.y"), Refusal::TokenEncrypted),
            (format!("{plain}="), Refusal::TokenForm),
            (format!(" {plain}"), Refusal::TokenForm),
            (json!({"payload": "e30", "signatures": []}).to_string(), Refusal::TokenForm),
            (token(&json!({"alg": "RS256"}), "[]"), Refusal::TokenForm),
            (token(&json!({"alg": "RS256"}), r#"{"sub": "a", "sub": "b"}"#), Refusal::TokenDuplicate),
            (token(&json!({"alg": "RS256"}), &" ".repeat(MOST_BYTES)), Refusal::TokenTooLong),
            (token(&json!({"alg": "RS256", "typ": "at+jwt"}), "{}"), Refusal::TokenKind),
            (token(&json!({"alg": "RS256", "typ": 1}), "{}"), Refusal::TokenKind),
        ] {
            assert_eq!(parse(&text), Err(refusal), "{text:.80}");
        }
        for extension in EXTENSIONS {
            let header = json!({"alg": "RS256", extension: ["x"]});
            assert_eq!(parse(&token(&header, "{}")), Err(Refusal::TokenCritical), "{extension}");
        }
    }
}
