#![doc = include_str!("../README.md")]

pub mod domain;
pub mod feature;
mod paging;
pub mod platform;
mod routes;
pub mod settings;
pub mod tenant;

pub use domain::DomainResolver;
pub use routes::routes;
