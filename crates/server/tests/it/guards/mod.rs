//! Guards over the whole system: every route, with every role, with another tenant's ids, with broken requests.

mod access;
mod events;
mod generated;
mod isolation;
mod malformed;
mod openapi;
mod repeats;
mod support;
mod token;
mod versions;
