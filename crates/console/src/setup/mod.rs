//! The page behind the setup link, so that the first owner needs nothing but a browser.

pub(crate) mod routes;

use askama::Template;
use elder_crypto::{OpaqueToken, TokenKind};
use elder_kernel::Secret;
use elder_portal_users::pages::Setup;
use serde::Deserialize;

use crate::{alerts::Alerts, frame::Frame, words::Words};

/// The longest name, in characters.
pub(crate) const LONGEST_NAME: usize = 200;

/// What somebody typed into the form.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Entries {
    token: String,
    email: String,
    full_name: String,
    password: Secret<String>,
}

/// The form with what was typed but the password, which a page must not hold, under what was wrong with it.
#[derive(Template)]
#[template(path = "setup.html")]
struct SetupPage<'a> {
    frame: &'a Frame,
    token: &'a str,
    email: &'a str,
    full_name: &'a str,
    alerts: &'a Alerts,
}

impl Entries {
    /// An empty form for the holder of a link.
    fn empty(token: String) -> Self {
        Self { token, email: String::new(), full_name: String::new(), password: Secret::new(String::new()) }
    }

    fn page<'a>(&'a self, frame: &'a Frame, alerts: &'a Alerts) -> SetupPage<'a> {
        let Self { token, email, full_name, .. } = self;
        SetupPage { frame, token, email, full_name, alerts }
    }

    /// What the service makes an owner of, or what is wrong with it.
    fn setup(&self, words: &Words) -> Result<Setup, Alerts> {
        Ok(Setup {
            token: Secret::new(self.token.clone()),
            email: self.email.parse().map_err(|_| Alerts::beside("email", words.invalid_email))?,
            password: Secret::new(self.password.expose().clone()),
            full_name: name(&self.full_name)
                .ok_or_else(|| Alerts::beside("full_name", words.name_is_wrong))?,
        })
    }
}

/// A person's name as it is typed; none if it cannot be one.
pub(crate) fn name(typed: &str) -> Option<String> {
    let name = typed.trim();
    (name.chars().count() <= LONGEST_NAME && !name.chars().any(char::is_control)).then(|| name.to_owned())
}

/// Whether a text is a setup token by its form; the database says whether it is good.
fn is_setup_token(text: &str) -> bool {
    OpaqueToken::parse(text).is_ok_and(|token| token.kind == TokenKind::SetupToken)
}
