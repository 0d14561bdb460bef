//! Grants: the roles that a user has over the whole tenant, and on the platform.

mod error;
pub(crate) mod routes;
mod service;

pub use elder_api_types::{
    UserId,
    grant::{Grants, NewGlobalRole, NewGrants},
};
pub use error::Error;
pub use service::{Post, another_has};
