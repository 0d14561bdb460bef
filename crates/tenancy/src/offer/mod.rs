//! Offers: the roles that somebody is promised who has no account yet.

mod service;

use elder_access::{Authority, Role as BuiltIn, Write, flows};
use serde::{Deserialize, Serialize};

pub use elder_api_types::{RoleId, invitation::OrganizationRole};
pub use service::{give, gives, gives_there};

/// A right by which an offer is made good.
pub trait KeepsOffers: Authority<Mode = Write> {}
impl KeepsOffers for flows::Invitation {}
impl KeepsOffers for flows::EmailProof {}
impl KeepsOffers for flows::SingleSignOn {}

/// Roles that somebody is promised. It is JSON in the database, because nobody has them yet.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Offer {
    /// The built-in role over the tenant; who makes the account gives it.
    pub tenant_role: Option<BuiltIn>,
    /// The custom roles over the tenant.
    pub roles: Vec<RoleId>,
    /// The roles in organizations.
    pub organizations: Vec<OrganizationRole>,
}
