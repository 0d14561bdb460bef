#![doc = include_str!("../README.md")]

mod error;
pub mod framework;
mod paper;
pub mod report;
mod routes;
pub mod schedule;
pub mod template;

pub use error::Error;
pub use report::{forget_reports, write_report};
pub use routes::routes;
pub use schedule::{Told, have_reports_made, tell_of_reports};
