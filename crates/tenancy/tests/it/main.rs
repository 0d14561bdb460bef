//! Tenancy as its clients see it.

mod access_check;
mod grant;
mod isolation;
mod member;
mod organization;
mod role;
mod tree;
