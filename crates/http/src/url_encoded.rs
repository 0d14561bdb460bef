//! Bodies of the kind that a browser's form sends.

use std::{future::Future, pin::Pin};

use actix_web::{FromRequest, HttpRequest, dev::Payload, http::header};
use elder_kernel::ErrorCode;
use serde::de::{
    DeserializeOwned,
    value::{Error as Mismatch, MapDeserializer},
};

use crate::{Problem, read_body};

/// What was sent as `application/x-www-form-urlencoded`, from whatever page or program.
#[derive(Debug)]
pub struct UrlEncoded<T>(pub T);

impl<T: DeserializeOwned + 'static> FromRequest for UrlEncoded<T> {
    type Error = Problem;
    type Future = Pin<Box<dyn Future<Output = Result<Self, Problem>>>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let (request, mut payload) = (request.clone(), payload.take());
        Box::pin(async move { fields(read_fields(&request, &mut payload).await?).map(Self) })
    }
}

/// Reads the fields of a form.
///
/// # Errors
/// `unsupported_media_type`, `payload_too_large`, `malformed_json` if the client breaks off.
pub async fn read_fields(
    request: &HttpRequest,
    payload: &mut Payload,
) -> Result<Vec<(String, String)>, Problem> {
    let kind = request.headers().get(header::CONTENT_TYPE).and_then(|kind| kind.to_str().ok());
    let kind = kind.and_then(|kind| kind.split(';').next()).map(str::trim).unwrap_or_default();
    if !kind.eq_ignore_ascii_case("application/x-www-form-urlencoded") {
        let what = "Send the form as a browser does: `application/x-www-form-urlencoded`.";
        return Err(Problem::new(ErrorCode::UnsupportedMediaType, what));
    }
    let body = read_body(request, payload).await?;
    Ok(form_urlencoded::parse(&body).into_owned().collect())
}

/// Each field once; whether there may be others is for the type to say.
///
/// # Errors
/// `validation_failed`.
pub fn fields<T: DeserializeOwned>(fields: Vec<(String, String)>) -> Result<T, Problem> {
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

    fn pairs(pairs: &[(&str, &str)]) -> Vec<(String, String)> {
        pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
    }

    #[test]
    fn a_form_has_each_of_its_fields_once_and_no_other() {
        let read = |of: &[(&str, &str)]| fields::<Name>(pairs(of));
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
}
