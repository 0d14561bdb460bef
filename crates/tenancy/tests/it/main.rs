//! Tenancy as its clients see it.

#![cfg(test)]

mod access_check;
mod dns;
mod domain;
mod feature;
mod grant;
mod ip_allowlist;
mod isolation;
mod lifecycle;
mod managed_tenant;
mod member;
mod organization;
mod platform;
mod role;
mod tenant;
mod tenant_context;
mod tree;
mod upkeep;
