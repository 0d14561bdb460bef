#![doc = include_str!("../README.md")]

pub mod bulk;
pub mod discovery;
pub mod error;
pub mod filter;
pub mod list;
mod listed;
mod nesting;
pub mod order;
pub mod patch;
pub mod projection;
pub mod query;
pub mod resource;
pub mod schema;
mod value;
mod values;

pub use nesting::MAX_NESTING;

/// The media type of every SCIM body (RFC 7644 §8.1).
pub const MEDIA_TYPE: &str = "application/scim+json";

/// Which habits of clients, outside of the RFCs, are served; a directory's profile sets them.
#[derive(Debug, Clone, Copy)]
pub struct Options {
    /// An add or replace whose value filter matches nothing creates the value from the filter's `eq` terms,
    /// as Entra expects; otherwise it is `noTarget` (RFC 7644 §3.5.2.3).
    pub create_on_no_match: bool,
    /// A number is taken where the schema says string, as Okta's samples send `employeeNumber`.
    pub numbers_as_text: bool,
    /// Hears of each habit that a client has shown and that was served.
    pub served: fn(Habit),
}

/// A habit of clients that [`Options`] let be served.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Habit {
    /// See [`Options::create_on_no_match`].
    CreateOnNoMatch,
    /// See [`Options::numbers_as_text`].
    NumbersAsText,
}

impl Options {
    /// No habits.
    pub const STRICT: Self = Self { create_on_no_match: false, numbers_as_text: false, served: |_| {} };
}

impl Default for Options {
    fn default() -> Self {
        Self::STRICT
    }
}
