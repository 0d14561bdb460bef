#![doc = include_str!("../README.md")]

mod directory;
mod discovery;
mod error;
mod routes;
mod token;
mod user;
mod wire;

pub use directory::{Deprovisioning, Directory, DirectoryId, DirectoryPatch, NewDirectory, Provider};
pub use error::Error;
pub use routes::routes;
pub use token::{IssuedToken, NewScimToken, ScimToken, ScimTokenId};
pub use user::{ScimOperation, ScimPatch, ScimSearch, ScimUser};
pub use wire::PROBLEMS;
