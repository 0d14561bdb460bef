//! The page at which somebody signs in, for one errand.

use std::future::{Ready, ready};

use actix_web::{
    FromRequest, HttpRequest, HttpResponse,
    dev::Payload,
    http::{StatusCode, header},
};
use askama::Template;
use elder_access::{Guest, Visitor, flows};
use elder_http::{BrowserCookie, Problem};
use elder_kernel::Coded as _;
use elder_portal_users::{Error, TenantChoice};

use super::{Credentials, Step, errand::Errand};
use crate::{
    fault::{see_page, status},
    frame::Frame,
    words::Words,
};

/// What the page asks for, and what it says of what was typed before.
#[derive(Debug, Default)]
pub(super) struct Asked<'a> {
    pub(super) step: Step,
    pub(super) email: &'a str,
    pub(super) tenant: &'a str,
    pub(super) tenants: &'a [TenantChoice],
    pub(super) alerts: &'a [String],
}

#[derive(Template)]
#[template(path = "sign_in.html")]
struct SignInPage<'a> {
    frame: &'a Frame,
    application: Option<&'a str>,
    action: &'a str,
    asked: &'a Asked<'a>,
    alerts: &'a [String],
}

/// Who sends the form, and how.
pub(crate) struct Visit {
    pub(super) visitor: Visitor,
    pub(super) request: HttpRequest,
}

impl FromRequest for Visit {
    type Error = Problem;
    type Future = Ready<Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let visitor = Visitor::from_request(request, payload).into_inner();
        ready(visitor.map(|visitor| Self { visitor, request: request.clone() }))
    }
}

/// Where somebody signs in.
pub(super) struct Desk<'a> {
    request: &'a HttpRequest,
    errand: Errand,
    frame: Frame,
    action: String,
}

impl<'a> Desk<'a> {
    /// Finds out what the person comes for.
    pub(super) async fn open(
        guest: &Guest<flows::SignIn>,
        request: &'a HttpRequest,
    ) -> Result<Self, Problem> {
        let query = request.query_string();
        let errand = Errand::of(guest, query).await?;
        let leads_to = errand.asking.as_ref().map(|asking| asking.redirect_uri());
        let frame = Frame::of(request, errand.brand.clone(), None).leading_to(leads_to);
        let action = if query.is_empty() { "/sign-in".to_owned() } else { format!("/sign-in?{query}") };
        Ok(Self { request, errand, frame, action })
    }

    /// Where the person must sign in, if they come for that.
    pub(super) fn tenant(&self) -> Option<String> {
        self.errand.tenant.map(|tenant| tenant.to_string())
    }

    pub(super) fn words(&self) -> &'static Words {
        self.frame.words
    }

    pub(super) fn page(&self, status: StatusCode, asked: &Asked<'_>) -> Result<HttpResponse, Problem> {
        let page = SignInPage {
            frame: &self.frame,
            application: self.errand.asking.as_ref().map(|asking| asking.application.name.as_str()),
            action: &self.action,
            asked,
            alerts: asked.alerts,
        };
        self.frame.page(status, &page)
    }

    /// Gives the browser a cookie that nobody had before (P-27) and sends it on.
    pub(super) fn admit(&self, cookie: &str) -> HttpResponse {
        let mut answer = see_page(self.request, &self.errand.leads_to(self.request.query_string()));
        if let Some(cookie) = BrowserCookie::of(self.request).set(cookie) {
            answer.headers_mut().insert(header::SET_COOKIE, cookie);
        }
        answer
    }

    /// The form again, with what was wrong.
    pub(super) fn refuse(&self, typed: &Credentials, error: Error) -> Result<HttpResponse, Problem> {
        let Some(alerts) = self.words().alerts(&error) else { return Err(error.into()) };
        let status = status(error.code());
        match &error {
            Error::TenantRequired(tenants) => {
                self.page(status, &Asked { tenants, ..typed.asked(Step::Password) })
            }
            Error::PasswordExpired | Error::WeakPassword(_) => {
                self.page(status, &Asked { alerts: &alerts, ..typed.asked(Step::Renewal) })
            }
            _ => self.page(status, &Asked { alerts: &alerts, ..typed.asked(Step::Password) }),
        }
    }
}
