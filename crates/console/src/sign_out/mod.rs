//! Signing out.

pub(crate) mod routes;

use serde::Deserialize;

/// A form in which nothing is typed.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Nothing {}
