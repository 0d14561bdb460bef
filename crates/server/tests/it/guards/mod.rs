//! Guards over the whole system: every route, with every role, with another tenant's ids.

mod access;
mod events;
mod isolation;
mod support;
