//! Requests that may be sent again: what names one (`Idempotency-Key`), and the first answer, which is kept.

use std::sync::OnceLock;

use actix_web::{
    HttpMessage as _, HttpRequest, HttpResponse,
    body::MessageBody as _,
    http::{
        Method, StatusCode,
        header::{self, HeaderName},
    },
};
use elder_kernel::ErrorCode;
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use sha2::{Digest as _, Sha256};

use crate::{Problem, RequestMeta};

/// The header that names a request.
const KEY: HeaderName = HeaderName::from_static("idempotency-key");
/// The header that tells a first answer that is given again.
const REPLAYED: HeaderName = HeaderName::from_static("idempotency-replayed");
/// Characters that a key may have.
const LONGEST_KEY: usize = 255;
/// The headers of an answer that say something of what was done; the others are those of every answer.
const KEPT_HEADERS: [HeaderName; 3] = [header::CONTENT_TYPE, header::LOCATION, header::ETAG];

/// A POST with an `Idempotency-Key`, seen by all who work on it.
#[derive(Debug, PartialEq, Eq)]
pub struct Repeatable {
    key: String,
    target: String,
    body: OnceLock<[u8; 32]>,
    looked_up: OnceLock<()>,
    first: OnceLock<KeptAnswer>,
}

/// An answer as it is kept with what was done.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct KeptAnswer {
    status: u16,
    headers: Vec<(String, String)>,
    body: String,
}

/// Why a request under a key goes no further.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Repeated {
    /// The first one is not answered yet.
    #[error("the first request with this `Idempotency-Key` is still being worked on")]
    InProgress,
    /// Another request has the key.
    #[error("this `Idempotency-Key` names another request: take a new key for each")]
    AnotherRequest,
    /// It was done. The door gives the first answer in place of this.
    #[error("this request was answered before")]
    Answered,
}

/// An answer that is no whole text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("an answer that is no whole text cannot be kept")]
pub struct NotKept;

impl Repeatable {
    /// Reads the key of a request; none if it has none, or is no POST.
    ///
    /// # Errors
    /// `invalid_parameter` for more than one key, or one that is empty or too long.
    pub fn read(request: &HttpRequest) -> Result<Option<Self>, Problem> {
        let mut keys = request.headers().get_all(KEY);
        let Some(key) = keys.next().filter(|_| request.method() == Method::POST) else { return Ok(None) };
        let key = str::from_utf8(key.as_bytes()).ok().filter(|_| keys.next().is_none());
        let key = key.filter(|key| (1..=LONGEST_KEY).contains(&key.chars().count())).ok_or_else(|| {
            let what = format!("`Idempotency-Key` takes one key of 1 to {LONGEST_KEY} characters.");
            Problem::new(ErrorCode::InvalidParameter, what)
        })?;
        Ok(Some(Self::new(key, request.uri().to_string())))
    }

    fn new(key: &str, target: String) -> Self {
        Self {
            key: key.to_owned(),
            target,
            body: OnceLock::new(),
            looked_up: OnceLock::new(),
            first: OnceLock::new(),
        }
    }

    /// One of the changes that this request makes, each for itself; `name` tells them apart. Where another sending of the
    /// request is at the same change, it is waited for, and what it has done counts for this one.
    #[must_use]
    pub fn part(&self, name: &str) -> Self {
        Self {
            // No header has this sign, and so no caller's key.
            key: format!("{}\u{1f}{name}", self.key),
            target: self.target.clone(),
            body: self.body.clone(),
            looked_up: OnceLock::from(()),
            first: OnceLock::new(),
        }
    }

    /// The caller's name for this request.
    pub fn key(&self) -> &str {
        &self.key
    }

    /// A digest of all that makes this request another than those under the same key: path, query and body.
    pub fn fingerprint(&self) -> [u8; 32] {
        let body = self.body.get().map(<[u8; 32]>::as_slice).unwrap_or_default();
        Sha256::new().chain_update(&self.target).chain_update([0]).chain_update(body).finalize().into()
    }

    /// Takes note of the body of a request, if the request is one that may be sent again.
    pub(crate) fn note_body(request: &HttpRequest, body: &[u8]) {
        let extensions = request.extensions();
        let repeatable = extensions.get::<RequestMeta>().and_then(|meta| meta.repeatable.as_ref());
        if let Some(repeatable) = repeatable {
            repeatable.body.get_or_init(|| Sha256::digest(body).into());
        }
    }

    /// Whether it is looked up for the first time now.
    pub fn begins(&self) -> bool {
        self.looked_up.set(()).is_ok()
    }

    /// Says how the request was answered the first time.
    pub fn was_answered(&self, first: KeptAnswer) {
        self.first.get_or_init(|| first);
    }

    /// What the first answer said, if it is of this form.
    pub fn first<T: DeserializeOwned>(&self) -> Option<T> {
        serde_json::from_str(&self.first.get()?.body).ok()
    }

    /// The first answer, to be given again.
    pub fn replay(&self) -> Option<HttpResponse> {
        self.first.get().map(KeptAnswer::replay)
    }
}

impl KeptAnswer {
    /// Keeps an answer, and gives it back.
    ///
    /// # Errors
    /// [`NotKept`] for a stream, and for what is no UTF-8.
    pub fn of(answer: HttpResponse) -> Result<(Self, HttpResponse), NotKept> {
        let (head, body) = answer.into_parts();
        let bytes = body.try_into_bytes().map_err(|_| NotKept)?;
        let text = |name: HeaderName| {
            let value = head.headers().get(&name)?.to_str().ok()?;
            Some((name.as_str().to_owned(), value.to_owned()))
        };
        let kept = Self {
            status: head.status().as_u16(),
            headers: KEPT_HEADERS.into_iter().filter_map(text).collect(),
            body: str::from_utf8(&bytes).map_err(|_| NotKept)?.to_owned(),
        };
        Ok((kept, head.set_body(bytes).map_into_boxed_body()))
    }

    fn replay(&self) -> HttpResponse {
        let status = StatusCode::from_u16(self.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let mut answer = HttpResponse::build(status);
        for (name, value) in &self.headers {
            answer.insert_header((name.as_str(), value.as_str()));
        }
        answer.insert_header((REPLAYED, "true"));
        if self.body.is_empty() { answer.finish() } else { answer.body(self.body.clone()) }
    }
}

#[cfg(test)]
mod tests {
    use actix_web::test::TestRequest;

    use super::*;

    fn read(keys: &[&str]) -> Result<Option<Repeatable>, &'static str> {
        let request = TestRequest::post().uri("/api/v2/users?x=1");
        let request = keys.iter().fold(request, |request, key| request.append_header((KEY, *key)));
        Repeatable::read(&request.to_http_request()).map_err(|problem| problem.code().slug())
    }

    #[test]
    fn a_key_is_one_text_of_up_to_255_characters() {
        assert_eq!(read(&["a"]).unwrap().unwrap().key(), "a");
        assert_eq!(read(&["ü".repeat(255).as_str()]).unwrap().unwrap().key().chars().count(), 255);
        assert_eq!(read(&[]), Ok(None));
        for keys in [&[""][..], &["a".repeat(256).as_str()], &["a", "b"]] {
            assert_eq!(read(keys), Err("invalid_parameter"), "{keys:?}");
        }
    }

    #[test]
    fn only_a_post_is_named_by_a_key() {
        let request = TestRequest::patch().append_header((KEY, "a")).to_http_request();
        assert_eq!(Repeatable::read(&request).unwrap(), None);
    }

    #[test]
    fn another_target_or_body_is_another_request() {
        let of = |target: &str, body: Option<&[u8]>| {
            let request = Repeatable::new("a", target.to_owned());
            if let Some(body) = body {
                request.body.set(Sha256::digest(body).into()).unwrap();
            }
            request.fingerprint()
        };
        assert_eq!(of("/a", Some(b"1")), of("/a", Some(b"1")));
        let all =
            [of("/a", None), of("/a", Some(b"")), of("/a", Some(b"1")), of("/a?1", None), of("/b", None)];
        for (index, one) in all.iter().enumerate() {
            assert!(!all[..index].contains(one), "{index}");
        }
    }

    #[test]
    fn what_is_kept_is_given_again_with_what_says_what_was_done() {
        let mut answer = HttpResponse::Created();
        answer.insert_header((header::LOCATION, "/x")).insert_header(("x-other", "1"));
        let (kept, answer) = KeptAnswer::of(answer.json("done")).unwrap();
        assert_eq!(answer.headers().get("x-other").unwrap(), "1");
        let (again, replayed) = KeptAnswer::of(kept.replay()).unwrap();
        assert_eq!(again, kept);
        assert_eq!(replayed.headers().get(&REPLAYED).unwrap(), "true");
        assert_eq!(
            kept.headers,
            [
                ("content-type".to_owned(), "application/json".to_owned()),
                ("location".to_owned(), "/x".to_owned()),
            ]
        );
    }
}
