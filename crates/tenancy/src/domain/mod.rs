//! E-mail domains of a tenant.

mod name;

pub use name::{DomainName, InvalidDomain};
