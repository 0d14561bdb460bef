#![doc = include_str!("../README.md")]

mod log;
mod redacted;
mod task;
mod trace;

pub use log::{Format, InitError, init};
pub use redacted::Redacted;
pub use task::spawn;
pub use trace::{Traces, answered, call_span, called, end_traces, request_span, statement_span, traceparent};
