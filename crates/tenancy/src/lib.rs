#![doc = include_str!("../README.md")]

pub mod access_check;
mod brand;
pub mod domain;
pub mod feature;
pub mod grant;
pub mod member;
pub mod offer;
pub mod organization;
pub mod platform;
pub mod role;
mod routes;
pub mod settings;
pub mod tenant;

pub use brand::{Brand, readable_on};
pub use domain::DomainResolver;
pub use routes::routes;
