//! `/account/link`.

use actix_web::{
    HttpRequest, HttpResponse,
    http::{StatusCode, header},
};
use askama::Template;
use elder_access::Visitor;
use elder_http::{BrowserCookie, Problem};
use elder_sso::{
    Error, Refusal,
    sign_in::{link, to_link},
};

use crate::{
    account::{Desk, Saved},
    fault::Notice,
    form::Form,
    frame::Frame,
    sign_out::Nothing,
};

#[derive(Template)]
#[template(path = "link.html")]
struct LinkPage<'a> {
    frame: &'a Frame,
    email: &'a str,
    about: &'a str,
}

/// Asks whether the account belongs to whom a provider has just named. Whoever is not signed in to it does that first, as
/// they usually do.
#[utoipa::path(get, path = "/account/link")]
pub(crate) async fn show(visitor: Visitor, request: HttpRequest) -> Result<HttpResponse, Problem> {
    let desk = Desk::open(visitor.fresh()?, &request).await?;
    let cookie = BrowserCookie::of_single_sign_on(&request);
    let Some(provider) = to_link(desk.myself, cookie.read(&request)).await? else {
        return refuse(&desk, desk.frame.words.sso_not_awaited);
    };
    let about = desk.frame.words.sso_link_about.replace("{}", &provider);
    let page = LinkPage { frame: &desk.frame, email: desk.me.user.email.typed(), about: &about };
    desk.frame.page(StatusCode::OK, &page)
}

/// Links the account.
#[utoipa::path(post, path = "/account/link")]
pub(crate) async fn submit(
    visitor: Visitor,
    _: Form<Nothing>,
    request: HttpRequest,
) -> Result<HttpResponse, Problem> {
    let desk = Desk::open(visitor.fresh()?, &request).await?;
    let cookie = BrowserCookie::of_single_sign_on(&request);
    match link(desk.myself, cookie.read(&request)).await {
        Ok(()) => {
            let mut answer = desk.done(Saved::Linked);
            if let Some(gone) = cookie.clear() {
                answer.headers_mut().append(header::SET_COOKIE, gone);
            }
            Ok(answer)
        }
        Err(Error::Refused(Refusal::LinkedToAnother)) => refuse(&desk, desk.frame.words.sso_account_exists),
        Err(Error::Refused(_)) => refuse(&desk, desk.frame.words.sso_not_awaited),
        Err(error) => Err(error.into()),
    }
}

fn refuse(desk: &Desk<'_>, why: &str) -> Result<HttpResponse, Problem> {
    let words = desk.frame.words;
    let link = Some(("/account/security", words.security));
    Notice::say(&desk.frame, StatusCode::FORBIDDEN, [words.sso_link, why], link)
}
