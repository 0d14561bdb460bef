//! Addresses: how one is proven, and how people change their own.

pub(crate) mod routes;
pub(crate) mod service;

use serde::{Deserialize, Serialize};

use crate::account::Email;
pub(crate) use elder_api_types::email_proof::{EmailOutcome, OpenedLink, OwnEmail, ProvenEmail};

/// What the two links of a change carry.
#[derive(Debug, Serialize, Deserialize)]
struct Change {
    /// Tells the links of one change from those of another.
    change: String,
    /// The address that the account shall have.
    email: Email,
}
