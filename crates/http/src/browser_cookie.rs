//! The cookies that Elder sets: by them a browser is known again on Elder's own pages, and nowhere else.

use actix_web::{
    HttpRequest,
    http::header::{self, HeaderValue},
    web::Data,
};

use crate::PublicUrl;

/// Where the world reaches Elder by TLS, the prefix `__Host-` makes browsers refuse a cookie from any other host and
/// without `Secure` (draft-ietf-httpbis-rfc6265bis §4.1.3.2). Over plain HTTP, which is for trying things on one's own
/// machine, there is no such cookie.
const SESSION: [&str; 2] = ["__Host-elder", "elder"];
/// It opens nothing: see the device tokens of the API.
const DEVICE: [&str; 2] = ["__Host-elder-device", "elder-device"];
/// It belongs to one sign-in, while that is at an identity provider.
const SINGLE_SIGN_ON: [&str; 2] = ["__Host-elder-sso", "elder-sso"];

/// The cookie as it is called here.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BrowserCookie {
    name: &'static str,
    attributes: &'static str,
    /// How long the browser keeps it; without it, until it is closed.
    lasts: &'static str,
}

impl BrowserCookie {
    /// The one by which somebody is known who is signed in, and forms belong to a browser.
    pub fn of(request: &HttpRequest) -> Self {
        Self::called(SESSION, "", request)
    }

    /// The one by which a browser is known at the next sign-in: for a year.
    pub fn of_device(request: &HttpRequest) -> Self {
        Self::called(DEVICE, "; Max-Age=31536000", request)
    }

    /// The one of a sign-in that is at an identity provider: for ten minutes.
    pub fn of_single_sign_on(request: &HttpRequest) -> Self {
        Self::called(SINGLE_SIGN_ON, "; Max-Age=600", request)
    }

    fn called([secure, plain]: [&'static str; 2], lasts: &'static str, request: &HttpRequest) -> Self {
        let url = request.app_data::<Data<PublicUrl>>();
        if url.is_some_and(|url| url.0.starts_with("https://")) {
            return Self { name: secure, attributes: "Path=/; Secure; HttpOnly; SameSite=Lax", lasts };
        }
        Self { name: plain, attributes: "Path=/; HttpOnly; SameSite=Lax", lasts }
    }

    /// What the browser sent; none if it sent nothing, or two things under the one name.
    pub fn read(self, request: &HttpRequest) -> Option<&str> {
        let lines = request.headers().get_all(header::COOKIE).filter_map(|line| line.to_str().ok());
        let pairs = lines.flat_map(|line| line.split(';')).filter_map(|pair| pair.trim().split_once('='));
        let mut values = pairs.filter(|(name, _)| *name == self.name).map(|(_, value)| value);
        let value = values.next().filter(|value| !value.is_empty());
        if values.next().is_some() { None } else { value }
    }

    /// The header that gives the browser another value.
    pub fn set(self, value: &str) -> Option<HeaderValue> {
        let Self { name, attributes, lasts } = self;
        let mut header = HeaderValue::try_from(format!("{name}={value}; {attributes}{lasts}")).ok()?;
        header.set_sensitive(true);
        Some(header)
    }

    /// The header that takes it from the browser.
    pub fn clear(self) -> Option<HeaderValue> {
        let Self { name, attributes, .. } = self;
        HeaderValue::try_from(format!("{name}=; Max-Age=0; {attributes}")).ok()
    }
}

#[cfg(test)]
mod tests {
    use actix_web::test::TestRequest;

    use super::*;

    fn request(url: &str, cookies: &[&str]) -> HttpRequest {
        let request = TestRequest::default().app_data(Data::new(PublicUrl(url.to_owned())));
        let with = |request: TestRequest, line: &&str| request.append_header((header::COOKIE, *line));
        cookies.iter().fold(request, with).to_http_request()
    }

    fn read(url: &str, cookies: &[&str]) -> Option<String> {
        let request = request(url, cookies);
        BrowserCookie::of(&request).read(&request).map(str::to_owned)
    }

    #[test]
    fn p_28_by_tls_only_a_cookie_counts_that_no_other_host_can_have_set() {
        assert_eq!(read("https://id.example", &["a=b; __Host-elder=x"]).as_deref(), Some("x"));
        assert_eq!(read("https://id.example", &["elder=x"]), None);
        assert_eq!(read("http://127.0.0.1:8080", &["__Host-elder=y; elder=x"]).as_deref(), Some("x"));
        let secure = BrowserCookie::of(&request("https://id.example", &[])).set("x").unwrap();
        assert_eq!(secure, "__Host-elder=x; Path=/; Secure; HttpOnly; SameSite=Lax");
    }

    #[test]
    fn of_two_cookies_neither_counts() {
        assert_eq!(read("http://localhost", &["elder=x; elder=y"]), None);
        assert_eq!(read("http://localhost", &["elder=x", "elder=y"]), None);
        assert_eq!(read("http://localhost", &["elder="]), None);
    }
}
