//! Forgotten passwords: a link is asked for, and leads to the form for another password.

pub(crate) mod routes;

use askama::Template;
use elder_kernel::Secret;
use serde::Deserialize;

use crate::{alerts::Alerts, frame::Frame};

/// What the link in a mail carries.
#[derive(Debug, Deserialize, garde::Validate)]
pub(crate) struct Link {
    /// Nothing, for somebody who has no link yet.
    #[serde(default)]
    #[garde(length(max = 1_000))]
    pub(crate) token: String,
}

/// Whose password is forgotten.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Forgotten {
    email: String,
}

/// Another password.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Chosen {
    token: Secret<String>,
    password: Secret<String>,
}

#[derive(Template)]
#[template(path = "forgot.html")]
struct ForgotPage<'a> {
    frame: &'a Frame,
    alerts: &'a Alerts,
}

#[derive(Template)]
#[template(path = "reset.html")]
struct ResetPage<'a> {
    frame: &'a Frame,
    token: &'a str,
    alerts: &'a Alerts,
}
