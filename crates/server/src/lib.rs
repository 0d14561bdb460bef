//! The binary `elder` as a library: composition root and command line. Tests run the same application.

mod application;
mod archive;
pub mod cli;
mod copies;
mod demo;
pub mod embedded;
mod failure;
mod licensing;
mod limits;
mod mail;
mod migrations;
mod openapi;
mod queue;
mod reference;
mod site;
mod startup;
mod stolen_passwords;
mod worker;

pub use application::{Application, api};
pub use migrations::{MigrateError, Migration, migrate, newer, pending};
pub use openapi::openapi;
pub use queue::{Queue, QueueSchemaError};
pub use stolen_passwords::AskedAbroad;
