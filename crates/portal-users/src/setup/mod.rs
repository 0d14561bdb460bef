//! The first start: how the platform gets its owner, and how its operator adds others from the shell.

pub(crate) mod page;
pub(crate) mod routes;
mod service;

use elder_kernel::Secret;
use serde::Deserialize;
use utoipa::ToSchema;

use crate::account::Email;

pub use service::{bootstrap_owner, create_operator, setup_link};

/// The first person.
#[derive(Debug, Deserialize, garde::Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Setup {
    /// The token of the setup link.
    #[garde(skip)]
    #[schema(value_type = String, format = "password", write_only)]
    token: Secret<String>,
    /// The address.
    #[garde(skip)]
    #[schema(value_type = String, format = "email", example = "ana@example.com")]
    email: Email,
    /// The password.
    #[garde(skip)]
    #[schema(value_type = String, format = "password", write_only)]
    password: Secret<String>,
    /// The person's name.
    #[garde(length(chars, max = 200))]
    #[schema(max_length = 200)]
    full_name: String,
}
