//! The first start: how the platform gets its owner, and how its operator adds others from the shell.

pub(crate) mod routes;
pub(crate) mod service;

pub(crate) use elder_api_types::setup::Setup;
pub use service::{bootstrap_owner, create_operator, setup_link};
