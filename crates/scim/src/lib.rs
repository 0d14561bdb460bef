#![doc = include_str!("../README.md")]

mod directory;
mod discovery;
mod error;
mod routes;
mod token;
mod wire;

pub use directory::{Deprovisioning, Directory, DirectoryPatch, NewDirectory, Provider};
pub use error::Error;
pub use routes::routes;
pub use token::{IssuedToken, NewScimToken, ScimToken};
pub use wire::PROBLEMS;
