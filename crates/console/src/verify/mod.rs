//! Links that concern an address: it is proven, or agrees to a change.

pub(crate) mod routes;

use askama::Template;
use elder_kernel::Secret;
use elder_portal_users::pages::EmailOutcome;
use serde::Deserialize;

use crate::{frame::Frame, words::Words};

/// Somebody who has pressed the button: programs open links too, and press none.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Pressed {
    token: Secret<String>,
}

#[derive(Template)]
#[template(path = "verify.html")]
struct VerifyPage<'a> {
    frame: &'a Frame,
    action: &'a str,
    token: &'a str,
}

/// What has come of it.
fn words_of(outcome: EmailOutcome, words: &Words) -> &'static str {
    match outcome {
        EmailOutcome::Verified => words.confirm_done,
        EmailOutcome::Registered => words.accepted,
        EmailOutcome::HalfConfirmed => words.confirm_half,
        EmailOutcome::Changed => words.confirm_changed,
    }
}
