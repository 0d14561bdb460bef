//! The page at which somebody signs in, for one errand.

use std::future::{Ready, ready};

use actix_web::{
    FromRequest, HttpRequest, HttpResponse,
    dev::Payload,
    http::{StatusCode, header},
};
use askama::Template;
use elder_access::{Guest, Visitor, flows};
use elder_api_types::settings::SecondFactor;
use elder_http::{BrowserCookie, Problem};
use elder_kernel::{Coded as _, Secret};
use elder_portal_users::{
    Error, TenantChoice,
    pages::{self, AtBrowser, ChallengeStatus, SignIn, TotpEnrolment},
};

use super::{Credentials, Step, errand::Errand};
use crate::{
    fault::{Notice, see_page, status},
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

impl Visit {
    /// What shows that somebody has signed in by this browser before.
    pub(super) fn device(&self) -> Option<Secret<String>> {
        let device = BrowserCookie::of_device(&self.request).read(&self.request);
        device.map(|device| Secret::new(device.to_owned()))
    }
}

#[derive(Template)]
#[template(path = "factor.html")]
struct FactorPage<'a> {
    frame: &'a Frame,
    title: &'a str,
    action: &'a str,
    flow: &'a str,
    enrolment: Option<&'a TotpEnrolment>,
    alerts: &'a [String],
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

    /// Sends the person on, or asks for the next step.
    pub(super) async fn go_on(
        &self,
        guest: &Guest<flows::SignIn>,
        visitor: &Visitor,
        stands: SignIn,
    ) -> Result<HttpResponse, Problem> {
        match stands {
            SignIn::Done(at) => {
                // Whoever was signed in here before would else stay so without anybody who has the cookie.
                if let Some(before) = visitor.signed_in() {
                    pages::sign_out(before).await?;
                }
                Ok(self.admit(&at))
            }
            SignIn::Next(challenge) if !challenge.factors.iter().any(|factor| is_typed(*factor)) => {
                self.nothing_to_type()
            }
            SignIn::Next(challenge) => {
                let flow = Secret::new(challenge.flow);
                let enrolment = match challenge.status {
                    ChallengeStatus::MfaRequired => None,
                    ChallengeStatus::MfaEnrolmentRequired => Some(pages::enrol(guest, &flow).await?),
                };
                self.factor(StatusCode::OK, flow.expose(), enrolment.as_ref(), &[])
            }
        }
    }

    /// The second step again, with what was wrong.
    pub(super) fn refuse_factor(&self, flow: &str, error: Error) -> Result<HttpResponse, Problem> {
        match self.words().alerts(&error) {
            Some(alerts) => self.factor(status(error.code()), flow, None, &alerts),
            None => Err(error.into()),
        }
    }

    fn factor(
        &self,
        status: StatusCode,
        flow: &str,
        enrolment: Option<&TotpEnrolment>,
        alerts: &[String],
    ) -> Result<HttpResponse, Problem> {
        let words = self.words();
        let title = if enrolment.is_some() { words.enrol } else { words.factor };
        let action = self.action.replacen("/sign-in", "/sign-in/factor", 1);
        self.frame
            .page(status, &FactorPage { frame: &self.frame, title, action: &action, flow, enrolment, alerts })
    }

    /// Only a script could ask for the factor that the person has.
    fn nothing_to_type(&self) -> Result<HttpResponse, Problem> {
        let words = self.words();
        let link = Some(("/sign-in", words.sign_in));
        let (title, text) = (words.factor, words.factor_not_here);
        let notice = Notice { frame: &self.frame, title, words: text, request_id: None, link };
        self.frame.page(StatusCode::FORBIDDEN, &notice)
    }

    /// Gives the browser a cookie that nobody had before (P-27) and sends it on.
    fn admit(&self, at: &AtBrowser) -> HttpResponse {
        let mut answer = see_page(self.request, &self.errand.leads_to(self.request.query_string()));
        let session = BrowserCookie::of(self.request).set(at.cookie.expose());
        let device =
            at.device.as_ref().and_then(|device| BrowserCookie::of_device(self.request).set(device.expose()));
        for cookie in session.into_iter().chain(device) {
            answer.headers_mut().append(header::SET_COOKIE, cookie);
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

/// Whether a person can prove the factor by typing.
fn is_typed(factor: SecondFactor) -> bool {
    matches!(factor, SecondFactor::Totp | SecondFactor::BackupCode)
}
