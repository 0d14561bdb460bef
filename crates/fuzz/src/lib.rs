//! What no bytes may bring about: the entry points of the fuzz targets in `fuzz/`.
//!
//! Each takes any bytes, panics if they break what it holds true, and is tried with its seeds by the tests of every run.

#[cfg(test)]
mod changed;
mod oidc;
mod saml;
mod scim;
#[cfg(test)]
mod seeds;

use actix_web::{http::header, test::TestRequest};
use elder_crypto::{Cursors, KeyEnvironment, MasterKey, OpaqueToken, Sealer};
use elder_http::read_json;
use elder_kernel::{
    Id, Random, User,
    filter::{Dialect, Filter, FilterError, Limits, Path},
};
use futures_util::FutureExt as _;
use serde_json::Value;

pub use oidc::oidc_token;
pub use saml::{saml_answer, saml_metadata};
pub use scim::scim;

/// An entry point.
pub type Entry = fn(&[u8]);

/// Every entry point, by the name of its target and of the folder of its seeds.
pub const ENTRIES: [(&str, Entry); 10] = [
    ("filter", filter),
    ("path", path),
    ("scim", scim),
    ("oidc_token", oidc_token),
    ("saml_answer", saml_answer),
    ("saml_metadata", saml_metadata),
    ("cursor", cursor),
    ("typed_id", typed_id),
    ("credential", credential),
    ("json_body", json_body),
];

/// Wide enough for whatever a filter within the usual limits is written as.
const WIDE: Dialect = Dialect { limits: Limits { terms: 1_000, depth: 64, bytes: 1 << 20 }, lenient: false };

/// Longest body that is read.
const BODY_LIMIT: usize = 1 << 16;

/// A filter reads the same when it is written and read again; a fault stands within the text.
pub fn filter(bytes: &[u8]) {
    let Ok(text) = str::from_utf8(bytes) else { return };
    for dialect in [Dialect::REST, Dialect::SCIM] {
        match Filter::parse(text, &dialect) {
            Ok(filter) => assert_eq!(Filter::parse(&filter.to_string(), &WIDE), Ok(filter)),
            Err(error) => assert_stands_within(&error, text),
        }
    }
}

/// The same for the path of a PATCH operation.
pub fn path(bytes: &[u8]) {
    let Ok(text) = str::from_utf8(bytes) else { return };
    match Path::parse(text, &Dialect::SCIM) {
        Ok(path) => assert_eq!(Path::parse(&path.to_string(), &WIDE), Ok(path)),
        Err(error) => assert_stands_within(&error, text),
    }
}

fn assert_stands_within(error: &FilterError, text: &str) {
    assert!(error.position <= text.len(), "{error}");
}

/// Nobody forges a cursor: of all texts only what was written for the same list is read.
pub fn cursor(bytes: &[u8]) {
    let Ok(key) = MasterKey::from_bytes(&[7; 32]) else { return };
    let cursors = Cursors::new(Sealer::new(&key, Random::system()));
    let text = String::from_utf8_lossy(bytes);
    assert!(cursors.decode::<Value>("list", &text).is_err(), "a forged cursor");
    if let Ok(cursor) = cursors.encode("list", &text) {
        assert_eq!(cursors.decode::<String>("list", &cursor).as_deref(), Ok(&*text));
        assert!(cursors.decode::<String>("another", &cursor).is_err(), "a cursor of another list");
    }
}

/// An id has one text.
pub fn typed_id(bytes: &[u8]) {
    let Ok(text) = str::from_utf8(bytes) else { return };
    if let Ok(id) = text.parse::<Id<User>>() {
        assert_eq!(id.to_string(), text);
    }
}

/// Whatever is sent as a credential is parsed or refused.
pub fn credential(bytes: &[u8]) {
    let Ok(text) = str::from_utf8(bytes) else { return };
    let environment: Option<KeyEnvironment> = "live".parse().ok();
    let is_key = environment.is_some_and(|environment| environment.parse(text).is_ok());
    let is_token = OpaqueToken::parse(text).is_ok();
    assert!(!(is_key && is_token), "a text is a key or a token, not both");
}

/// A body that is taken is JSON with the same value to every reader; any other is the caller's fault.
pub fn json_body(bytes: &[u8]) {
    let (request, mut payload) = TestRequest::post()
        .insert_header((header::CONTENT_TYPE, "application/json"))
        .set_payload(bytes.to_vec())
        .to_http_parts();
    match read_json::<Value>(&request, &mut payload, BODY_LIMIT).now_or_never() {
        Some(Ok(value)) => {
            assert!(bytes.len() <= BODY_LIMIT && !value.to_string().contains("\\u0000"));
            assert_eq!(
                names_in(&value),
                names_written(bytes),
                "a name that stands twice is one that is lost"
            );
            assert_eq!(serde_json::from_slice::<Value>(bytes).ok(), Some(value));
        }
        Some(Err(problem)) => assert!(!problem.is_fault_of_server(), "{problem}"),
        None => assert!(bytes.is_empty(), "the body is all there and is waited for"),
    }
}

/// How many names all objects of a value have.
fn names_in(value: &Value) -> usize {
    match value {
        Value::Array(items) => items.iter().map(names_in).sum(),
        Value::Object(fields) => fields.len() + fields.values().map(names_in).sum::<usize>(),
        _ => 0,
    }
}

/// How many names a JSON text has: each has its colon, outside of the texts.
fn names_written(json: &[u8]) -> usize {
    let (mut names, mut in_text, mut escaped) = (0, false, false);
    for byte in json {
        match byte {
            _ if escaped => escaped = false,
            b'\\' => escaped = true,
            b'"' => in_text = !in_text,
            b':' if !in_text => names += 1,
            _ => {}
        }
    }
    names
}
