//! The gate on a real database with its real roles.

mod cancellation;
mod compile_fail;
mod cross_tenant;
mod gate;
mod isolation_catalogue;
mod migration;
mod proxy;
mod roles;
mod tenant_setting;
mod transaction;
