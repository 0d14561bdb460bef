//! `/account`.

use actix_web::{HttpRequest, HttpResponse, http::StatusCode, web::Data};
use askama::Template;
use elder_access::Visitor;
use elder_api_types::{me::Me, regional::Locale};
use elder_crypto::PasswordHasher;
use elder_http::{Problem, PublicUrl, Query};
use elder_portal_users::{Error, pages};

use super::{Address, Desk, Done, Profile, Saved};
use crate::{
    alerts::Alerts,
    form::Form,
    frame::{Frame, built_with},
    place::Place,
    sign_out::Nothing,
    words::LANGUAGES,
};

#[derive(Template)]
#[template(path = "account.html")]
struct AccountPage<'a> {
    frame: &'a Frame,
    place: Place,
    me: &'a Me,
    languages: Vec<(&'a str, &'a str)>,
    locale: &'a str,
    email: &'a str,
    saved: Option<&'static str>,
    alerts: &'a Alerts,
}

/// Shows the own account.
#[utoipa::path(get, path = "/account")]
pub(crate) async fn show(
    visitor: Visitor,
    done: Query<Done>,
    request: HttpRequest,
) -> Result<HttpResponse, Problem> {
    let desk = Desk::open(visitor.myself()?, &request).await?;
    page(&desk, StatusCode::OK, done.0.words(&desk), ("", &Alerts::default()))
}

/// Changes name and language.
#[utoipa::path(post, path = "/account/profile")]
pub(crate) async fn set_profile(
    visitor: Visitor,
    form: Form<Profile>,
    request: HttpRequest,
) -> Result<HttpResponse, Problem> {
    let desk = Desk::open(visitor.myself()?, &request).await?;
    match form.0.patch(desk.frame.words) {
        Ok(patch) => answer(&desk, pages::update(desk.myself, patch).await.map(drop), Saved::Profile, ""),
        Err(alerts) => page(&desk, StatusCode::BAD_REQUEST, None, ("", &alerts)),
    }
}

/// Asks for another address.
#[utoipa::path(post, path = "/account/email")]
pub(crate) async fn change_email(
    visitor: Visitor,
    hasher: Data<PasswordHasher>,
    form: Form<Address>,
    request: HttpRequest,
) -> Result<HttpResponse, Problem> {
    let desk = Desk::open(visitor.myself()?, &request).await?;
    let (typed, public) = (form.0.email.clone(), built_with::<PublicUrl>(&request)?);
    match form.0.asked(desk.frame.words) {
        Ok(asked) => {
            let done = pages::change_email(desk.myself, &hasher, public, asked).await;
            answer(&desk, done, Saved::EmailAsked, &typed)
        }
        Err(alerts) => page(&desk, StatusCode::BAD_REQUEST, None, (&typed, &alerts)),
    }
}

/// Has the link sent again that proves the address.
#[utoipa::path(post, path = "/account/email/verification")]
pub(crate) async fn verify_email(
    visitor: Visitor,
    _: Form<Nothing>,
    request: HttpRequest,
) -> Result<HttpResponse, Problem> {
    let desk = Desk::open(visitor.myself()?, &request).await?;
    let done = pages::verify_email(desk.myself, built_with::<PublicUrl>(&request)?).await;
    answer(&desk, done, Saved::VerificationAsked, "")
}

/// Back to the page, or the page again with what was wrong.
fn answer(
    desk: &Desk<'_>,
    done: Result<(), Error>,
    saved: Saved,
    email: &str,
) -> Result<HttpResponse, Problem> {
    let Err(error) = done else { return Ok(desk.done(saved)) };
    let (status, alerts) = Alerts::of(error, desk.frame.words)?;
    page(desk, status, None, (email, &alerts))
}

fn page(
    desk: &Desk<'_>,
    status: StatusCode,
    saved: Option<&'static str>,
    (email, alerts): (&str, &Alerts),
) -> Result<HttpResponse, Problem> {
    let Desk { me, frame, .. } = desk;
    let locale = me.user.locale.as_ref().map_or("", Locale::as_str);
    let mut languages = vec![("", frame.words.any_language)];
    languages.extend(LANGUAGES);
    if !languages.iter().any(|(tag, _)| *tag == locale) {
        languages.push((locale, locale));
    }
    let place = Place::Account;
    frame.page(status, &AccountPage { frame, place, me, languages, locale, email, saved, alerts })
}
