//! The database as the gate sees it: two pools, and connections that are inside a transaction from the start.

mod connection;
mod error;
mod lending;
mod pool;
mod role;
mod row;
mod tls;

pub use connection::{Conn, PlatformConn, TenantConn};
pub use error::DbError;
pub use pool::{ConnectError, DatabaseTarget};
pub use role::{Bypass, RoleRefused};
pub use row::Row;
pub use tls::tls_connector;

pub(crate) use connection::{Opening, Platform, Side, Tenant};
pub(crate) use pool::Pool;
