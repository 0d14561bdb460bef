//! Metrics and health of the whole application.

mod exposition;
mod health;
mod prometheus;
