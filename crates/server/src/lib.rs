//! The binary `elder` as a library: composition root and command line. Tests run the same application.

mod application;
pub mod embedded;
mod migrations;

pub use application::{Application, api, openapi};
pub use migrations::{MigrateError, Migration, migrate, pending};
