//! The second step of a sign-in: a code that is typed, or a passkey.

use actix_web::{HttpResponse, http::StatusCode};
use askama::Template;
use elder_http::Problem;
use elder_kernel::Secret;
use elder_portal_users::{
    Error,
    pages::{SecondStep, again},
};

use super::desk::Desk;
use crate::{alerts::Alerts, fault::Notice, frame::Frame, passkey::Passkey, qr::Qr};

#[derive(Template)]
#[template(path = "factor.html")]
struct FactorPage<'a> {
    frame: &'a Frame,
    title: &'a str,
    action: &'a str,
    flow: &'a str,
    step: &'a SecondStep,
    qr: Option<Qr<'a>>,
    passkey: Option<Passkey<'a>>,
    alerts: &'a Alerts,
}

impl Desk<'_> {
    /// The page of the second step.
    pub(super) fn second(
        &self,
        status: StatusCode,
        step: &SecondStep,
        alerts: &Alerts,
    ) -> Result<HttpResponse, Problem> {
        let (words, flow) = (self.words(), step.flow.expose().as_str());
        let title = if step.is_enrolment { words.enrol } else { words.factor };
        if !step.takes_code && step.passkey.is_none() {
            let link = Some(("/sign-in", words.sign_in));
            return Notice::say(&self.frame, StatusCode::FORBIDDEN, [title, words.factor_not_here], link);
        }
        let action = self.path("/factor");
        let passkey = step.passkey.as_ref().map(|options| {
            let passkey = if step.is_enrolment {
                Passkey::create(options, &action, words.set_up_passkey)
            } else {
                Passkey::get(options, &action, words.sign_in_by_passkey)
            };
            passkey.map(|passkey| passkey.of_flow(flow))
        });
        let (passkey, qr) = (passkey.transpose()?, step.totp.as_ref().map(Qr::of));
        let has_script = passkey.is_some();
        let page = FactorPage { frame: &self.frame, title, action: &action, flow, step, qr, passkey, alerts };
        if has_script { self.frame.page_with_script(status, &page) } else { self.frame.page(status, &page) }
    }

    /// The second step again, with what was wrong; from the beginning if the sign-in is over.
    pub(super) async fn refuse_second(
        &self,
        flow: &Secret<String>,
        error: Error,
    ) -> Result<HttpResponse, Problem> {
        let words = self.words();
        let (status, alerts) = Alerts::of(error, words)?;
        match again(self.guest, self.relying_party, flow).await {
            Ok(step) => self.second(status, &step, &alerts),
            Err(Error::Mfa(_)) => {
                let link = self.path("");
                Notice::say(
                    &self.frame,
                    status,
                    [words.factor, words.flow_over],
                    Some((&link, words.sign_in)),
                )
            }
            Err(other) => Err(other.into()),
        }
    }
}
