#![doc = include_str!("../README.md")]

mod actions;
mod assurance;
mod authority;
mod batch;
mod bodies;
mod changes;
mod database;
mod doors;
mod entitlements;
mod event;
mod gatekeeper;
mod job;
mod limits;
mod listing;
mod opening;
mod origins;
mod pager;
mod people;
mod permissions;
mod platform_state;
mod principal;
mod remembered;
mod repeat;
mod second_person;
pub mod session;
mod transaction;

pub use self::permissions::markers;
pub use self::permissions::{Permission, PermissionRow, PermissionSet, RateClass};
pub use actions::{Action, Category, Outcome};
pub use assurance::{Assurance, MULTI_FACTOR};
pub use authority::{Authority, Flow, Mode, OwnLeave, OwnRead, OwnWrite, Read, Work, Write, flows, work};
pub use batch::{BatchOf, Made, Operations};
pub use bodies::{digest_of_body, place_of_body};
pub use changes::Changes;
pub use database::{
    Bypass, Conn, ConnectError, DatabaseTarget, DbError, PlatformConn, RoleRefused, Row, TenantConn,
    UrlError, database_url, packed,
};
pub use doors::{
    Access, Fresh, Guest, Keys, Lasting, Myself, Operator, Own, Visitor, authenticate, caller, cors, is_page,
    limited, pusher, record_call,
};
pub use elder_api_types::{
    batch::{BatchAnswer, BatchProblem, BatchRequest, BatchResult, Unoffered},
    networks::Networks,
    permission::{Feature, Level, PermissionName, Tier, UnknownPermission},
    platform::Maintenance,
    role::{GlobalRole, Role},
    tenant::SubscriptionTier,
};
pub use entitlements::{Entitlements, Unlicensed};
pub use event::{Change, Event};
pub use gatekeeper::{
    AccessPolicy, Asides, Committed, Gatekeeper, OpenError, Parts, PoolStatus, signing_keys,
};
pub use job::{Job, Worker};
pub use limits::{Limits, Quotas};
pub use listing::{Found, Join, Scope, Source, Stored};
pub use pager::{InvalidCursor, Pager};
pub use people::{ERASED, Person, WITHHELD};
pub use platform_state::PlatformState;
pub use principal::{
    Actor, DirectoryPrincipal, Impersonator, KeyOwner, KeyPrincipal, OrgGrant, Principal, Reach,
    UserPrincipal, Who,
};
pub use repeat::forget_answers;
pub use second_person::{Asked, SecondPersonError};
pub use transaction::{PlatformTx, TenantTx};
