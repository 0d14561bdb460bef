//! Accepting an invitation.

pub(crate) mod routes;

use askama::Template;
use elder_kernel::Secret;
use serde::Deserialize;

use crate::{alerts::Alerts, frame::Frame};

/// What somebody typed who accepts.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Accepted {
    token: Secret<String>,
    full_name: String,
    password: Secret<String>,
}

/// The form by which somebody gets an account.
#[derive(Template)]
#[template(path = "join.html")]
pub(crate) struct JoinPage<'a> {
    pub(crate) frame: &'a Frame,
    pub(crate) title: &'a str,
    pub(crate) action: &'a str,
    /// Of the invitation; who asks for an account by themselves says the address instead.
    pub(crate) token: Option<&'a str>,
    pub(crate) email: &'a str,
    pub(crate) full_name: &'a str,
    pub(crate) alerts: &'a Alerts,
}
