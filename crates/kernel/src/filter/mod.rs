//! The SCIM filter grammar (RFC 7644 §3.4.2.2), parsed once for REST and SCIM.
//!
//! [`Filter::parse`] reads a filter, [`Path::parse`] the target of a PATCH operation (§3.5.2). Both take a
//! [`Dialect`], which bounds the input and says whether the loose forms of some clients are understood.
//! The work is linear in the input, and the recursion ends at the dialect's depth.

mod ast;
mod cursor;
mod dialect;
mod error;
mod parser;
#[cfg(test)]
mod tests;

pub use ast::{AttributePath, Compare, Filter, Literal, Path, Place};
pub use dialect::{Dialect, Limits};
pub use error::{FilterError, FilterErrorKind};
