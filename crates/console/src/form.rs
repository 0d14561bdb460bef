//! Forms: read, and taken only from a page that this browser got.

use std::{fmt::Write as _, future::Future, pin::Pin};

use actix_web::{FromRequest, HttpRequest, dev::Payload};
use elder_http::{BrowserCookie, Problem, fields, read_fields};
use elder_kernel::ErrorCode;
use serde::de::DeserializeOwned;
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
            let mut sent = read_fields(&request, &mut payload).await?;
            ensure_ours(&request, &sent)?;
            sent.retain(|(name, _)| name != TOKEN);
            fields(sent).map(Self)
        })
    }
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_token_of_a_form_belongs_to_one_cookie_and_does_not_tell_it() {
        assert_ne!(token_for("a"), token_for("b"));
        assert!(!token_for("secret").contains("secret"));
        assert_eq!(token_for("a").len(), 64);
    }
}
