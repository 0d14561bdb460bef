//! Identity providers across tenants, for operators: the platform's own, and those of every tenant.

pub(crate) mod routes;
