//! What a trial of a provider has shown.

use actix_web::{HttpRequest, HttpResponse, http::StatusCode};
use askama::Template;
use elder_http::Problem;
use elder_sso::sign_in::{Trial, Tried};

use crate::frame::Frame;

#[derive(Template)]
#[template(path = "trial.html")]
struct TrialPage<'a> {
    frame: &'a Frame,
    title: &'a str,
    outcome: &'a str,
    reason: Option<&'a str>,
    claims: &'a [(String, String)],
    attributes: Vec<(&'a str, String)>,
    roles: Vec<String>,
    groups: String,
    missing: String,
}

pub(super) fn page(request: &HttpRequest, tried: &Tried) -> Result<HttpResponse, Problem> {
    let frame = Frame::of(request, None, None);
    let words = frame.words;
    let (outcome, reason) = match &tried.outcome {
        Trial::SignsIn(email) => (words.sso_trial_signs_in.replace("{}", email), None),
        Trial::AsksOwner => (words.sso_trial_asks_owner.to_owned(), None),
        Trial::Refused(reason) => (words.sso_trial_refused.to_owned(), Some(*reason)),
    };
    let title = words.sso_trial.replace("{}", &tried.provider);
    let preview = &tried.preview;
    let attributes = preview.attributes.iter().map(|(name, values)| (name.as_str(), values.join(", ")));
    let built_in = preview.tenant_roles.iter().map(|role| role.name().to_owned());
    let custom = preview.roles.iter().map(ToString::to_string);
    let there = preview.organizations.iter().map(|there| {
        let role =
            there.role.map(|role| role.name().to_owned()).or_else(|| there.role_id.map(|id| id.to_string()));
        format!("{} ({})", role.unwrap_or_default(), there.organization_id)
    });
    let page = TrialPage {
        frame: &frame,
        title: &title,
        outcome: &outcome,
        reason,
        claims: &tried.claims,
        attributes: attributes.collect(),
        roles: built_in.chain(custom).chain(there).collect(),
        groups: preview.groups.join(", "),
        missing: preview.missing_organizations.join(", "),
    };
    frame.page(StatusCode::OK, &page)
}
