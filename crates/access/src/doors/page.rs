//! Elder's own pages: where they are, and that what is sent to them comes from one of them.

use actix_web::{
    dev::ServiceRequest,
    http::{
        Method,
        header::{self, HeaderName, HeaderValue},
    },
    web::Data,
};
use elder_http::{Problem, PublicUrl};
use elder_kernel::ErrorCode;

/// How a browser says which page a request comes from (Fetch Metadata §2.4). No script can say otherwise.
const SEC_FETCH_SITE: HeaderName = HeaderName::from_static("sec-fetch-site");

/// The first segments of the paths of pages.
const PAGES: [&str; 11] = [
    "account",
    "authorize",
    "email-change",
    "invitation",
    "register",
    "reset",
    "setup",
    "sign-in",
    "sign-out",
    "sso",
    "verify",
];

/// What programs ask for below the path of single sign-on, like the API: by a token in a header, or by none.
const FOR_PROGRAMS: [&str; 5] = ["logout", "userinfo", "refresh", "backchannel-logout", "jwks"];
/// Where a browser brings what an identity provider has written and signed, by a form of the provider's page. The cookie of
/// this browser stays out of such a request (`SameSite`), and nothing there asks for it.
const FROM_PROVIDERS: [&str; 2] = ["acs", "slo"];

/// Whether a path is that of a page for people, or would be. A browser's cookie counts there and nowhere else, so no
/// page of another site can use it to call the API.
pub fn is_page(path: &str) -> bool {
    let mut segments = path.strip_prefix('/').unwrap_or_default().split('/');
    match (segments.next(), segments.next(), segments.next()) {
        (Some("sso"), Some("oidc"), Some(name)) => !FOR_PROGRAMS.contains(&name),
        (first, ..) => first.is_some_and(|first| PAGES.contains(&first)),
    }
}

/// Whether a path takes what an identity provider's page sends.
fn is_from_provider(path: &str) -> bool {
    let below = path.strip_prefix("/sso/saml/").and_then(|rest| rest.split_once('/'));
    below.is_some_and(|(_, name)| FROM_PROVIDERS.contains(&name))
}

/// Refuses what a page of another site sends: a form that changes something must come from a page of Elder's.
///
/// A browser that says nothing of the site says the origin, unless it is told to say none, as by Elder's own pages.
pub(super) fn ensure_own(request: &ServiceRequest) -> Result<(), Problem> {
    if matches!(*request.method(), Method::GET | Method::HEAD | Method::OPTIONS)
        || is_from_provider(request.path())
    {
        return Ok(());
    }
    let text = |name: HeaderName| request.headers().get(name).map(HeaderValue::as_bytes);
    let is_own = match text(SEC_FETCH_SITE) {
        Some(site) => site == b"same-origin",
        None => text(header::ORIGIN).is_some_and(|origin| Some(origin) == own_origin(request)),
    };
    is_own.then_some(()).ok_or_else(|| {
        Problem::new(
            ErrorCode::CrossSite,
            "The form was not sent by a page of this server: open the page again.",
        )
    })
}

/// The origin of the configured URL; what the request says of its host proves nothing.
fn own_origin(request: &ServiceRequest) -> Option<&[u8]> {
    let url = request.app_data::<Data<PublicUrl>>()?.0.as_str();
    let path = url.match_indices('/').nth(2).map_or(url.len(), |(at, _)| at);
    url.get(..path).map(str::as_bytes)
}

#[cfg(test)]
mod tests {
    use actix_web::test::TestRequest;

    use super::*;

    fn is_own(headers: &[(&'static str, &'static str)]) -> bool {
        let url = PublicUrl("https://id.example/elder".to_owned());
        let request = TestRequest::post().app_data(Data::new(url));
        let with =
            |request: TestRequest, header: &(&'static str, &'static str)| request.append_header(*header);
        ensure_own(&headers.iter().fold(request, with).to_srv_request()).is_ok()
    }

    #[test]
    fn w_28_a_form_of_another_site_is_refused_whatever_the_browser_says_of_it() {
        for headers in [
            &[][..],
            &[("origin", "null")],
            &[("origin", "https://evil.example")],
            &[("origin", "https://id.example.evil.example")],
            &[("origin", "http://id.example")],
            &[("host", "evil.example"), ("origin", "https://evil.example")],
            &[("sec-fetch-site", "cross-site"), ("origin", "https://id.example")],
            &[("sec-fetch-site", "same-site")],
            &[("sec-fetch-site", "none")],
        ] {
            assert!(!is_own(headers), "{headers:?}");
        }
        assert!(is_own(&[("origin", "https://id.example")]));
        assert!(is_own(&[("origin", "null"), ("sec-fetch-site", "same-origin")]));
    }

    #[test]
    fn what_a_provider_has_signed_comes_from_the_page_of_the_provider() {
        for path in ["/sso/saml/idp_1/acs", "/sso/saml/idp_1/slo"] {
            assert!(is_page(path) && is_from_provider(path), "{path}");
        }
        for other in
            ["/sso/saml/idp_1/login", "/sso/saml/acs", "/sso/oidc/acs", "/account/acs", "/sso/saml/a/b/acs"]
        {
            assert!(!is_from_provider(other), "{other}");
        }
    }

    #[test]
    fn a_page_is_told_by_its_first_segment() {
        for page in ["/account", "/account/sessions/end", "/sign-in", "/setup", "/sso", "/sso/oidc/callback"]
        {
            assert!(is_page(page), "{page}");
        }
        for other in [
            "/",
            "",
            "/accounts",
            "/api/v2/me",
            "/api/v2/account",
            "/healthz",
            "account",
            "/sso/oidc/logout/x",
        ] {
            assert!(!is_page(other), "{other}");
        }
    }
}
