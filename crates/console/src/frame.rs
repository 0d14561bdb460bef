//! What every page has around its own content: brand, language, the proof for its forms, and the headers that bound it.

use actix_web::{
    HttpRequest, HttpResponse,
    http::{
        StatusCode,
        header::{self, HeaderValue},
    },
    web::Data,
};
use askama::Template;
use elder_access::{Flow, Guest};
use elder_api_types::license::LicensePhase;
use elder_crypto::OpaqueToken;
use elder_http::{BrowserCookie, Problem, PublicUrl};
use elder_kernel::{ErrorCode, Seam, TenantId};
use elder_tenancy::{
    Brand,
    tenant::{self, NamesTenant},
};

use crate::{
    asset,
    form::{hex, token_for},
    words::Words,
};

/// The frame of a page.
#[derive(Debug)]
pub(crate) struct Frame {
    /// What it says.
    pub(crate) words: &'static Words,
    /// How it looks.
    pub(crate) brand: Brand,
    /// Goes with each form.
    pub(crate) form_token: String,
    /// What stands before the path of every page: nothing, unless a proxy serves Elder below a path of its own.
    pub(crate) base: String,
    /// The name of the style sheet.
    pub(crate) style: &'static str,
    /// The name of the script that pages with passkeys load.
    pub(crate) script: &'static str,
    /// The name of the one with the colours of the brand.
    pub(crate) brand_style: String,
    /// What whoever runs the platform should do something about.
    pub(crate) warning: Option<&'static str>,
    cookie: Option<HeaderValue>,
    onward: Option<String>,
}

impl Frame {
    /// A page of a brand, or of Elder's own looks. `locale` is what the person has chosen for themselves; else the
    /// browser says in which language, else the brand.
    pub(crate) fn of(request: &HttpRequest, brand: Option<Brand>, locale: Option<&str>) -> Self {
        let brand = brand.unwrap_or_else(elder);
        let accepted = request.headers().get(header::ACCEPT_LANGUAGE).and_then(|header| header.to_str().ok());
        let accepted = by_preference(accepted.unwrap_or_default());
        let words = Words::of(locale.into_iter().chain(accepted).chain([brand.locale.as_str()]));
        let name = BrowserCookie::of(request);
        let (value, cookie) = if let Some(value) = name.read(request) {
            (value.to_owned(), None)
        } else {
            let value = fresh(request);
            let cookie = name.set(&value);
            (value, cookie)
        };
        Self {
            words,
            form_token: token_for(&value),
            base: base(request).to_owned(),
            style: asset::style(),
            script: asset::script(),
            brand_style: asset::brand_style(&brand.color),
            brand,
            warning: None,
            cookie,
            onward: None,
        }
    }

    /// A page for somebody who has opened a mailed link, in the looks of the tenant that has sent it.
    pub(crate) async fn of_link<F: Flow>(
        request: &HttpRequest,
        guest: &Guest<F>,
        token: &str,
    ) -> Result<Self, Problem> {
        let brand = match OpaqueToken::parse(token) {
            Ok(token) => match Brand::of(&guest.begin(token.tenant).await?).await {
                Err(tenant::Error::NotFound) => None,
                brand => Some(brand?),
            },
            Err(_) => None,
        };
        Ok(Self::of(request, brand, None))
    }

    /// A page for somebody who is about to join the tenant that they name, in its looks.
    pub(crate) async fn of_tenant<F: Flow + NamesTenant>(
        request: &HttpRequest,
        guest: &Guest<F>,
        name: Option<&str>,
    ) -> Result<Self, Problem> {
        let tenant = match name {
            Some(name) => tenant::named(&guest.lookup().await?, name).await?,
            None => None,
        };
        Ok(Self::of(request, Self::brand(guest, tenant).await?, None))
    }

    /// How it looks in a tenant.
    pub(crate) async fn brand<F: Flow>(
        guest: &Guest<F>,
        tenant: Option<TenantId>,
    ) -> Result<Option<Brand>, Problem> {
        Ok(match tenant {
            Some(tenant) => Some(Brand::of(&guest.begin(tenant).await?).await?),
            None => None,
        })
    }

    /// Lets the browser follow a form of this page onward to where `uri` leads: it asks whether it may at each step.
    #[must_use]
    pub(crate) fn leading_to(self, uri: Option<&str>) -> Self {
        Self { onward: uri.and_then(source_of), ..self }
    }

    /// Says on the page that the licence needs somebody.
    #[must_use]
    pub(crate) fn warning_of(self, license: LicensePhase) -> Self {
        let warning = match license {
            LicensePhase::Grace => Some(self.words.license_grace),
            LicensePhase::Lapsed => Some(self.words.license_lapsed),
            LicensePhase::None | LicensePhase::Valid => None,
        };
        Self { warning, ..self }
    }

    /// The brand's logo, if the policy can name where it comes from.
    pub(crate) fn logo(&self) -> Option<&str> {
        self.brand.logo_url.as_deref().filter(|url| origin_of(url).is_some())
    }

    /// Answers with a page that runs nothing.
    pub(crate) fn page(&self, status: StatusCode, template: &impl Template) -> Result<HttpResponse, Problem> {
        self.answer(status, template, "")
    }

    /// Answers with a page that may ask for a passkey.
    pub(crate) fn page_with_script(
        &self,
        status: StatusCode,
        template: &impl Template,
    ) -> Result<HttpResponse, Problem> {
        self.answer(status, template, " script-src 'self';")
    }

    fn answer(
        &self,
        status: StatusCode,
        template: &impl Template,
        script: &str,
    ) -> Result<HttpResponse, Problem> {
        let html = template
            .render()
            .map_err(|error| Problem::new(ErrorCode::InternalError, format!("a page: {error}")))?;
        let mut answer = HttpResponse::build(status);
        answer
            .content_type("text/html; charset=utf-8")
            .insert_header((header::CONTENT_SECURITY_POLICY, self.policy(script)));
        if let Some(cookie) = &self.cookie {
            answer.insert_header((header::SET_COOKIE, cookie.clone()));
        }
        Ok(answer.body(html))
    }

    /// A page runs nothing or the one script, loads its style sheets and the logo, and sends its forms to Elder alone.
    fn policy(&self, script: &str) -> String {
        let space = |source: Option<&str>| source.map(|source| format!(" {source}")).unwrap_or_default();
        format!(
            "default-src 'none';{script} style-src 'self'; img-src 'self'{}; form-action 'self'{}; base-uri 'none'; \
             frame-ancestors 'none'",
            space(self.logo().and_then(origin_of)),
            space(self.onward.as_deref()),
        )
    }
}

/// What the application was built with: where the world reaches it, who asks authenticators, …
pub(crate) fn built_with<T: 'static>(request: &HttpRequest) -> Result<&T, Problem> {
    request.app_data::<Data<T>>().map(Data::get_ref).ok_or_else(|| {
        let what = std::any::type_name::<T>();
        Problem::new(ErrorCode::InternalError, format!("the application was built without {what}"))
    })
}

/// The path of the URL by which the world reaches Elder.
pub(crate) fn base(request: &HttpRequest) -> &str {
    let url = request.app_data::<Data<PublicUrl>>().map_or("", |url| url.0.as_str());
    url.match_indices('/').nth(2).and_then(|(at, _)| url.get(at..)).unwrap_or_default().trim_end_matches('/')
}

/// How Elder shows itself where no tenant is known.
fn elder() -> Brand {
    Brand::named("Elder".to_owned())
}

/// What no other browser has: its page's forms are good for this one alone.
fn fresh(request: &HttpRequest) -> String {
    let seam = request.app_data::<Data<Seam>>().map_or_else(Seam::system, |seam| seam.get_ref().clone());
    hex(&seam.random.bytes::<32>())
}

/// The languages of `Accept-Language`, the most wanted first (RFC 9110 §12.5.4).
fn by_preference(header: &str) -> impl Iterator<Item = &str> {
    let mut ranges: Vec<(&str, f32)> = header
        .split(',')
        .map(|range| {
            let (tag, weight) = range.split_once(";q=").unwrap_or((range, "1"));
            (tag.trim(), weight.trim().parse().unwrap_or_default())
        })
        .filter(|(_, weight)| *weight > 0.0)
        .collect();
    ranges.sort_by(|one, other| other.1.total_cmp(&one.1));
    ranges.into_iter().map(|(tag, _)| tag)
}

/// The origin of an `https` URL, if it can stand in a policy as it is.
fn origin_of(url: &str) -> Option<&str> {
    let rest = url.strip_prefix("https://")?;
    let host = rest.split(['/', '?', '#']).next()?;
    let plain = |c: char| c.is_ascii_alphanumeric() || ".-:[]".contains(c);
    (!host.is_empty() && host.chars().all(plain)).then(|| url.get(..url.len() - rest.len() + host.len()))?
}

/// What a policy calls the place that a registered URI leads to: its origin, or the scheme of a program.
fn source_of(uri: &str) -> Option<String> {
    if let Some(rest) = uri.strip_prefix("http://") {
        return origin_of(&format!("https://{rest}")).map(|origin| origin.replacen("https", "http", 1));
    }
    if uri.starts_with("https://") {
        return origin_of(uri).map(str::to_owned);
    }
    uri.split_once(':').map(|(scheme, _)| format!("{scheme}:"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn behind_a_proxy_every_page_lies_below_its_path() {
        for (url, path) in
            [("https://id.example", ""), ("https://id.example/", ""), ("https://example.com/elder", "/elder")]
        {
            let url = Data::new(PublicUrl(url.to_owned()));
            let request = actix_web::test::TestRequest::default().app_data(url.clone()).to_http_request();
            assert_eq!(base(&request), path, "{}", url.0);
        }
    }

    #[test]
    fn the_browser_says_which_language_it_wants_most() {
        let wanted = |header| by_preference(header).collect::<Vec<_>>();
        assert_eq!(wanted("fr;q=0.5, de-AT, en;q=0.9"), ["de-AT", "en", "fr"]);
        assert_eq!(wanted("de;q=0, en"), ["en"]);
    }

    #[test]
    fn w_27_nothing_but_an_origin_gets_into_the_policy() {
        assert_eq!(origin_of("https://a.example:8443/logo.png?x"), Some("https://a.example:8443"));
        for bad in
            ["https://a.example;script-src", "https://a b", "https://", "http://a.example", "https://a'b/"]
        {
            assert_eq!(origin_of(bad), None, "{bad}");
        }
        assert_eq!(source_of("http://localhost:3000/cb").as_deref(), Some("http://localhost:3000"));
        assert_eq!(source_of("com.acme.app:/cb").as_deref(), Some("com.acme.app:"));
    }
}
