//! The page at which somebody signs in, for one errand.

use std::future::{Ready, ready};

use actix_web::{
    FromRequest, HttpRequest, HttpResponse,
    dev::Payload,
    http::{StatusCode, header},
};
use askama::Template;
use elder_access::{Guest, Visitor, flows};
use elder_applications::code::Asking;
use elder_http::{BrowserCookie, Problem};
use elder_kernel::Secret;
use elder_mfa::webauthn::RelyingParty;
use elder_portal_users::{
    Error, TenantChoice,
    pages::{self, AtBrowser, SecondStep, SignIn},
    risk::Places,
};
use elder_sso::discovery::{by_email, of_tenant};

use super::{Credentials, Step, errand::Errand, provider::ByProvider};
use crate::{
    alerts::{Alerts, FORM},
    fault::see_page,
    frame::{Frame, built_with},
    passkey::Passkey,
    words::Words,
};

/// What the page asks for, and what it says of what was typed before.
#[derive(Debug, Default)]
pub(super) struct Asked<'a> {
    pub(super) step: Step,
    pub(super) email: &'a str,
    pub(super) tenant: &'a str,
    pub(super) tenants: &'a [TenantChoice],
    pub(super) alerts: Alerts,
}

#[derive(Template)]
#[template(path = "sign_in.html")]
struct SignInPage<'a> {
    frame: &'a Frame,
    application: Option<&'a str>,
    is_again: bool,
    action: &'a str,
    asked: &'a Asked<'a>,
    alerts: &'a Alerts,
    passkey: Option<Passkey<'a>>,
    providers: &'a [ByProvider],
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

/// Where somebody signs in.
pub(super) struct Desk<'a> {
    pub(super) guest: &'a Guest<flows::SignIn>,
    pub(super) relying_party: &'a RelyingParty,
    pub(super) places: &'a Places,
    pub(super) frame: Frame,
    request: &'a HttpRequest,
    query: &'a str,
    errand: Errand,
}

impl<'a> Desk<'a> {
    /// Finds out what the person comes for.
    pub(super) async fn open(
        guest: &'a Guest<flows::SignIn>,
        request: &'a HttpRequest,
    ) -> Result<Self, Problem> {
        Self::open_again(guest, request, request.query_string()).await
    }

    /// The same where somebody is back from elsewhere, who had come with another query.
    pub(super) async fn open_again(
        guest: &'a Guest<flows::SignIn>,
        request: &'a HttpRequest,
        query: &'a str,
    ) -> Result<Self, Problem> {
        let errand = Errand::of(guest, query).await?;
        let leads_to = errand.asking.as_ref().map(Asking::redirect_uri);
        let frame = Frame::of(request, errand.brand.clone(), None).leading_to(leads_to);
        Ok(Self {
            guest,
            relying_party: built_with(request)?,
            places: built_with(request)?,
            frame,
            request,
            query,
            errand,
        })
    }

    /// Where the person must sign in, if they come for that.
    pub(super) fn tenant(&self) -> Option<String> {
        self.errand.tenant.map(|tenant| tenant.to_string())
    }

    pub(super) fn words(&self) -> &'static Words {
        self.frame.words
    }

    /// A path below `/sign-in` for the same errand.
    pub(super) fn path(&self, below: &str) -> String {
        let query = self.query;
        if query.is_empty() { format!("/sign-in{below}") } else { format!("/sign-in{below}?{query}") }
    }

    /// The address of somebody who is signed in and has come back to prove again who they are.
    pub(super) async fn returning(&self, visitor: &Visitor) -> Result<Option<String>, Problem> {
        match (self.errand.place, visitor.signed_in()) {
            (Some(_), Some(myself)) => Ok(Some(pages::profile(myself).await?.user.email.typed().to_owned())),
            _ => Ok(None),
        }
    }

    /// The form. Where an address is asked for, a passkey will do instead.
    pub(super) async fn page(&self, status: StatusCode, asked: Asked<'_>) -> Result<HttpResponse, Problem> {
        let (action, to_passkey) = (self.path(""), self.path("/passkey"));
        let options = match asked.step {
            Step::Address => pages::passkey_options(self.guest, self.relying_party).await?,
            Step::Password | Step::Renewal => None,
        };
        let label = self.words().sign_in_by_passkey;
        let passkey =
            options.as_ref().map(|options| Passkey::get(options, &to_passkey, label)).transpose()?;
        let has_script = passkey.is_some();
        let providers = self.providers(&asked).await?;
        let page = SignInPage {
            frame: &self.frame,
            application: self.errand.asking.as_ref().map(|asking| asking.application.name.as_str()),
            is_again: self.errand.place.is_some(),
            action: &action,
            asked: &asked,
            alerts: &asked.alerts,
            passkey,
            providers: &providers,
        };
        if has_script { self.frame.page_with_script(status, &page) } else { self.frame.page(status, &page) }
    }

    /// Sends the person on, or asks for the next step.
    pub(super) async fn go_on(&self, visitor: &Visitor, stands: SignIn) -> Result<HttpResponse, Problem> {
        match stands {
            SignIn::Done(at) => {
                // Whoever was signed in here before would else stay so without anybody who has the cookie.
                if let Some(before) = visitor.signed_in() {
                    pages::sign_out(before).await?;
                }
                Ok(self.admit(&at))
            }
            SignIn::Next(challenge) => {
                let step = SecondStep::begin(self.guest, self.relying_party, challenge).await?;
                self.second(StatusCode::OK, &step, &Alerts::default())
            }
        }
    }

    /// Gives the browser a cookie that nobody had before (P-27) and sends it on.
    fn admit(&self, at: &AtBrowser) -> HttpResponse {
        let mut answer = see_page(self.request, &self.errand.leads_to(self.query));
        let session = BrowserCookie::of(self.request).set(at.cookie.expose());
        let device =
            at.device.as_ref().and_then(|device| BrowserCookie::of_device(self.request).set(device.expose()));
        for cookie in session.into_iter().chain(device) {
            answer.headers_mut().append(header::SET_COOKIE, cookie);
        }
        answer
    }

    /// The form again, with what was wrong with what was typed.
    pub(super) async fn refuse(&self, typed: &Credentials, error: Error) -> Result<HttpResponse, Problem> {
        let (step, field) = match &error {
            Error::WeakPassword(_) => (Step::Renewal, "new_password"),
            Error::PasswordExpired => (Step::Renewal, FORM),
            _ => (Step::Password, FORM),
        };
        let tenants = match &error {
            Error::TenantRequired(tenants) => tenants.clone(),
            _ => Vec::new(),
        };
        let (status, alerts) = Alerts::of(error, self.words())?;
        // Which tenant is meant is asked, not complained about.
        let alerts = if tenants.is_empty() { alerts.at(field) } else { Alerts::default() };
        self.page(status, Asked { tenants: &tenants, alerts, ..typed.asked(step) }).await
    }

    /// The identity providers of the tenant that the person comes to, or of whose people their address is.
    async fn providers(&self, asked: &Asked<'_>) -> Result<Vec<ByProvider>, Problem> {
        let known = match self.errand.tenant {
            Some(tenant) => of_tenant(self.guest, tenant).await?,
            None if asked.email.is_empty() => Vec::new(),
            None => by_email(self.guest, asked.email).await?.into_iter().collect(),
        };
        let label = self.words().sign_in_with;
        Ok(known.iter().map(|idp| ByProvider::of(idp, label, self.query, asked.email)).collect())
    }

    /// The form again, where a passkey was refused.
    pub(super) async fn refuse_passkey(&self, error: Error) -> Result<HttpResponse, Problem> {
        let is_wrong = matches!(error, Error::InvalidProof);
        self.refuse_at_once(error, is_wrong.then_some(self.words().passkey_refused)).await
    }

    /// The form again, where somebody is not let in for whom a provider vouches.
    pub(super) async fn refuse_vouched(&self, error: Error) -> Result<HttpResponse, Problem> {
        let is_wrong = matches!(error, Error::InvalidCredentials);
        self.refuse_at_once(error, is_wrong.then_some(self.words().sso_not_admitted)).await
    }

    async fn refuse_at_once(
        &self,
        error: Error,
        instead: Option<&'static str>,
    ) -> Result<HttpResponse, Problem> {
        let (status, alerts) = Alerts::of(error, self.words())?;
        let alerts = instead.map_or(alerts, |words| Alerts::beside(FORM, words));
        self.page(status, Asked { alerts, ..Asked::default() }).await
    }
}
