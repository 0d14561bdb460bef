//! Copies of all that is known of a person.

pub(crate) mod service;
