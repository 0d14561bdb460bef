#![doc = include_str!("../README.md")]

mod actions;
mod authority;
mod database;
mod doors;
mod gatekeeper;
mod job;
mod networks;
mod pager;
mod permissions;
mod platform_state;
mod principal;
pub mod session;
mod transaction;

pub use self::permissions::markers;
pub use self::permissions::{
    Entitlements, Feature, Level, Permission, PermissionRow, PermissionSet, RateClass, Tier,
    UnknownPermission,
};
pub use actions::{Action, Category};
pub use authority::{Authority, Flow, Mode, OwnRead, OwnWrite, Read, Work, Write, flows, work};
pub use database::{
    Bypass, Conn, ConnectError, DatabaseTarget, DbError, PlatformConn, RoleRefused, Row, TenantConn,
    tls_connector,
};
pub use doors::{Access, Guest, Keys, Myself, Operator, authenticate, caller};
pub use gatekeeper::{AccessPolicy, Committed, Gatekeeper, OpenError, Parts, PoolStatus};
pub use job::{Job, Worker};
pub use networks::Networks;
pub use pager::{InvalidCursor, Pager};
pub use platform_state::{Maintenance, PlatformState};
pub use principal::{
    Actor, DirectoryPrincipal, GlobalRole, KeyOwner, KeyPrincipal, OrgGrant, Principal, Reach, Role,
    UserPrincipal, Who,
};
pub use transaction::{Change, Changes, Event, Outcome, PlatformTx, TenantTx};
