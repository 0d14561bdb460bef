#![doc = include_str!("../README.md")]

mod log;
mod redacted;
mod task;

pub use log::{Format, InitError, init};
pub use redacted::Redacted;
pub use task::spawn;
