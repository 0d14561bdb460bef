//! The database as the gate sees it: two pools, and connections that are inside a transaction from the start.

mod connection;
mod error;
mod lending;
mod line;
mod packed;
mod pool;
mod progress;
mod role;
mod row;
mod silence;
mod statement;
mod url;

pub use connection::{Conn, PlatformConn, TenantConn};
pub use error::DbError;
pub use packed::packed;
pub use pool::{ConnectError, DatabaseTarget};
pub use role::{Bypass, RoleRefused};
pub use row::Row;
pub use url::{UrlError, database_url};

pub(crate) use connection::{Opening, Platform, Side, Tenant};
pub(crate) use packed::packed_row;
pub(crate) use pool::Pool;

#[cfg(test)]
mod tests;
