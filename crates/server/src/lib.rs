//! The composition root as a library, so that tests run the same application as the binary.

mod application;
mod migrations;

pub use application::{Application, api, openapi};
pub use migrations::{MigrateError, Migration, migrate, pending};
