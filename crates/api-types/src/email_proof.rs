//! Links that prove an address, and changes of one's own address.

use elder_kernel::Secret;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::email::Email;

/// A mailed link that somebody has opened.
#[cfg_attr(feature = "client", derive(serde::Serialize))]
#[derive(Debug, Deserialize, garde::Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct OpenedLink {
    /// The token of the link.
    #[garde(skip)]
    #[schema(value_type = String, format = "password", write_only)]
    #[cfg_attr(feature = "client", serde(serialize_with = "crate::secret::exposed"))]
    pub token: Secret<String>,
}

/// What an opened link has led to.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct ProvenEmail {
    /// What that is.
    pub outcome: EmailOutcome,
    /// The address that is proven.
    #[schema(value_type = String, format = "email", example = "ana@example.com")]
    pub email: Email,
}

/// What proving an address leads to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum EmailOutcome {
    /// The address of an account is proven.
    Verified,
    /// The account that somebody asked for is there: they may sign in.
    Registered,
    /// One of the two addresses agrees to the change; the other one is still to be asked.
    HalfConfirmed,
    /// Both addresses have agreed: the account has the new one.
    Changed,
}

/// Another address for oneself.
#[cfg_attr(feature = "client", derive(serde::Serialize))]
#[derive(Debug, Deserialize, garde::Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct OwnEmail {
    /// The new address.
    #[garde(skip)]
    #[schema(value_type = String, format = "email", example = "ana@new.example.com")]
    pub email: Email,
    /// The present password.
    #[garde(skip)]
    #[schema(value_type = String, format = "password", write_only)]
    #[cfg_attr(feature = "client", serde(serialize_with = "crate::secret::exposed"))]
    pub current_password: Secret<String>,
}
