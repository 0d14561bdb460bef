//! Forms: read, and taken only from a page that this browser got.

use std::{fmt::Write as _, future::Future, pin::Pin};

use actix_web::{FromRequest, HttpRequest, dev::Payload, http::header};
use elder_http::{BrowserCookie, Problem, read_body};
use elder_kernel::ErrorCode;
use serde::de::{
    DeserializeOwned,
    value::{Error as Mismatch, MapDeserializer},
};
use sha2::{Digest as _, Sha256};

/// The field that proves where a form comes from.
const TOKEN: &str = "form_token";

/// What somebody typed into a form.
#[derive(Debug)]
pub(crate) struct Form<T>(pub(crate) T);

/// What a form carries to show that its page was made for the browser that has this cookie. Another site can neither
/// read the cookie nor set it, so it cannot know this; and it tells nothing of the cookie.
pub(crate) fn token_for(cookie: &str) -> String {
    let digest = Sha256::new().chain_update("elder form\0").chain_update(cookie).finalize();
    hex(&digest)
}

/// Bytes as text.
pub(crate) fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut hex, byte| {
        // Writing into a text cannot fail.
        let _ = write!(hex, "{byte:02x}");
        hex
    })
}

impl<T: DeserializeOwned + 'static> FromRequest for Form<T> {
    type Error = Problem;
    type Future = Pin<Box<dyn Future<Output = Result<Self, Problem>>>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let (request, mut payload) = (request.clone(), payload.take());
        Box::pin(async move {
            ensure_form(&request)?;
            let body = read_body(&request, &mut payload).await?;
            let mut fields: Vec<(String, String)> = form_urlencoded::parse(&body).into_owned().collect();
            ensure_ours(&request, &fields)?;
            fields.retain(|(name, _)| name != TOKEN);
            read(fields).map(Self)
        })
    }
}

fn ensure_form(request: &HttpRequest) -> Result<(), Problem> {
    let kind = request.headers().get(header::CONTENT_TYPE).and_then(|kind| kind.to_str().ok());
    let kind = kind.and_then(|kind| kind.split(';').next()).map(str::trim).unwrap_or_default();
    if kind.eq_ignore_ascii_case("application/x-www-form-urlencoded") {
        return Ok(());
    }
    Err(Problem::new(ErrorCode::UnsupportedMediaType, "Send the form as a browser does."))
}

fn ensure_ours(request: &HttpRequest, fields: &[(String, String)]) -> Result<(), Problem> {
    let expected = BrowserCookie::of(request).read(request).map(token_for);
    let mut sent = fields.iter().filter(|(name, _)| name == TOKEN).map(|(_, value)| value);
    let is_ours = sent.next().is_some_and(|sent| Some(sent) == expected.as_ref()) && sent.next().is_none();
    is_ours.then_some(()).ok_or_else(|| {
        Problem::new(
            ErrorCode::CrossSite,
            "The form does not belong to this browser's cookie: open the page again.",
        )
    })
}

/// Each field once, and none that the form does not have.
fn read<T: DeserializeOwned>(fields: Vec<(String, String)>) -> Result<T, Problem> {
    let refused = |what: String| Problem::new(ErrorCode::ValidationFailed, what);
    if fields.iter().any(|(_, value)| value.contains('\0')) {
        return Err(refused("A field may not hold the character U+0000.".to_owned()));
    }
    T::deserialize(MapDeserializer::<_, Mismatch>::new(fields.into_iter()))
        .map_err(|error| refused(format!("The form is not valid: {error}.")))
}

#[cfg(test)]
mod tests {
    use serde::Deserialize;

    use super::*;

    #[derive(Debug, Deserialize, PartialEq)]
    #[serde(deny_unknown_fields)]
    struct Name {
        first: String,
        #[serde(default)]
        last: String,
    }

    fn fields(pairs: &[(&str, &str)]) -> Vec<(String, String)> {
        pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
    }

    #[test]
    fn a_form_has_each_of_its_fields_once_and_no_other() {
        let read = |pairs: &[(&str, &str)]| read::<Name>(fields(pairs));
        let name = Name { first: "a".to_owned(), last: String::new() };
        assert_eq!(read(&[("first", "a")]).unwrap(), name);
        for bad in [
            &[][..],
            &[("first", "a"), ("first", "b")],
            &[("first", "a"), ("is_admin", "1")],
            &[("first", "\0")],
        ] {
            assert_eq!(read(bad).unwrap_err().code(), ErrorCode::ValidationFailed, "{bad:?}");
        }
    }

    #[test]
    fn the_token_of_a_form_belongs_to_one_cookie_and_does_not_tell_it() {
        assert_ne!(token_for("a"), token_for("b"));
        assert!(!token_for("secret").contains("secret"));
        assert_eq!(token_for("a").len(), 64);
    }
}
