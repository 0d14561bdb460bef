//! Guards over the whole system: every route, with every role, with another tenant's ids, with broken requests.

mod access;
mod batches;
mod bodies;
mod events;
mod generated;
mod isolation;
mod license;
pub(crate) mod malformed;
mod openapi;
mod privacy;
mod repeats;
mod secrets;
pub(crate) mod support;
mod token;
mod versions;
